import { expect, test } from 'vitest';
import { debugPackageOf } from './debug-packages.ts';

test.each([
  ['python3.11-minimal', 'python3.11-dbg'],
  ['libpython3.13', 'python3.13-dbg'],
  ['libpython3.12-stdlib', 'python3.12-dbg'],
  ['libc6', 'libc6-dbg'],
  ['libstdc++6', 'libstdc++6-dbgsym'],
  ['python3-numpy', 'python3-numpy-dbgsym'],
])('debugPackageOf() %s is %s', (name, debugPackage) => {
  expect(debugPackageOf(name)).toBe(debugPackage);
});
