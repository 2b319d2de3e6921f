import { expect, test } from 'vitest';
import { formatComplex, formatFloat } from './float-text.ts';

// What repr() of CPython 3.11 and 2.7 prints.
test.each([
  [0, '0.0'],
  [-0, '-0.0'],
  [1, '1.0'],
  [0.1, '0.1'],
  [-2.5, '-2.5'],
  [100, '100.0'],
  [123.456, '123.456'],
  [1e15, '1000000000000000.0'],
  [1e16, '1e+16'],
  [12345678901234568, '1.2345678901234568e+16'],
  [0.0001, '0.0001'],
  [0.00001, '1e-05'],
  [1.5e-7, '1.5e-07'],
  [5e-324, '5e-324'],
  [1e22, '1e+22'],
  [1.5e300, '1.5e+300'],
  [Number.POSITIVE_INFINITY, 'inf'],
  [Number.NEGATIVE_INFINITY, '-inf'],
  [Number.NaN, 'nan'],
])('formatFloat(%d) is %s', (value, text) => {
  expect(formatFloat(value)).toBe(text);
});

test.each([
  [0, 1, '1j'],
  [-0, 1, '(-0+1j)'],
  [0, -0, '-0j'],
  [1, 2, '(1+2j)'],
  [1, -2.5, '(1-2.5j)'],
  [Number.POSITIVE_INFINITY, Number.NaN, '(inf+nanj)'],
  [1e16, 0.5, '(1e+16+0.5j)'],
])('formatComplex(%d, %d) is %s', (real, imaginary, text) => {
  expect(formatComplex(real, imaginary)).toBe(text);
});
