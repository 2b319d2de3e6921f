import { ASYNCIO_LAYOUTS } from './asyncio-layouts.ts';
import { GENERATOR_RULES } from './generator-rules.ts';
import type { AttributeRule, Rules } from './layout.ts';

/** One pointer: what the words before an object are counted in. */
const WORD = 8;

/** Py_TPFLAGS_MANAGED_DICT, cpython/Include/object.h, 3.11 and later. */
const MANAGED_DICT_FLAG = 4;

/** Py_TPFLAGS_MANAGED_WEAKREF, cpython/Include/object.h, 3.12 and later. */
const MANAGED_WEAKREF_FLAG = 3;

/** Py_TPFLAGS_INLINE_VALUES, cpython/Include/object.h, 3.13 and later. */
const INLINE_VALUES_FLAG = 2;

/** A pointer where tp_dictoffset says; cpython/Objects/object.c `_PyObject_GetDictPtr`. */
const DICT_OFFSET: AttributeRule = { kind: 'dictoffset' };

/** `_PyObject_ValuesPointer` and MANAGED_DICT_OFFSET, cpython/Include/internal/pycore_object.h, 3.11. */
const VALUES_AND_DICT_BEFORE: AttributeRule = {
  kind: 'values-and-dict-before',
  managedDict: -3 * WORD,
  values: -4 * WORD,
  managedDictFlag: MANAGED_DICT_FLAG,
  inlineValuesFlag: undefined,
};

/** `_PyObject_DictOrValuesPointer`, cpython/Include/internal/pycore_object.h, 3.12. */
const TAGGED_BEFORE: AttributeRule = {
  kind: 'tagged-before',
  managedDict: -3 * WORD,
  values: undefined,
  managedDictFlag: MANAGED_DICT_FLAG,
  inlineValuesFlag: undefined,
};

/** MANAGED_DICT_OFFSET and `_PyObject_InlineValues`, cpython/Include/internal/pycore_object.h, 3.13 to 3.15. */
const INLINE_AFTER: AttributeRule = {
  kind: 'inline-after',
  managedDict: -3 * WORD,
  values: undefined,
  managedDictFlag: MANAGED_DICT_FLAG,
  inlineValuesFlag: INLINE_VALUES_FLAG,
};

/** The same file under Py_GIL_DISABLED: no PyGC_Head lies between the dict pointer and the object. */
const INLINE_AFTER_WITHOUT_GIL: AttributeRule = { ...INLINE_AFTER, managedDict: -1 * WORD };

/** The rules that are kept in this file; the others have one of their own. */
type RulesHere = Omit<Rules, 'generators' | 'asyncio'>;

const RULES_2_7: RulesHere = {
  // SETUP_WITH and EXTENDED_ARG, cpython/Include/opcode.h, 2.7.
  bytecode: { encoding: 'one-or-three-bytes', extendedArgument: 145, setupWith: [143] },
  withExit: 'bound',
  parkedAddress: undefined,
  // cpython/Objects/lnotab_notes.txt, 2.7: both deltas of a pair are unsigned.
  lineTable: 'lnotab-unsigned',
  lastInstructionUnitBytes: 1,
  shimOwners: [],
  runningFrameStates: [],
  frameOwners: undefined,
  hasBaseFrame: false,
  stackRefTagBits: 0,
  pendingCallsOf: 'main-thread',
  // cpython/Python/ceval.c, 2.7; since PEP 523 (3.6) that is a wrapper which need not be on the stack.
  native: { evaluation: 'PyEval_EvalFrameEx', tailCalls: false },
  // PYLONG_BITS_IN_DIGIT, cpython/Include/longintrepr.h: 30 wherever pointers have 8 bytes.
  longDigitBits: 30,
  longEncoding: 'ob_size',
  attributes: DICT_OFFSET,
  splitValues: { values: 0, order: 'of-keys' },
  sizes: { preHeadFlags: 0, leastDigits: 0, staticTypesHaveHead: false, byteArrayHeadBytes: 0 },
  // POOL_SIZE, cpython/Objects/obmalloc.c, 2.7 to 3.9.
  allocator: { poolBytes: 4096, state: 'variables' },
};

// cpython/Objects/lnotab_notes.txt, 3.6: line deltas are signed.
// SETUP_WITH, SETUP_ASYNC_WITH and EXTENDED_ARG, cpython/Include/opcode.h, 3.6 to 3.10.
const RULES_3_6: RulesHere = {
  ...RULES_2_7,
  bytecode: { encoding: 'words', extendedArgument: 144, setupWith: [143, 154] },
  runningFrameStates: [1],
  lineTable: 'lnotab',
  native: { evaluation: '_PyEval_EvalFrameDefault', tailCalls: false },
};

// cpython/Objects/lnotab_notes.txt, 3.10: co_linetable, pairs of length and signed line delta.
// cpython/Include/cpython/frameobject.h, 3.10: f_lasti counts instructions (_Py_CODEUNIT), -1 before the first.
// FRAME_EXECUTING and FRAME_UNWINDING of `enum _framestate`, cpython/Include/cpython/frameobject.h, 3.10.
// POOL_SIZE, cpython/Objects/obmalloc.c, 3.10 (USE_LARGE_POOLS).
const RULES_3_10: RulesHere = {
  ...RULES_3_6,
  runningFrameStates: [0, 2],
  lineTable: 'linetable',
  lastInstructionUnitBytes: 2,
  allocator: { poolBytes: 16_384, state: 'variables' },
};

// cpython/Objects/locations.md, 3.11. Frames of 3.11 are of a thread, a generator or a frame object only
// (`enum _frameowner`, cpython/Include/internal/pycore_frame.h; FRAME_OWNED_BY_GENERATOR is 1 there and later).
const RULES_3_11: RulesHere = {
  ...RULES_3_10,
  bytecode: undefined,
  runningFrameStates: [],
  frameOwners: { generator: 1, last: 2 },
  lineTable: 'locations',
  lastInstructionUnitBytes: 0,
  attributes: VALUES_AND_DICT_BEFORE,
  // `_PyDictValues_AddToInsertionOrder`, cpython/Include/internal/pycore_dict.h, 3.11.
  splitValues: { values: 0, order: 'bytes-below' },
  // `_PySys_GetSizeOf`, cpython/Python/sysmodule.c, 3.11; `int___sizeof___impl`, cpython/Objects/longobject.c, 3.11.
  sizes: {
    ...RULES_3_10.sizes,
    preHeadFlags: 2 ** MANAGED_DICT_FLAG,
    leastDigits: 1,
    staticTypesHaveHead: true,
  },
};

// FRAME_OWNED_BY_CSTACK is 3, cpython/Include/internal/pycore_frame.h, 3.12 and 3.13.
// `_PyLongValue.lv_tag`, cpython/Include/cpython/longintrepr.h and SIGN_MASK, NON_SIZE_BITS in pycore_long.h, 3.12.
// `obmalloc` of PyInterpreterState, cpython/Include/internal/pycore_interp.h, 3.12 and 3.13.
// `make_pending_calls` and `pending_mainthread`, cpython/Python/ceval_gil.c, 3.12.
const RULES_3_12: RulesHere = {
  ...RULES_3_11,
  pendingCallsOf: 'interpreter',
  allocator: { ...RULES_3_11.allocator, state: 'member' },
  shimOwners: [3],
  frameOwners: { generator: 1, last: 3 },
  longEncoding: 'lv_tag',
  attributes: TAGGED_BEFORE,
  // Py_TPFLAGS_PREHEADER, cpython/Include/object.h, 3.12.
  sizes: { ...RULES_3_11.sizes, preHeadFlags: 2 ** MANAGED_DICT_FLAG + 2 ** MANAGED_WEAKREF_FLAG },
};

// `struct _dictvalues`, cpython/Include/internal/pycore_dict.h, 3.13: capacity, size, embedded, valid, then values;
// `get_insertion_order_array`, ibidem: the order lies behind as many values as the capacity says.
// `struct wait_entry`, cpython/Python/parking_lot.c, 3.13 to 3.15: `addr` lies just before `sema`.
const RULES_3_13: RulesHere = {
  ...RULES_3_12,
  allocator: { ...RULES_3_12.allocator, state: 'pointer' },
  parkedAddress: -WORD,
  attributes: INLINE_AFTER,
  splitValues: { values: 8, order: 'bytes-behind' },
  sizes: { ...RULES_3_12.sizes, staticTypesHaveHead: false },
};

// FRAME_OWNED_BY_INTERPRETER is 3 and FRAME_OWNED_BY_CSTACK 4, cpython/Include/internal/pycore_interpframe_structs.h.
// Py_TAG_BITS is 3, a mask, cpython/Include/internal/pycore_stackref.h; free-threaded builds of 3.14 mask one bit
// of a reference, but keep small ints under the same two-bit tag (Py_INT_TAG), and objects are aligned anyhow.
// --with-tail-call-interp, cpython/Python/ceval_macros.h, 3.14.
// LOAD_SPECIAL, cpython/Python/bytecodes.c, 3.14: function and object take a place each on the value stack.
const RULES_3_14: RulesHere = {
  ...RULES_3_13,
  withExit: 'function-and-self',
  shimOwners: [3, 4],
  frameOwners: { generator: 1, last: 4 },
  stackRefTagBits: 2,
  native: { ...RULES_3_13.native, tailCalls: true },
};

// FRAME_OWNED_BY_CSTACK is gone, cpython/Include/internal/pycore_interpframe_structs.h, 3.15.
// `base_frame` of `_PyThreadStateImpl`, cpython/Include/internal/pycore_tstate.h, 3.15.
// `ob_bytes_object`, cpython/Include/cpython/bytearrayobject.h, 3.15: 33 is the size of an empty bytes.
const RULES_3_15: RulesHere = {
  ...RULES_3_14,
  shimOwners: [3],
  frameOwners: { generator: 1, last: 3 },
  hasBaseFrame: true,
  sizes: { ...RULES_3_14.sizes, byteArrayHeadBytes: 33 },
};

const WITHOUT_GIL = { attributes: INLINE_AFTER_WITHOUT_GIL };

const RULES_HERE: Readonly<Record<string, RulesHere>> = {
  '2.7': RULES_2_7,
  '3.6': RULES_3_6,
  '3.7': RULES_3_6,
  '3.8': RULES_3_6,
  '3.9': RULES_3_6,
  '3.10': RULES_3_10,
  '3.11': RULES_3_11,
  '3.12': RULES_3_12,
  '3.13': RULES_3_13,
  '3.13t': { ...RULES_3_13, ...WITHOUT_GIL },
  '3.14': RULES_3_14,
  '3.14t': { ...RULES_3_14, ...WITHOUT_GIL },
  '3.15': RULES_3_15,
  '3.15t': { ...RULES_3_15, ...WITHOUT_GIL },
};

/** The rules of each minor version, debug builds alike; `t` marks free-threaded builds. */
export const RULES: Readonly<Record<string, Rules>> = Object.fromEntries(
  Object.entries(RULES_HERE).map(([name, rules]) => {
    const minor = name.replace('t', '');
    const generators = GENERATOR_RULES[minor];
    if (generators === undefined) throw new TypeError(`Cannot make rules: none of generators for ${name}`);
    return [name, { ...rules, generators, asyncio: ASYNCIO_LAYOUTS[minor] }];
  }),
);
