import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { describe, expect, test } from 'vitest';
import { KOFFI_VERSION } from './libc.ts';

describe('KOFFI_VERSION', () => {
  test('is of the version that the package asks for', () => {
    const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
    expect(manifest.optionalDependencies.koffi).toBe(KOFFI_VERSION);
  });

  test.runIf(process.arch === 'x64')('is where it is loaded from', () => {
    const native = createRequire(import.meta.url)('@koromix/koffi-linux-x64/linux_x64/koffi.node');
    expect(native.version).toBe(KOFFI_VERSION);
  });
});
