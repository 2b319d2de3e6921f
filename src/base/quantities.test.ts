import { expect, test } from 'vitest';
import { formatBytes, formatCount, formatNanoseconds, formatSeconds, formatShare } from './quantities.ts';

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

test.each([
  [0, '0 ns'],
  [850, '850 ns'],
  [999.6, '1.00 µs'],
  [12_340, '12.3 µs'],
  [999_600, '1.00 ms'],
  [60_000_000, '60.0 ms'],
  [999_600_000, '1.00 s'],
  [75_000_000_000, '1m 15s'],
])('formatNanoseconds() of %d: %s', (nanoseconds, text) => {
  expect(formatNanoseconds(nanoseconds)).toBe(text);
});

test('formatShare() has one decimal, and none of nothing', () => {
  expect([formatShare(1, 8), formatShare(0, 5), formatShare(0, 0)]).toEqual(['12.5 %', '0.0 %', '-']);
});

test('formatCount() sets the thousands apart', () => {
  expect([7, 999, 1000, 1_234_567].map(formatCount)).toEqual(['7', '999', '1,000', '1,234,567']);
});
