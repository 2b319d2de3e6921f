import { expect, test } from 'vitest';
import { parseUptime } from './uptime.ts';

test('parseUptime() reads the first of the two times', () => {
  expect(parseUptime('350735.47 234388.90\n')).toBe(350735.47);
});

test('parseUptime() refuses anything else', () => {
  expect(() => parseUptime('long\n')).toThrow('Cannot read /proc/uptime at offset 0: line is not a time');
});
