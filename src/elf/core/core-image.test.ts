import { expect, test } from 'vitest';
import { auxiliaryNote, filesNote, writeCore } from '../../../test/support/core-writer.ts';
import { writeLibrary } from '../../../test/support/elf-library.ts';
import { TestSource } from '../../../test/support/test-source.ts';
import { toAddress } from '../../base/address.ts';
import { readCore } from './core-file.ts';
import { openCoreImage } from './core-image.ts';

const PROGRAM = writeLibrary({ buildId: Uint8Array.from([0xaa, 1]) });
const LIBRARY = writeLibrary({ buildId: Uint8Array.from([0xbb, 2]) });
const PROGRAM_AT = 0x5500_0000;
const LIBRARY_AT = 0x7f00_0000;

// Of each file the core has the start, but for the last bytes.
const CORE = readCore(
  new TestSource(
    writeCore({
      notes: [
        auxiliaryNote({ 3: PROGRAM_AT + 0x40 }),
        filesNote([
          { start: PROGRAM_AT, end: PROGRAM_AT + 0x1000, path: '/opt/python3' },
          { start: LIBRARY_AT, end: LIBRARY_AT + 0x1000, path: '/lib/libx.so' },
          { start: LIBRARY_AT + 0x1000, end: LIBRARY_AT + 0x2000, page: 1, path: '/lib/libx.so' },
        ]),
      ],
      memory: [
        { start: PROGRAM_AT, bytes: PROGRAM.subarray(0, -8), sizeBytes: 0x1000, access: 'rx' },
        { start: LIBRARY_AT, bytes: LIBRARY.subarray(0, -8), sizeBytes: 0x1000, access: 'rx' },
      ],
    }),
    'test.core',
  ),
);

function open(files: Readonly<Record<string, Uint8Array>>, programPath?: string) {
  return openCoreImage(CORE, {
    search: { directories: ['/moved'] },
    programPath,
    open: (path) => files[path] && new TestSource(files[path], path),
  });
}

test('openCoreImage() reads what the core leaves out from files that were moved', () => {
  const { memory, modules, lacking } = open({ '/opt/python3': PROGRAM, '/moved/libx.so': LIBRARY });
  expect(modules.map(({ file }) => file?.source.name)).toEqual(['/opt/python3', '/moved/libx.so']);
  expect(lacking).toEqual([]);
  for (const [start, bytes] of [
    [PROGRAM_AT, PROGRAM],
    [LIBRARY_AT, LIBRARY],
  ] as const) {
    expect(memory.read(toAddress(start), bytes.length)).toEqual(bytes);
  }
});

test('openCoreImage() takes the program that the user named, when it is the one', () => {
  const files = { '/mine': PROGRAM, '/other': LIBRARY, '/opt/python3': PROGRAM };
  const programs = ['/mine', '/other', undefined].map(
    (path) => open(files, path).modules[0]?.file?.source.name,
  );
  expect(programs).toEqual(['/mine', '/opt/python3', '/opt/python3']);
});

test('openCoreImage() tells each file that it lacks once', () => {
  expect(open({ '/lib/libx.so': PROGRAM }).lacking.map(({ path, state }) => [path, state])).toEqual([
    ['/opt/python3', 'missing'],
    ['/lib/libx.so', 'mismatching'],
  ]);
});
