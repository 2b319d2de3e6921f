/** One number of a layout row: where CPython keeps it, and in which minor versions it exists. */
export interface Probe {
  /** Path in `MeasuredLayout`: `frame.previous`. */
  readonly field: string;
  /** The C type, as its header or DWARF spells it. */
  readonly type: string;
  /** A member for `offsetof`; `sizeof` for the type's size; `bits …` for the lowest bit of a bit field of `state`. */
  readonly member: string;
  /** Inclusive range of minor versions: `3.7-3.11`, `3.9-`, `-3.10`, `2.7`, or empty for all. */
  readonly versions: string;
  /** Which builds have it: those with `Py_GIL_DISABLED`, those without, or `undefined` for all. */
  readonly builds: 'free-threaded' | 'with-gil' | undefined;
}

/** Structs that no installed header declares, so that they are taken from DWARF, and in which versions. */
export const HIDDEN_STRUCTS: Readonly<Record<string, { versions: string; startsWithObject: boolean }>> = {
  // Objects/dict-common.h; moved to Include/internal/pycore_dict.h in 3.11.
  'struct _dictkeysobject': { versions: '3.6-3.10', startsWithObject: false },
  // Modules/gcmodule.c; moved to Include/internal/mem.h in 3.7.
  'struct gc_generation': { versions: '2.7-3.6', startsWithObject: false },
  // Objects/rangeobject.c, a typedef without a struct tag.
  rangeobject: { versions: '', startsWithObject: true },
  // Modules/_collectionsmodule.c, a typedef without a struct tag, and the blocks that it chains.
  dequeobject: { versions: '3.6-', startsWithObject: true },
  'struct BLOCK': { versions: '3.6-', startsWithObject: false },
  // Modules/_threadmodule.c, threadmodule.c in 2.7: typedefs without a struct tag.
  lockobject: { versions: '', startsWithObject: true },
  rlockobject: { versions: '3.6-', startsWithObject: true },
  // Objects/moduleobject.c; moved to Include/internal/pycore_moduleobject.h in 3.11.
  PyModuleObject: { versions: '-3.10', startsWithObject: true },
};

/** Headers that are included when a version has them; the order matters to none. */
export const HEADERS: readonly string[] = [
  'Python.h',
  'frameobject.h',
  'longintrepr.h',
  'structmember.h',
  'internal/pystate.h',
  'internal/pycore_pystate.h',
  'internal/pycore_interp.h',
  'internal/pycore_runtime.h',
  'internal/pycore_gil.h',
  'internal/pycore_frame.h',
  'internal/pycore_interpframe_structs.h',
  'internal/pycore_code.h',
  'internal/pycore_dict.h',
  'internal/pycore_long.h',
  'internal/pycore_moduleobject.h',
  'internal/pycore_tstate.h',
];

const FREE_THREADED = 'free-threaded';
const WITH_GIL = 'with-gil';

type Row = readonly [
  field: string,
  type: string,
  member: string,
  versions?: string,
  builds?: NonNullable<Probe['builds']>,
];

const ROWS: readonly Row[] = [
  ['runtime.finalizing', '_PyRuntimeState', 'finalizing', '3.7-3.8'],
  ['runtime.finalizing', '_PyRuntimeState', '_finalizing', '3.9-'],
  ['runtime.interpretersHead', '_PyRuntimeState', 'interpreters.head', '3.7-'],
  ['runtime.interpretersMain', '_PyRuntimeState', 'interpreters.main', '3.7-'],
  ['runtime.currentThreadState', '_PyRuntimeState', 'gilstate.tstate_current', '3.7-3.11'],
  ['runtime.gil', '_PyRuntimeState', 'ceval.gil', '3.7-3.11'],
  ['runtime.gcCollecting', '_PyRuntimeState', 'gc.collecting', '3.7-3.8'],
  ['runtime.mainThread', '_PyRuntimeState', 'ceval.pending.main_thread', '3.7'],
  ['runtime.mainThread', '_PyRuntimeState', 'main_thread', '3.8-'],
  ['runtime.pendingCalls', '_PyRuntimeState', 'ceval.pending', '3.7-3.8'],
  ['runtime.evalBreaker', '_PyRuntimeState', 'ceval.eval_breaker', '3.7-3.8'],

  ['runtime.gcGenerations', '_PyRuntimeState', 'gc.generations', '3.7-3.8'],
  ['runtime.gcPermanent', '_PyRuntimeState', 'gc.permanent_generation', '3.7-3.8'],

  ['gil.sizeBytes', 'struct _gil_runtime_state', 'sizeof', '3.7-'],
  ['gil.lastHolder', 'struct _gil_runtime_state', 'last_holder', '3.7-'],
  ['gil.locked', 'struct _gil_runtime_state', 'locked', '3.7-'],
  ['gil.switchNumber', 'struct _gil_runtime_state', 'switch_number', '3.7-'],
  ['gil.cond', 'struct _gil_runtime_state', 'cond', '3.7-'],
  ['gil.switchCond', 'struct _gil_runtime_state', 'switch_cond', '3.7-'],
  ['gil.condSizeBytes', 'pthread_cond_t', 'sizeof', '3.7-'],
  ['gil.enabled', 'struct _gil_runtime_state', 'enabled', '3.13-', FREE_THREADED],

  ['interpreter.next', 'PyInterpreterState', 'next'],
  ['interpreter.id', 'PyInterpreterState', 'id', '3.7-'],
  ['interpreter.threadsHead', 'PyInterpreterState', 'tstate_head', '-3.10'],
  ['interpreter.threadsHead', 'PyInterpreterState', 'threads.head', '3.11-'],
  ['interpreter.threadsMain', 'PyInterpreterState', 'threads.main', '3.13-'],
  ['interpreter.modules', 'PyInterpreterState', 'modules', '-3.11'],
  ['interpreter.modules', 'PyInterpreterState', 'imports.modules', '3.12-'],
  ['interpreter.sysDict', 'PyInterpreterState', 'sysdict'],
  ['interpreter.builtins', 'PyInterpreterState', 'builtins'],
  ['interpreter.gcCollecting', 'PyInterpreterState', 'gc.collecting', '3.9-'],
  ['interpreter.gcFrame', 'PyInterpreterState', 'gc.frame', '3.15-'],
  ['interpreter.gcGenerations', 'PyInterpreterState', 'gc.generations', '3.9-', WITH_GIL],
  ['interpreter.gcPermanent', 'PyInterpreterState', 'gc.permanent_generation', '3.9-', WITH_GIL],
  ['interpreter.gil', 'PyInterpreterState', 'ceval.gil', '3.12-'],
  ['interpreter.pendingCalls', 'PyInterpreterState', 'ceval.pending', '3.9-'],
  ['interpreter.evalBreaker', 'PyInterpreterState', 'ceval.eval_breaker', '3.9-3.12'],
  ['interpreter.remoteDebugging', 'PyInterpreterState', 'config.remote_debug', '3.14-'],
  ['interpreter.codeObjectGeneration', 'PyInterpreterState', '_code_object_generation', '3.14-'],

  ['threadState.sizeBytes', 'PyThreadState', 'sizeof'],
  ['threadState.next', 'PyThreadState', 'next'],
  ['threadState.interpreter', 'PyThreadState', 'interp'],
  ['threadState.frame', 'PyThreadState', 'frame', '-3.10'],
  ['threadState.frame', 'PyThreadState', 'current_frame', '3.13-'],
  ['threadState.cframe', 'PyThreadState', 'cframe', '3.10-3.12'],
  ['threadState.cframeCurrentFrame', '_PyCFrame', 'current_frame', '3.11-3.12'],
  ['threadState.threadId', 'PyThreadState', 'thread_id'],
  ['threadState.nativeThreadId', 'PyThreadState', 'native_thread_id', '3.11-'],
  ['threadState.datastackChunk', 'PyThreadState', 'datastack_chunk', '3.11-'],
  ['threadState.dict', 'PyThreadState', 'dict'],
  ['threadState.raisedException', 'PyThreadState', 'curexc_type', '-3.11'],
  ['threadState.raisedException', 'PyThreadState', 'current_exception', '3.12-'],
  ['threadState.handledException', 'PyThreadState', 'exc_type', '-3.6'],
  ['threadState.exceptionInfo', 'PyThreadState', 'exc_info', '3.7-'],
  ['threadState.exceptionState', 'PyThreadState', 'exc_state', '3.7-'],
  ['threadState.evalBreaker', 'PyThreadState', 'eval_breaker', '3.13-'],
  ['threadState.remoteDebugger', 'PyThreadState', 'remote_debugger_support', '3.14-'],
  ['threadState.runningLoop', '_PyThreadStateImpl', 'asyncio_running_loop', '3.13-'],

  ['exceptionItem.exception', '_PyErr_StackItem', 'exc_type', '3.7-3.10'],
  ['exceptionItem.exception', '_PyErr_StackItem', 'exc_value', '3.11-'],
  ['exceptionItem.previous', '_PyErr_StackItem', 'previous_item', '3.7-'],

  ['pendingCalls.sizeBytes', 'struct _pending_calls', 'sizeof', '3.7-'],
  ['pendingCalls.lock', 'struct _pending_calls', 'lock', '3.7-3.12'],
  ['pendingCalls.mutex', 'struct _pending_calls', 'mutex', '3.13-'],
  ['pendingCalls.callsToDo', 'struct _pending_calls', 'calls_to_do', '3.7-3.12'],
  ['pendingCalls.count', 'struct _pending_calls', 'npending', '3.13-'],
  ['pendingCalls.most', 'struct _pending_calls', 'max', '3.13-'],
  ['pendingCalls.calls', 'struct _pending_calls', 'calls', '3.7-'],
  ['pendingCalls.secondCall', 'struct _pending_calls', 'calls[1]', '3.7-'],
  ['pendingCalls.first', 'struct _pending_calls', 'first', '3.7-'],
  ['pendingCalls.last', 'struct _pending_calls', 'last', '3.7-3.12'],
  ['pendingCalls.last', 'struct _pending_calls', 'next', '3.13-'],

  ['remoteDebugger.pendingCall', '_PyRemoteDebuggerSupport', 'debugger_pending_call', '3.14-'],
  ['remoteDebugger.scriptPath', '_PyRemoteDebuggerSupport', 'debugger_script_path', '3.14-'],
  [
    'remoteDebugger.pathSizeBytes',
    '((_PyRemoteDebuggerSupport *)0)->debugger_script_path',
    'sizeof',
    '3.14-',
  ],

  // The locals are a trailing array of one in the declaration, so sizeof would count the first of them.
  ['frame.sizeBytes', 'PyFrameObject', 'f_localsplus', '-3.10'],
  ['frame.sizeBytes', '_PyInterpreterFrame', 'localsplus', '3.11-'],
  ['frame.previous', 'PyFrameObject', 'f_back', '-3.10'],
  ['frame.previous', '_PyInterpreterFrame', 'previous', '3.11-'],
  ['frame.code', 'PyFrameObject', 'f_code', '-3.10'],
  ['frame.code', '_PyInterpreterFrame', 'f_code', '3.11-3.12'],
  ['frame.code', '_PyInterpreterFrame', 'f_executable', '3.13-'],
  ['frame.lastInstruction', 'PyFrameObject', 'f_lasti', '-3.10'],
  ['frame.lastInstruction', '_PyInterpreterFrame', 'prev_instr', '3.11-3.12'],
  ['frame.lastInstruction', '_PyInterpreterFrame', 'instr_ptr', '3.13-'],
  ['frame.locals', 'PyFrameObject', 'f_localsplus', '-3.10'],
  ['frame.locals', '_PyInterpreterFrame', 'localsplus', '3.11-'],
  ['frame.owner', '_PyInterpreterFrame', 'owner', '3.11-'],
  ['frame.isEntry', '_PyInterpreterFrame', 'is_entry', '3.11'],
  ['frame.tlbcIndex', '_PyInterpreterFrame', 'tlbc_index', '3.14-', FREE_THREADED],
  ['frame.globals', 'PyFrameObject', 'f_globals', '-3.10'],
  ['frame.globals', '_PyInterpreterFrame', 'f_globals', '3.11-'],
  ['frame.valueStack', 'PyFrameObject', 'f_valuestack', '-3.10'],
  ['frame.blockCount', 'PyFrameObject', 'f_iblock', '-3.10'],
  ['frame.blocks', 'PyFrameObject', 'f_blockstack', '-3.10'],
  ['frame.stackTop', 'PyFrameObject', 'f_stacktop', '-3.9'],
  ['frame.stackTop', '_PyInterpreterFrame', 'stacktop', '3.11-3.13'],
  ['frame.stackTop', '_PyInterpreterFrame', 'stackpointer', '3.14-'],
  ['frame.stackDepth', 'PyFrameObject', 'f_stackdepth', '3.10'],
  ['frame.state', 'PyFrameObject', 'f_state', '3.10'],

  ['generator.frame', 'PyGenObject', 'gi_frame', '-3.10'],
  ['generator.running', 'PyGenObject', 'gi_running', '-3.9'],
  ['generator.frameState', 'PyGenObject', 'gi_frame_state', '3.11-'],
  ['generator.inlineFrame', 'PyGenObject', 'gi_iframe', '3.11-'],
  ['generator.qualname', 'PyGenObject', 'gi_qualname', '3.6-'],

  ['code.sizeBytes', 'PyCodeObject', 'sizeof'],
  ['code.filename', 'PyCodeObject', 'co_filename'],
  ['code.name', 'PyCodeObject', 'co_name'],
  ['code.qualname', 'PyCodeObject', 'co_qualname', '3.11-'],
  ['code.lineTable', 'PyCodeObject', 'co_lnotab', '-3.9'],
  ['code.lineTable', 'PyCodeObject', 'co_linetable', '3.10-'],
  ['code.firstLine', 'PyCodeObject', 'co_firstlineno'],
  ['code.argCount', 'PyCodeObject', 'co_argcount'],
  ['code.posOnlyArgCount', 'PyCodeObject', 'co_posonlyargcount', '3.8-'],
  ['code.kwOnlyArgCount', 'PyCodeObject', 'co_kwonlyargcount', '3.6-'],
  ['code.flags', 'PyCodeObject', 'co_flags'],
  ['code.varNames', 'PyCodeObject', 'co_varnames', '-3.10'],
  ['code.cellVars', 'PyCodeObject', 'co_cellvars', '-3.10'],
  ['code.freeVars', 'PyCodeObject', 'co_freevars', '-3.10'],
  ['code.localsPlusNames', 'PyCodeObject', 'co_localsplusnames', '3.11-'],
  ['code.localsPlusKinds', 'PyCodeObject', 'co_localspluskinds', '3.11-'],
  ['code.adaptiveCode', 'PyCodeObject', 'co_code_adaptive', '3.11-'],
  ['code.tlbc', 'PyCodeObject', 'co_tlbc', '3.14-', FREE_THREADED],
  ['code.stackSize', 'PyCodeObject', 'co_stacksize'],
  ['code.exceptionTable', 'PyCodeObject', 'co_exceptiontable', '3.11-'],
  ['code.instructions', 'PyCodeObject', 'co_code', '-3.10'],

  ['collector.headBytes', 'PyGC_Head', 'sizeof', '', WITH_GIL],
  ['collector.generationBytes', 'struct gc_generation', 'sizeof', '', WITH_GIL],

  ['object.sizeBytes', 'PyObject', 'sizeof'],
  ['object.type', 'PyObject', 'ob_type'],
  ['object.varSize', 'PyVarObject', 'ob_size'],

  ['type.sizeBytes', 'PyTypeObject', 'sizeof'],
  ['type.name', 'PyTypeObject', 'tp_name'],
  ['type.basicSize', 'PyTypeObject', 'tp_basicsize'],
  ['type.itemSize', 'PyTypeObject', 'tp_itemsize'],
  ['type.flags', 'PyTypeObject', 'tp_flags'],
  ['type.base', 'PyTypeObject', 'tp_base'],
  ['type.mro', 'PyTypeObject', 'tp_mro'],
  ['type.dict', 'PyTypeObject', 'tp_dict'],
  ['type.dictOffset', 'PyTypeObject', 'tp_dictoffset'],
  ['type.htQualname', 'PyHeapTypeObject', 'ht_qualname', '3.6-'],
  ['type.htCachedKeys', 'PyHeapTypeObject', 'ht_cached_keys', '3.6-'],
  ['type.htSlots', 'PyHeapTypeObject', 'ht_slots'],

  ['unicode.length', 'PyASCIIObject', 'length', '3.6-'],
  ['unicode.state', 'PyASCIIObject', 'state', '3.6-'],
  ['unicode.asciiData', 'PyASCIIObject', 'sizeof', '3.6-'],
  ['unicode.compactData', 'PyCompactUnicodeObject', 'sizeof', '3.6-'],
  ['unicode.dataPointer', 'PyUnicodeObject', 'data', '3.6-'],
  ['unicode.kindShift', 'PyASCIIObject', 'bits kind', '3.6-'],
  ['unicode.compactShift', 'PyASCIIObject', 'bits compact', '3.6-'],
  ['unicode.asciiShift', 'PyASCIIObject', 'bits ascii', '3.6-'],
  ['unicode2.length', 'PyUnicodeObject', 'length', '2.7'],
  ['unicode2.data', 'PyUnicodeObject', 'str', '2.7'],
  // PyBytesObject is a macro for PyStringObject in 2.7.
  ['bytes.size', 'PyBytesObject', 'ob_size', '2.7'],
  ['bytes.size', 'PyBytesObject', 'ob_base.ob_size', '3.6-'],
  ['bytes.data', 'PyBytesObject', 'ob_sval'],
  ['byteArray.size', 'PyByteArrayObject', 'ob_size', '2.7'],
  ['byteArray.size', 'PyByteArrayObject', 'ob_base.ob_size', '3.6-'],
  ['byteArray.start', 'PyByteArrayObject', 'ob_bytes', '2.7'],
  ['byteArray.start', 'PyByteArrayObject', 'ob_start', '3.6-'],
  ['int2.value', 'PyIntObject', 'ob_ival', '2.7'],
  ['long.sizeAndSign', 'PyLongObject', 'ob_size', '2.7'],
  ['long.sizeAndSign', 'PyLongObject', 'ob_base.ob_size', '3.6-3.11'],
  ['long.sizeAndSign', 'PyLongObject', 'long_value.lv_tag', '3.12-'],
  ['long.digits', 'PyLongObject', 'ob_digit', '-3.11'],
  ['long.digits', 'PyLongObject', 'long_value.ob_digit', '3.12-'],
  ['float.value', 'PyFloatObject', 'ob_fval'],
  ['complex.real', 'PyComplexObject', 'cval.real'],
  ['complex.imaginary', 'PyComplexObject', 'cval.imag'],
  ['tuple.size', 'PyTupleObject', 'ob_size', '2.7'],
  ['tuple.size', 'PyTupleObject', 'ob_base.ob_size', '3.6-'],
  ['tuple.items', 'PyTupleObject', 'ob_item'],
  ['list.size', 'PyListObject', 'ob_size', '2.7'],
  ['list.size', 'PyListObject', 'ob_base.ob_size', '3.6-'],
  ['list.items', 'PyListObject', 'ob_item'],
  ['set.used', 'PySetObject', 'used'],
  ['set.mask', 'PySetObject', 'mask'],
  ['set.table', 'PySetObject', 'table'],
  ['set.entrySize', 'setentry', 'sizeof'],
  ['set.entryKey', 'setentry', 'key'],
  ['set.entryHash', 'setentry', 'hash'],
  ['deque.leftBlock', 'dequeobject', 'leftblock', '3.6-'],
  ['deque.leftIndex', 'dequeobject', 'leftindex', '3.6-'],
  ['deque.blockSizeBytes', 'struct BLOCK', 'sizeof', '3.6-'],
  ['deque.blockNext', 'struct BLOCK', 'rightlink', '3.6-'],
  ['deque.blockData', 'struct BLOCK', 'data', '3.6-'],
  ['dict.used', 'PyDictObject', 'ma_used'],
  ['dict.keys', 'PyDictObject', 'ma_keys', '3.6-'],
  ['dict.values', 'PyDictObject', 'ma_values', '3.6-'],
  ['dict.mask', 'PyDictObject', 'ma_mask', '2.7'],
  ['dict.table', 'PyDictObject', 'ma_table', '2.7'],
  ['dictKeys.size', 'struct _dictkeysobject', 'dk_size', '3.6-3.10'],
  ['dictKeys.size', 'struct _dictkeysobject', 'dk_log2_size', '3.11-'],
  ['dictKeys.log2IndexBytes', 'struct _dictkeysobject', 'dk_log2_index_bytes', '3.11-'],
  ['dictKeys.kind', 'struct _dictkeysobject', 'dk_kind', '3.11-'],
  ['dictKeys.entryCount', 'struct _dictkeysobject', 'dk_nentries', '3.6-'],
  ['dictKeys.indices', 'struct _dictkeysobject', 'dk_indices', '3.6-'],
  ['cell.content', 'PyCellObject', 'ob_ref'],
  ['range.start', 'rangeobject', 'start', '3.6-'],
  ['range.stop', 'rangeobject', 'stop', '3.6-'],
  ['range.step', 'rangeobject', 'step', '3.6-'],
  ['xrange2.start', 'rangeobject', 'start', '2.7'],
  ['xrange2.step', 'rangeobject', 'step', '2.7'],
  ['xrange2.length', 'rangeobject', 'len', '2.7'],
  ['slice.start', 'PySliceObject', 'start'],
  ['slice.stop', 'PySliceObject', 'stop'],
  ['slice.step', 'PySliceObject', 'step'],
  ['exception.dict', 'PyBaseExceptionObject', 'dict'],
  ['exception.args', 'PyBaseExceptionObject', 'args'],
  ['function.code', 'PyFunctionObject', 'func_code'],
  ['function.name', 'PyFunctionObject', 'func_name'],
  ['function.qualname', 'PyFunctionObject', 'func_qualname', '3.6-'],
  ['function.closure', 'PyFunctionObject', 'func_closure'],
  ['builtinMethod.definition', 'PyCFunctionObject', 'm_ml'],
  ['builtinMethod.self', 'PyCFunctionObject', 'm_self'],
  ['method.function', 'PyMethodObject', 'im_func'],
  ['method.self', 'PyMethodObject', 'im_self'],
  ['descriptor.name', 'PyDescrObject', 'd_name'],
  ['lock.semaphore', 'lockobject', 'lock_lock', '-3.13'],
  ['lock.mutex', 'lockobject', 'lock', '3.14-'],
  ['rlock.semaphore', 'rlockobject', 'rlock_lock', '3.6-3.13'],
  ['rlock.mutex', 'rlockobject', 'lock.mutex', '3.14-'],
  ['rlock.owner', 'rlockobject', 'rlock_owner', '3.6-3.13'],
  ['rlock.owner', 'rlockobject', 'lock.thread', '3.14-'],
  ['rlock.count', 'rlockobject', 'rlock_count', '3.6-3.13'],
  ['rlock.count', 'rlockobject', 'lock.level', '3.14-'],
  ['weakReference.object', 'PyWeakReference', 'wr_object'],
  ['module.dict', 'PyModuleObject', 'md_dict'],
  ['module.state', 'PyModuleObject', 'md_state', '3.12-'],
  ['instance2.class', 'PyInstanceObject', 'in_class', '2.7'],
  ['instance2.dict', 'PyInstanceObject', 'in_dict', '2.7'],
  ['class2.name', 'PyClassObject', 'cl_name', '2.7'],
  ['class2.bases', 'PyClassObject', 'cl_bases', '2.7'],
  ['class2.dict', 'PyClassObject', 'cl_dict', '2.7'],
];

/** Every number of a layout row, in the order in which the generated files list them. */
export const PROBES: readonly Probe[] = ROWS.map(([field, type, member, versions = '', builds]) => ({
  field,
  type,
  member,
  versions,
  builds,
}));

/** Tells whether a minor version such as `3.11` lies in a range such as `3.7-3.11`, `3.9-` or `-3.10`. */
export function isInVersions(minor: string, versions: string): boolean {
  if (versions === '') return true;
  const [first = '', last = versions.includes('-') ? '' : first] = versions.split('-');
  const isBelow = (left: string, right: string) => rank(left) < rank(right);
  return !(first !== '' && isBelow(minor, first)) && !(last !== '' && isBelow(last, minor));
}

function rank(minor: string): number {
  const [major = 0, number = 0] = minor.split('.').map((part) => Number.parseInt(part, 10));
  return major * 1000 + number;
}
