import { expect, test } from 'vitest';
import { parseUidMap } from './uid-map.ts';

test.each([
  ['no row', '', []],
  [
    'the first namespace',
    '         0          0 4294967295\n',
    [{ inside: 0, outside: 0, count: 4294967295 }],
  ],
  [
    'two rows',
    '         0       1000          1\n         1     100000      65536\n',
    [
      { inside: 0, outside: 1000, count: 1 },
      { inside: 1, outside: 100000, count: 65536 },
    ],
  ],
])('parseUidMap() reads %s', (_what, text, ranges) => {
  expect(parseUidMap(text)).toEqual(ranges);
});

test('parseUidMap() names the offset of a bad row', () => {
  expect(() => parseUidMap(' 0 0 1\nx\n')).toThrow(
    'Cannot read /proc/PID/uid_map at offset 7: row is not a range',
  );
});
