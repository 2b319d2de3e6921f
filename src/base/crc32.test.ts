import { expect, test } from 'vitest';
import { crc32 } from './crc32.ts';

test('crc32() is that of the ITU: the check value of 123456789', () => {
  expect(crc32(Buffer.from('123456789'))).toBe(0xcbf4_3926);
});

test('crc32() goes on from the bytes before', () => {
  expect(crc32(Buffer.from('6789'), crc32(Buffer.from('12345')))).toBe(0xcbf4_3926);
});
