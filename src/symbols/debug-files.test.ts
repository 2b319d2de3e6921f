import { crc32 } from 'node:zlib';
import { expect, test } from 'vitest';
import { note } from '../../test/support/elf-tables.ts';
import { type SectionToWrite, SHT, writeElf } from '../../test/support/elf-writer.ts';
import { TestSource } from '../../test/support/test-source.ts';
import { type ElfFile, readElf } from '../elf/elf-file.ts';
import { alternateFileCandidates, debugFileCandidates, matchesDebugFile } from './debug-files.ts';

const BUILD_ID: SectionToWrite = {
  name: '.note.gnu.build-id',
  type: SHT.note,
  bytes: note('GNU', 3, Uint8Array.from([0xab, 0xcd, 0xef])),
};

function debugLink(fileName: string, checksum = 0): SectionToWrite {
  const name = Buffer.from(`${fileName}\0`);
  const bytes = Buffer.alloc(Math.ceil(name.length / 4) * 4 + 4);
  name.copy(bytes);
  bytes.writeUInt32LE(checksum, bytes.length - 4);
  return { name: '.gnu_debuglink', bytes };
}

function elfOf(...sections: readonly SectionToWrite[]): ElfFile {
  return readElf(new TestSource(writeElf({ sections })));
}

test('debugFileCandidates() gives the places in which gdb looks, in its order', () => {
  const elf = elfOf(BUILD_ID, debugLink('libc.so.debug'));
  expect(debugFileCandidates(elf, { path: '/opt/x/libc.so' })).toEqual([
    '/usr/lib/debug/.build-id/ab/cdef.debug',
    '/opt/x/libc.so.debug',
    '/opt/x/.debug/libc.so.debug',
    '/usr/lib/debug/opt/x/libc.so.debug',
  ]);
});

test.each([
  ['/usr/lib/libc.so', ['/usr/lib/debug/usr/lib/libc.so.debug', '/usr/lib/debug/lib/libc.so.debug']],
  ['/lib/libc.so', ['/usr/lib/debug/lib/libc.so.debug', '/usr/lib/debug/usr/lib/libc.so.debug']],
  ['/lib64/libc.so', ['/usr/lib/debug/lib64/libc.so.debug', '/usr/lib/debug/usr/lib64/libc.so.debug']],
  ['/usr/libc.so', ['/usr/lib/debug/usr/libc.so.debug', '/usr/lib/debug/libc.so.debug']],
  ['/library/libc.so', ['/usr/lib/debug/library/libc.so.debug']],
])('debugFileCandidates() knows that /lib may be /usr/lib: %s', (path, expected) => {
  expect(debugFileCandidates(elfOf(), { path })).toEqual(expected);
});

test('debugFileCandidates() looks below other debug directories when told', () => {
  const elf = elfOf(BUILD_ID);
  expect(debugFileCandidates(elf, { path: '/a', debugDirectories: ['/d', '/e'] })).toEqual([
    '/d/.build-id/ab/cdef.debug',
    '/e/.build-id/ab/cdef.debug',
    '/d/a.debug',
    '/e/a.debug',
  ]);
});

test.each(['../../etc/passwd', 'a/b', '..', '.', ''])(
  'debugFileCandidates() does not follow a link that is no file name: %s',
  (name) => {
    expect(debugFileCandidates(elfOf(debugLink(name)), { path: '/opt/x' })).toEqual(
      debugFileCandidates(elfOf(), { path: '/opt/x' }),
    );
  },
);

test('debugFileCandidates() leaves out the file itself', () => {
  expect(debugFileCandidates(elfOf(debugLink('x.so')), { path: '/opt/x.so' })).not.toContain('/opt/x.so');
});

test('alternateFileCandidates() gives the places of what dwz made', () => {
  const bytes = Buffer.concat([Buffer.from('../../.dwz/x.debug\0'), Buffer.from('12ab34', 'hex')]);
  const debugElf = elfOf({ name: '.gnu_debugaltlink', bytes });
  expect(debugElf.alternateDebugLink).toEqual({ path: '../../.dwz/x.debug', buildId: '12ab34' });
  expect(alternateFileCandidates(debugElf, { path: '/usr/lib/debug/.build-id/ab/cdef.debug' })).toEqual([
    '/usr/lib/debug/.dwz/x.debug',
    '/usr/lib/debug/.build-id/12/ab34.debug',
  ]);
  expect(alternateFileCandidates(elfOf(), { path: '/x' })).toEqual([]);
});

const DEBUG_BYTES = writeElf({ sections: [{ name: '.debug_info', bytes: new Uint8Array(3 * 2 ** 20) }] });

test('matchesDebugFile() compares the build ids where both have one', () => {
  const source = new TestSource(DEBUG_BYTES);
  const other = elfOf({ ...BUILD_ID, bytes: note('GNU', 3, Uint8Array.from([1, 2, 3])) });
  expect(matchesDebugFile(elfOf(BUILD_ID), elfOf(BUILD_ID), source)).toBe(true);
  expect(matchesDebugFile(elfOf(BUILD_ID), other, source)).toBe(false);
  expect(source.reads).toEqual([]);
});

test('matchesDebugFile() compares the checksum of the link where one has no build id', () => {
  const source = new TestSource(DEBUG_BYTES);
  const debugElf = readElf(source);
  const right = elfOf(BUILD_ID, debugLink('x.debug', crc32(DEBUG_BYTES)));
  const wrong = elfOf(debugLink('x.debug', (crc32(DEBUG_BYTES) ^ 1) >>> 0));
  expect(matchesDebugFile(right, debugElf, source)).toBe(true);
  expect(matchesDebugFile(wrong, debugElf, source)).toBe(false);
  expect(matchesDebugFile(elfOf(), debugElf, source)).toBe(false);
  expect(Math.max(...source.reads.map(({ sizeBytes }) => sizeBytes))).toBe(2 ** 20);
});
