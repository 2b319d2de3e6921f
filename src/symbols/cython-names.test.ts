import { expect, test } from 'vitest';
import { decodeCythonName } from './cython-names.ts';

// Names that Cython 3.3 made of a module m, but for the last ones.
test.each([
  ['__pyx_pw_1m_3Box_1add', 'm.Box.add'],
  ['__pyx_pw_1m_3Box_3__reduce_cython__', 'm.Box.__reduce_cython__'],
  ['__pyx_pw_1m_3get_value', 'm.get_value'],
  ['__pyx_pw_1m_5Plain_3get_value', 'm.Plain.get_value'],
  ['__pyx_pw_1m_9get_value_1inner', 'm.get_value.inner'],
  ['__pyx_pw_1m_8call_helper', 'm.call_helper'],
  ['__pyx_pf_1m_2hold', 'm.hold'],
  ['__pyx_f_1m_3Box_twice', 'm.Box.twice'],
  ['__pyx_f_1m___pyx_unpickle_Box__set_state', 'm.__pyx_unpickle_Box__set_state'],
  ['__pyx_pw_3pkg_3mod_1hold.constprop.0', 'pkg.mod.hold.constprop.0'],
])('decodeCythonName() reads %s as %s', (symbol, name) => {
  expect(decodeCythonName(symbol)).toBe(name);
});

test.each([
  ['the body of a method or of a function with the name of both', '__pyx_pf_1m_5Class_method'],
  ['the body of a generator, which has not its name', '__pyx_gb_1m_6generator'],
  ['a function of the module itself', '__pyx_pymod_exec_m'],
  ['a helper of Cython', '__Pyx_PyObject_Call'],
  ['a name without a module', '__pyx_f_helper'],
  ['a scope that is longer than the rest', '__pyx_pw_99m_1f'],
])('decodeCythonName() leaves %s', (_what, symbol) => {
  expect(decodeCythonName(symbol)).toBeUndefined();
});

test('decodeCythonName() reads a long name of nothing but scopes in time', () => {
  expect(decodeCythonName(`__pyx_pf_${'1a_'.repeat(2000)}1`)).toBeUndefined();
});
