import { expect, test } from 'vitest';
import { cythonPlaceAt } from './cython-lines.ts';

const LINES = [
  '/* "m.pyx":4',
  ' * def hold(f):             # <<<<<<<<<<<<<<',
  ' */',
  'static PyObject *__pyx_pf_1m_hold(PyObject *__pyx_v_f) {',
  '  int __pyx_lineno = 0;',
  '  /* "m.pyx":5',
  ' *     return f()             # <<<<<<<<<<<<<<',
  ' */',
  '  __pyx_t_1 = __Pyx_PyObject_CallNoArg(__pyx_v_f);',
  '  /* "m.pyx":4',
  ' */',
  '  return __pyx_r;',
  '}',
  'static int __pyx_other(void) {',
  '  return 1;',
  '}',
];

test.each([
  ['the statement before it', 9, { file: 'm.pyx', line: 5 }],
  ['the definition before the first statement', 5, { file: 'm.pyx', line: 4 }],
  ['the last one at the end', 12, { file: 'm.pyx', line: 4 }],
  ['nothing in a function of Cython itself', 15, undefined],
  ['nothing before the first line', 0, undefined],
  ['nothing behind the end', 900, undefined],
])('cythonPlaceAt() answers %s', (_what, line, place) => {
  expect(cythonPlaceAt(LINES, line)).toEqual(place);
});
