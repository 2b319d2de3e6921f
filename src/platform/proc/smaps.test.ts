import { expect, test } from 'vitest';
import { MalformedInputError } from '../../base/errors.ts';
import { parseSmaps } from './smaps.ts';

const SAMPLE = `55d0a3e4c000-55d0a3e4e000 r--p 00000000 fe:00 247278                     /usr/bin/head
Size:                  8 kB
KernelPageSize:        4 kB
Rss:                   8 kB
Pss:                   2 kB
Swap:                  0 kB
SwapPss:               0 kB
VmFlags: rd mr mw me
7f1c2a000000-7f1c2a021000 rw-p 00000000 00:00 0
Size:                132 kB
Rss:                  12 kB
Swap:                  4 kB
ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
Size:                  4 kB
Rss:                   4 kB
`;

test('parseSmaps() reads what of each mapping is in memory, and what was written to swap', () => {
  expect(
    parseSmaps(SAMPLE).map(({ mapping, ...use }) => [mapping.path, use.residentBytes, use.swappedBytes]),
  ).toEqual([
    ['/usr/bin/head', 8192, 0],
    [undefined, 12_288, 4096],
  ]);
  expect(parseSmaps('')).toEqual([]);
});

test('parseSmaps() refuses a mapping of another form', () => {
  expect(() => parseSmaps('1000-2000 rwxq\n')).toThrow(MalformedInputError);
});
