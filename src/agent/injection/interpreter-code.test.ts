import { expect, test } from 'vitest';
import { isOfMusl } from './interpreter-code.ts';

test.each([
  ['/lib/ld-musl-x86_64.so.1', true],
  ['/lib/libc.musl-aarch64.so.1', true],
  ['/usr/lib/x86_64-linux-musl/libc.so', true],
  ['/usr/lib/x86_64-linux-gnu/libc.so.6', false],
  ['/lib/x86_64-linux-gnu/libc-2.31.so', false],
  ['/usr/lib/x86_64-linux-gnu/ld-linux-x86-64.so.2', false],
  ['/opt/libc.so/libpython3.13.so', false],
])('isOfMusl() of %s', (path, expected) => {
  expect(isOfMusl(path)).toBe(expected);
});
