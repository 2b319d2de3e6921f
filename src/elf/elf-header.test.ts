import { expect, test } from 'vitest';
import { EM, ET, PT, writeElf } from '../../test/support/elf-writer.ts';
import { TestSource } from '../../test/support/test-source.ts';
import { readElfHeader } from './elf-header.ts';

/** A file with some bytes of its header overwritten. */
function withBytes(patches: Readonly<Record<number, readonly number[]>>): TestSource {
  const bytes = writeElf({ segments: [{ type: PT.load, fileOffset: 0, fileSize: 64 }] });
  for (const [offset, values] of Object.entries(patches)) bytes.set(values, Number(offset));
  return new TestSource(bytes);
}

test.each([
  [{ type: ET.relocatable, machine: EM.x86_64 }, 'relocatable', 'x86-64'],
  [{ type: ET.executable, machine: EM.aarch64 }, 'executable', 'aarch64'],
  [{ type: ET.shared, machine: 243 }, 'shared', 243],
  [{ type: ET.core, machine: EM.x86_64 }, 'core', 'x86-64'],
])('readElfHeader() reads type and machine of %j', (file, type, machine) => {
  const bytes = writeElf({ ...file, entry: 0x40_1000 });
  expect(readElfHeader(new TestSource(bytes))).toEqual({
    type,
    machine,
    entry: 0x40_1000,
    segments: { fileOffset: 0, count: 0 },
    sections: { fileOffset: 80, count: 2 },
    sectionNameIndex: 1,
  });
});

test('readElfHeader() takes counts above 16 bits from section header 0', () => {
  const segments = [{ type: PT.load }, { type: PT.load }, { type: PT.note }];
  const small = readElfHeader(new TestSource(writeElf({ segments })));
  const large = readElfHeader(new TestSource(writeElf({ segments, hasLargeCounts: true })));
  expect(large).toEqual(small);
  expect(large.segments.count).toBe(3);
});

test.each([
  ['no ELF magic', { 0: [0x23, 0x21] }, 'Cannot read test.so at offset 0: not an ELF file'],
  ['32 bits', { 4: [1] }, 'Cannot read test.so at offset 4: 32-bit ELF, only 64-bit is read'],
  ['a class of the future', { 4: [3] }, 'Cannot read test.so at offset 4: ELF class 3 is unknown'],
  [
    'big-endian bytes',
    { 5: [2] },
    'Cannot read test.so at offset 5: big-endian ELF, only little-endian is read',
  ],
  ['no byte order', { 5: [0] }, 'Cannot read test.so at offset 5: ELF byte order 0 is unknown'],
  ['no type', { 16: [0, 0] }, 'Cannot read test.so at offset 16: file type 0 is no program, library or core'],
  [
    'an entry above 2^53',
    { 24: [0, 0, 0, 0, 0, 0, 0, 0xff] },
    'Cannot read test.so at offset 24: size is above 2^53',
  ],
  [
    'program headers of another size',
    { 54: [32, 0] },
    'Cannot read test.so at offset 64: program headers have 32 bytes each instead of 56',
  ],
  [
    'section headers of another size',
    { 58: [40, 0] },
    'Cannot read test.so at offset 136: section headers have 40 bytes each instead of 64',
  ],
  [
    'a count in a missing section header',
    { 40: [0, 0, 0, 0, 0, 0, 0, 0], 56: [0xff, 0xff] },
    'Cannot read test.so at offset 56: the program header count is in section header 0, which is missing',
  ],
])('readElfHeader() refuses a file with %s', (_, patches, message) => {
  expect(() => readElfHeader(withBytes(patches))).toThrow(message);
});

test('readElfHeader() refuses more headers than any file has before it makes room for them', () => {
  const bytes = writeElf({ segments: [{ type: PT.load }], hasLargeCounts: true });
  Buffer.from(bytes.buffer).writeUInt32LE(2 ** 30, 136 + 44);
  expect(() => readElfHeader(new TestSource(bytes))).toThrow(
    'Cannot read test.so at offset 64: 1073741824 program headers are more than 1048576',
  );
});

test.each([0, 3, 5, 63])('readElfHeader() says that a file of %i bytes is too short', (sizeBytes) => {
  const source = new TestSource(writeElf({}).subarray(0, sizeBytes));
  const state = sizeBytes < 4 ? 'not an ELF file' : `ELF header needs 64 bytes, ${sizeBytes} left`;
  expect(() => readElfHeader(source)).toThrow(`Cannot read test.so at offset 0: ${state}`);
});
