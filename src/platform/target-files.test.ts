import { expect, test } from 'vitest';
import { toAddress } from '../base/address.ts';
import { matchFile } from './target-files.ts';

const MAPPING = {
  start: toAddress(0x10000),
  end: toAddress(0x13000),
  isReadable: true,
  isWritable: false,
  isExecutable: true,
  isShared: false,
  fileOffset: 0x2000,
  device: 'fe:00',
  inode: 7n,
  path: '/usr/lib/libx.so',
  isDeleted: false,
};

test.each([
  ['its device and inode', { device: 'fe:00', inode: 7n, sizeBytes: 1 }, 'identity'],
  [
    'its inode, and a mapping to the last page of it',
    { device: '00:2f', inode: 7n, sizeBytes: 0x4001 },
    'inode',
  ],
  ['nothing when it is too short', { device: '00:2f', inode: 7n, sizeBytes: 0x4000 }, undefined],
  ['nothing when the inode is another', { device: 'fe:00', inode: 8n, sizeBytes: 0x9000 }, undefined],
])('matchFile() knows a file by %s', (_what, file, match) => {
  expect(matchFile(MAPPING, file)).toBe(match);
});
