import { expect, test } from 'vitest';
import { readDemanglerCode } from './demangler-code.ts';

test('readDemanglerCode() reads a module of WebAssembly', () => {
  expect(Buffer.from(readDemanglerCode().subarray(0, 4)).toString('latin1')).toBe('\0asm');
});
