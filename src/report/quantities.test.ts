import { expect, test } from 'vitest';
import { formatBytes, formatSeconds } from './quantities.ts';

test.each([
  [0, '0.00 s'],
  [0.418, '0.42 s'],
  [9.994, '9.99 s'],
  [9.996, '10 s'],
  [59.4, '59 s'],
  [59.6, '1m 00s'],
  [3_599.7, '1h 00m'],
  [7_440, '2h 04m'],
  [86_400, '1d 00h'],
  [1_047_600, '12d 03h'],
])('formatSeconds() writes %d seconds as %s', (seconds, expected) => {
  expect(formatSeconds(seconds)).toBe(expected);
});

test.each([
  [0, '0 B'],
  [1023, '1023 B'],
  [1024, '1.0 KiB'],
  [831_488, '812 KiB'],
  [48_300_000, '46.1 MiB'],
  [104_805_172, '100 MiB'],
  [1_073_741_823, '1.0 GiB'],
  [5_000_000_000_000_000, '4547 TiB'],
])('formatBytes() writes %d bytes as %s', (bytes, expected) => {
  expect(formatBytes(bytes)).toBe(expected);
});
