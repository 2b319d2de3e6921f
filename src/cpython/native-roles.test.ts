import { expect, test } from 'vitest';
import { RULES } from './layouts/rules.ts';
import { type GreenletRole, greenletRoleOf, type NativeRole, nativeRoleOf } from './native-roles.ts';

const MODULE = { path: '/usr/lib/libpython3.so', buildId: undefined };

test.each<readonly [string, string | undefined, NativeRole]>([
  ['2.7', 'PyEval_EvalFrameEx', 'evaluation'],
  ['2.7', 'fast_function', 'machinery'],
  ['3.6', '_PyEval_EvalFrameDefault', 'evaluation'],
  ['3.8', '_PyEval_EvalFrameDefault.cold', 'evaluation'],
  ['3.8', 'PyEval_EvalFrameEx', 'machinery'],
  ['3.8', 'method_vectorcall_FASTCALL', 'machinery'],
  ['3.7', 'function_code_fastcall', 'machinery'],
  ['3.8', 'object_vacall', 'machinery'],
  ['3.11', 'cfunction_call', 'interest'],
  ['3.13', '_TAIL_CALL_LOAD_FAST', 'machinery'],
  ['3.14', '_TAIL_CALL_LOAD_FAST.llvm.4711', 'evaluation'],
  ['3.15', '_TAIL_CALL_LOAD_FAST', 'evaluation'],
  ['3.12', 'py_trampoline_evaluator', 'machinery'],
  ['3.15', 'time_sleep', 'interest'],
  ['3.15', undefined, 'interest'],
])('nativeRoleOf() of CPython %s takes %s for %s', (version, symbol, role) => {
  const rules = RULES[version]?.native;
  expect(rules && nativeRoleOf({ symbol, module: MODULE }, rules)).toBe(role);
});

test('nativeRoleOf() takes what -X perf puts before Python functions for machinery, outside of files only', () => {
  const rules = RULES['3.12']?.native;
  const roleOf = (symbol: string, module?: typeof MODULE) => rules && nativeRoleOf({ symbol, module }, rules);
  expect(roleOf('py::main:/srv/app.py')).toBe('machinery');
  expect(roleOf('py::call(int)', MODULE)).toBe('interest');
  expect(roleOf('LazyCompile:~main /srv/app.js:1')).toBe('interest');
});

const SWITCH = 'greenlet::UserGreenlet::g_switch()';
const STUB = 'greenlet::UserGreenlet::g_initialstub(void*)';

test.each<readonly [string, string | undefined, GreenletRole | undefined]>([
  ['/srv/lib/greenlet/_greenlet.cpython-311-x86_64-linux-gnu.so', STUB, 'beginning'],
  ['/srv/lib/greenlet/_greenlet.cpython-311-x86_64-linux-gnu.so', SWITCH, 'other'],
  ['/srv/lib/greenlet/_greenlet.so', undefined, 'other'],
  ['/srv/lib/greenlet.cpython-36m-x86_64-linux-gnu.so', 'g_initialstub', 'beginning'],
  ['/srv/lib/gevent/_gevent_cgreenlet.cpython-311-x86_64-linux-gnu.so', STUB, undefined],
])('greenletRoleOf() takes %s, %s for %s', (path, symbol, role) => {
  expect(greenletRoleOf({ symbol, module: { path, buildId: undefined } })).toBe(role);
});
