import type { PythonVersion } from '../../model/python-version.ts';

/** The fields that a version publishes of one struct, in their order. */
export interface DebugOffsetGroup {
  readonly fields: readonly string[];
  /** Bytes of members that are smaller than a word. */
  readonly narrow?: Readonly<Record<string, number>>;
  /** Fields other than `size` that hold a size instead of an offset. */
  readonly sizes?: readonly string[];
}

/** The `_Py_DebugOffsets` of a minor version, after cookie, version and free_threaded. */
export interface DebugOffsetTable {
  /** The first release of x.y.0 that has exactly these fields; earlier pre-releases have others. */
  readonly first: Pick<PythonVersion, 'releaseLevel' | 'serial'>;
  readonly groups: Readonly<Record<string, DebugOffsetGroup>>;
}

const group = (fields: string, narrow: Readonly<Record<string, number>> = {}): DebugOffsetGroup => ({
  fields: fields.split(' '),
  narrow,
});

const RUNTIME = group('size finalizing interpreters_head');
const INTERPRETER_BITS = { gil_runtime_state_enabled: 4, gil_runtime_state_locked: 4 };
const INTERPRETER_END =
  'gc imports_modules sysdict builtins ceval_gil gil_runtime_state gil_runtime_state_enabled gil_runtime_state_locked gil_runtime_state_holder';
const THREAD = group(
  'size prev next interp current_frame thread_id native_thread_id datastack_chunk status',
  { status: 4 },
);
const FRAME = 'size previous executable instr_ptr localsplus owner';
const CODE =
  'size filename name qualname linetable firstlineno argcount localsplusnames localspluskinds co_code_adaptive';
const CODE_BITS = { firstlineno: 4, argcount: 4 };
const TYPE = 'size tp_name tp_repr tp_flags';
const UNICODE = group('size state length asciiobject_size', { state: 4 });

/** From `dict_object` to `bytes_object`: alike in all three. */
const OBJECTS = {
  dict_object: group('size ma_keys ma_values'),
  float_object: group('size ob_fval'),
  long_object: group('size lv_tag ob_digit', { ob_digit: 4 }),
  bytes_object: group('size ob_size ob_sval', { ob_sval: 1 }),
};
const TUPLE = group('size ob_item ob_size');
const LIST = group('size ob_item ob_size');

/** cpython/Include/internal/pycore_runtime.h, 3.13; it grew between its release candidates 1 and 2. */
const PYTHON_3_13: DebugOffsetTable = {
  first: { releaseLevel: 'candidate', serial: 2 },
  groups: {
    runtime_state: RUNTIME,
    interpreter_state: group(`size id next threads_head ${INTERPRETER_END}`, INTERPRETER_BITS),
    thread_state: THREAD,
    interpreter_frame: group(FRAME, { owner: 1 }),
    code_object: group(CODE, CODE_BITS),
    pyobject: group('size ob_type'),
    type_object: group(TYPE),
    tuple_object: TUPLE,
    list_object: LIST,
    ...OBJECTS,
    unicode_object: { ...UNICODE, sizes: ['asciiobject_size'] },
    gc: group('size collecting', { collecting: 4 }),
  },
};

/** What 3.14 added, alike in 3.15. */
const SINCE_3_14 = {
  interpreter_state: group(
    `size id next threads_head threads_main ${INTERPRETER_END} code_object_generation tlbc_generation`,
    { ...INTERPRETER_BITS, tlbc_generation: 4 },
  ),
  interpreter_frame: group(`${FRAME} stackpointer tlbc_index`, { owner: 1, tlbc_index: 4 }),
  code_object: group(`${CODE} co_tlbc`, CODE_BITS),
  set_object: group('size used table mask'),
};

/** The last three groups of 3.14 and 3.15. */
const DEBUGGER = {
  gen_object: group('size gi_name gi_iframe gi_frame_state', { gi_frame_state: 1 }),
  llist_node: group('next prev'),
  debugger_support: {
    ...group(
      'eval_breaker remote_debugger_support remote_debugging_enabled debugger_pending_call debugger_script_path debugger_script_path_size',
      {
        remote_debugger_support: 4,
        remote_debugging_enabled: 4,
        debugger_pending_call: 4,
        debugger_script_path: 1,
      },
    ),
    sizes: ['debugger_script_path_size'],
  },
};

/** cpython/Include/internal/pycore_debug_offsets.h, 3.14. */
const PYTHON_3_14: DebugOffsetTable = {
  first: { releaseLevel: 'final', serial: 0 },
  groups: {
    runtime_state: RUNTIME,
    interpreter_state: SINCE_3_14.interpreter_state,
    thread_state: THREAD,
    interpreter_frame: SINCE_3_14.interpreter_frame,
    code_object: SINCE_3_14.code_object,
    pyobject: group('size ob_type'),
    type_object: group(TYPE),
    tuple_object: TUPLE,
    list_object: LIST,
    set_object: SINCE_3_14.set_object,
    ...OBJECTS,
    unicode_object: { ...UNICODE, sizes: ['asciiobject_size'] },
    gc: group('size collecting', { collecting: 4 }),
    ...DEBUGGER,
  },
};

/** cpython/Include/internal/pycore_debug_offsets.h, 3.15; last_profiled_frame_seq came with beta 4. */
const PYTHON_3_15: DebugOffsetTable = {
  first: { releaseLevel: 'beta', serial: 4 },
  groups: {
    runtime_state: RUNTIME,
    interpreter_state: SINCE_3_14.interpreter_state,
    thread_state: group(
      'size prev next interp current_frame base_frame last_profiled_frame last_profiled_frame_seq thread_id native_thread_id datastack_chunk status holds_gil gil_requested current_exception exc_state',
      { status: 4, holds_gil: 4, gil_requested: 4 },
    ),
    err_stackitem: group('exc_value'),
    interpreter_frame: SINCE_3_14.interpreter_frame,
    code_object: SINCE_3_14.code_object,
    pyobject: group('size ob_type'),
    type_object: group(`${TYPE} tp_basicsize tp_dictoffset`),
    heap_type_object: group('size ht_cached_keys'),
    tuple_object: TUPLE,
    list_object: LIST,
    set_object: SINCE_3_14.set_object,
    ...OBJECTS,
    unicode_object: {
      ...UNICODE,
      fields: [...UNICODE.fields, 'compactunicodeobject_size'],
      sizes: ['asciiobject_size', 'compactunicodeobject_size'],
    },
    gc: {
      ...group('size collecting frame generation_stats_size generation_stats', { collecting: 4 }),
      sizes: ['generation_stats_size'],
    },
    ...DEBUGGER,
  },
};

/** Every table that we know, by minor version. */
export const DEBUG_OFFSET_TABLES: Readonly<Record<string, DebugOffsetTable>> = {
  '3.13': PYTHON_3_13,
  '3.14': PYTHON_3_14,
  '3.15': PYTHON_3_15,
};
