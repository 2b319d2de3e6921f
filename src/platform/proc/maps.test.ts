import { expect, test } from 'vitest';
import { toAddress } from '../../base/address.ts';
import { parseMaps } from './maps.ts';

const ANONYMOUS = {
  start: toAddress(0x1000),
  end: toAddress(0x3000),
  isReadable: true,
  isWritable: true,
  isExecutable: false,
  isShared: false,
  fileOffset: 0,
  device: '00:00',
  inode: undefined,
  path: undefined,
  isDeleted: false,
};
const CODE = { ...ANONYMOUS, isWritable: false, isExecutable: true, fileOffset: 0x2000, device: 'fe:00' };

test.each([
  ['memory without a file', '1000-3000 rw-p 00000000 00:00 0', ANONYMOUS],
  ['memory without a file, with the padding of old kernels', '1000-3000 rw-p 00000000 00:00 0 ', ANONYMOUS],
  [
    "the kernel's names",
    '1000-3000 rw-p 00000000 00:00 0                [heap]',
    { ...ANONYMOUS, path: '[heap]' },
  ],
  [
    'a file',
    '1000-3000 r-xp 00002000 fe:00 247278     /usr/bin/head',
    { ...CODE, inode: 247278n, path: '/usr/bin/head' },
  ],
  [
    'spaces in a path',
    '1000-3000 r-xp 00002000 fe:00 7 /my app/ x.so',
    { ...CODE, inode: 7n, path: '/my app/ x.so' },
  ],
  ['a newline in a path', '1000-3000 r-xp 00002000 fe:00 7 /a\\012b', { ...CODE, inode: 7n, path: '/a\nb' }],
  [
    'other backslashes as they are',
    '1000-3000 r-xp 00002000 fe:00 7 /a\\040b',
    { ...CODE, inode: 7n, path: '/a\\040b' },
  ],
  [
    'a removed file',
    '1000-3000 r-xp 00002000 fe:00 7 /a b (deleted)',
    { ...CODE, inode: 7n, path: '/a b', isDeleted: true },
  ],
  [
    'shared memory',
    '1000-3000 rw-s 00000000 00:01 4 /memfd:x (deleted)',
    { ...ANONYMOUS, isShared: true, device: '00:01', inode: 4n, path: '/memfd:x', isDeleted: true },
  ],
  [
    'an inode of overlayfs',
    '1000-3000 r-xp 00002000 fe:00 18446744073709551615 /a',
    { ...CODE, inode: 18446744073709551615n, path: '/a' },
  ],
])('parseMaps() reads %s', (_what, line, mapping) => {
  expect(parseMaps(`${line}\n`)).toEqual([mapping]);
});

test('parseMaps() leaves out what lies above 2^53', () => {
  const text =
    '1000-3000 rw-p 00000000 00:00 0 \nffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0   [vsyscall]\n';
  expect(parseMaps(text)).toEqual([ANONYMOUS]);
});

test('parseMaps() reads nothing from nothing', () => {
  expect(parseMaps('')).toEqual([]);
});

test('parseMaps() names the offset of a line that is not a mapping', () => {
  expect(() => parseMaps('1000-3000 rw-p 00000000 00:00 0\nrubbish\n')).toThrow(
    'Cannot read /proc/PID/maps at offset 32: line is not a mapping',
  );
});
