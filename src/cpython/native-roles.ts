import type { NativeFrame } from '../model/native-frame.ts';
import type { NativeRules } from './layouts/layout.ts';

/**
 * What a C function is to a reader of Python stacks: the evaluation loop, which stands for the Python frames that it runs;
 * machinery between a Python call and the function that it calls, which says nothing; or something of interest.
 */
export type NativeRole = 'evaluation' | 'machinery' | 'interest';

/** Beginnings of the names of CPython's calling machinery, of all versions. */
const MACHINERY = [
  'PyEval',
  '_PyEval',
  '_Py',
  '_TAIL_CALL_',
  'PyObject_Call',
  'call_function',
  'classmethoddescr_call',
  'cmpwrapper_call',
  'do_call_core',
  'fast_function',
  'function_call',
  'function_code_fastcall',
  'instance_call',
  'instancemethod_call',
  'methoddescr_call',
  'object_vacall',
  'proxy_call',
  'py_trampoline_evaluator',
  'slot_tp_call',
  'type_call',
  'weakref_call',
  'wrap_call',
  'wrapper_call',
  'wrapperdescr_call',
];

/** How the piece of code is called that `-X perf` puts before each Python function (Python/perf_trampoline.c, 3.12). */
const TRAMPOLINE_START = 'py::';

/**
 * Tells the role of a function in the stack of a thread that runs Python; its name may have a suffix of the compiler. A
 * trampoline of `-X perf` is named as the Python function that it leads to, which stands beside it already.
 */
export function nativeRoleOf(
  frame: Pick<NativeFrame, 'symbol' | 'module'> | undefined,
  { evaluation, tailCalls }: NativeRules,
): NativeRole {
  const symbol = frame?.symbol;
  if (symbol === undefined) return 'interest';
  if (symbol.includes(evaluation) || (tailCalls && symbol.startsWith('_TAIL_CALL_'))) return 'evaluation';
  if (frame?.module === undefined && symbol.startsWith(TRAMPOLINE_START)) return 'machinery';
  const isMachinery = MACHINERY.some((start) => symbol.startsWith(start)) || /vectorcall/iu.test(symbol);
  return isMachinery ? 'machinery' : 'interest';
}

/**
 * What a function of the package greenlet is to a stack: the beginning of a greenlet, which up to CPython 3.11 has nothing
 * but its own frames in its thread state, or something else.
 */
export type GreenletRole = 'beginning' | 'other';

/** `_greenlet.cpython-311-x86_64-linux-gnu.so`; without the underscore to version 0.4. */
const GREENLET_MODULE = /\/_?greenlet\.[^/]*so$/u;

/** Functions of greenlet 0.4 to 3.x that run what a greenlet was made for (greenlet.c, TUserGreenlet.cpp). */
const GREENLET_BEGINNING = /\b(?:g_initialstub|inner_bootstrap)\b/u;

/** Tells what a function is to greenlets; `undefined` for one of anything else. */
export function greenletRoleOf({
  symbol,
  module,
}: Pick<NativeFrame, 'symbol' | 'module'>): GreenletRole | undefined {
  if (module === undefined || !GREENLET_MODULE.test(module.path)) return undefined;
  return GREENLET_BEGINNING.test(symbol ?? '') ? 'beginning' : 'other';
}
