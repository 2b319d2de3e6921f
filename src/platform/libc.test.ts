import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { NATIVE_KOFFI } from './libc.ts';

describe('NATIVE_KOFFI', () => {
  test('is of the version that the package asks for', () => {
    const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(manifest.optionalDependencies.koffi).toBe(NATIVE_KOFFI.version);
  });

  test.runIf(process.arch === 'x64')('is where it is loaded from', () => {
    const native = createRequire(import.meta.url)(NATIVE_KOFFI.path);
    expect(native.version).toBe(NATIVE_KOFFI.version);
  });
});
