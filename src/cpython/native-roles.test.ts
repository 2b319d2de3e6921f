import { expect, test } from 'vitest';
import { RULES } from './layouts/rules.ts';
import { type NativeRole, nativeRoleOf } from './native-roles.ts';

test.each<readonly [string, string | undefined, NativeRole]>([
  ['2.7', 'PyEval_EvalFrameEx', 'evaluation'],
  ['2.7', 'fast_function', 'machinery'],
  ['3.6', '_PyEval_EvalFrameDefault', 'evaluation'],
  ['3.8', '_PyEval_EvalFrameDefault.cold', 'evaluation'],
  ['3.8', 'PyEval_EvalFrameEx', 'machinery'],
  ['3.8', 'method_vectorcall_FASTCALL', 'machinery'],
  ['3.11', 'cfunction_call', 'interest'],
  ['3.13', '_TAIL_CALL_LOAD_FAST', 'machinery'],
  ['3.14', '_TAIL_CALL_LOAD_FAST.llvm.4711', 'evaluation'],
  ['3.15', '_TAIL_CALL_LOAD_FAST', 'evaluation'],
  ['3.15', 'time_sleep', 'interest'],
  ['3.15', undefined, 'interest'],
])('nativeRoleOf() of CPython %s takes %s for %s', (version, symbol, role) => {
  const rules = RULES[version]?.native;
  expect(rules && nativeRoleOf(symbol, rules)).toBe(role);
});
