import { deflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { type SectionToWrite, SHF, SHT, writeElf } from '../../test/support/elf-writer.ts';
import { TestSource } from '../../test/support/test-source.ts';
import { readElf } from './elf-file.ts';

const TEXT = Buffer.from('a line of debugging information\n'.repeat(100));

// Made by `zstd --no-check` 1.5 of 100 lines "a line of debugging information".
const ZSTD_TEXT = Buffer.from(
  '28b52ffd00684d0100040261206c696e65206f6620646562756767696e6720696e666f726d6174696f6e0a0100e8e2f0d513',
  'hex',
);

/** RFC 8878, 3.1.1: a single segment of 3 bytes, and one raw block, which is the last. */
const ZSTD_ABC = Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 0x20, 3, 0x19, 0, 0, 0x61, 0x62, 0x63]);

/** What sectionBytes() makes of the one section of a file. */
function read(section: Omit<SectionToWrite, 'name'>, name = '.debug_info'): Uint8Array {
  const elf = readElf(new TestSource(writeElf({ sections: [{ name, ...section }] })));
  const found = elf.findSection(name);
  expect(found).toBeDefined();
  return found === undefined ? new Uint8Array() : elf.sectionBytes(found);
}

/** Compressed bytes behind their Elf64_Chdr. */
function compressed(algorithm: number, sizeBytes: number | bigint, bytes: Uint8Array): Uint8Array {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(algorithm);
  header.writeBigUInt64LE(BigInt(sizeBytes), 8);
  header.writeBigUInt64LE(1n, 16);
  return Buffer.concat([header, bytes]);
}

test('sectionBytes() gives the bytes of a section', () => {
  expect(Buffer.from(read({ bytes: TEXT }))).toEqual(TEXT);
});

test('sectionBytes() decompresses zlib', () => {
  const bytes = compressed(1, TEXT.length, deflateSync(TEXT));
  expect(Buffer.from(read({ bytes, flags: SHF.compressed }))).toEqual(TEXT);
});

test('sectionBytes() decompresses zstd', () => {
  const bytes = compressed(2, TEXT.length, ZSTD_TEXT);
  expect(Buffer.from(read({ bytes, flags: SHF.compressed }))).toEqual(TEXT);
});

test('sectionBytes() decompresses a section that is compressed by its name', () => {
  const header = Buffer.concat([Buffer.from('ZLIB'), Buffer.alloc(8)]);
  header.writeBigUInt64BE(BigInt(TEXT.length), 4);
  const bytes = Buffer.concat([header, deflateSync(TEXT)]);
  expect(Buffer.from(read({ bytes }, '.zdebug_info'))).toEqual(TEXT);
  expect(() => read({ bytes: TEXT }, '.zdebug_info')).toThrow('compressed bytes do not begin with ZLIB');
});

test('sectionPart() gives a part of a section, and refuses one that is not inside', () => {
  const elf = readElf(new TestSource(writeElf({ sections: [{ name: '.debug_info', bytes: TEXT }] })));
  const section = elf.findSection('.debug_info');
  expect(section).toBeDefined();
  if (section === undefined) return;
  const part = elf.sectionPart(section, { fileOffset: 2, sizeBytes: 4 });
  expect(Buffer.from(part).toString()).toBe('line');
  expect(() => elf.sectionPart(section, { fileOffset: TEXT.length - 1, sizeBytes: 2 })).toThrow(
    'part of section .debug_info needs 2 bytes, 1 left',
  );
});

test.each([
  [
    'has no bytes in the file',
    { type: SHT.nobits, sizeBytes: 64 },
    'Cannot read test.so at offset 64: section .debug_info has no bytes in the file (SHT_NOBITS)',
  ],
  [
    'runs over the end of the file',
    { bytes: TEXT, sizeBytes: 2 ** 45 },
    'Cannot read test.so at offset 64: section .debug_info needs 35184372088832 bytes, 3416 left',
  ],
  [
    'is compressed in an unknown way',
    { bytes: compressed(7, 1, TEXT), flags: SHF.compressed },
    'Cannot read section .debug_info of test.so at offset 0: compression 7 is unknown',
  ],
  [
    'is too short for a compression header',
    { bytes: TEXT.subarray(0, 10), flags: SHF.compressed },
    'Cannot read section .debug_info of test.so at offset 8: size needs 8 bytes, 2 left',
  ],
  [
    'says that it decompresses to more than memory holds',
    { bytes: compressed(1, 2 ** 50, TEXT), flags: SHF.compressed },
    'Cannot read section .debug_info of test.so at offset 8: decompressed size 1125899906842624 is above 2147483648',
  ],
  [
    'does not hold what it says',
    { bytes: compressed(1, 5, TEXT), flags: SHF.compressed },
    'Cannot read section .debug_info of test.so at offset 24: does not decompress to its 5 bytes',
  ],
  [
    'holds more zstd than it says',
    { bytes: compressed(2, 5, ZSTD_TEXT), flags: SHF.compressed },
    'Cannot read section .debug_info of test.so at offset 24: does not decompress to its 5 bytes',
  ],
  [
    // Node.js and we use other words.
    'holds less zstd than it says',
    { bytes: compressed(2, 4, ZSTD_ABC), flags: SHF.compressed },
    'Cannot read section .debug_info of test.so at offset 24: d',
  ],
  [
    'holds zstd that is cut off',
    { bytes: compressed(2, TEXT.length, ZSTD_TEXT.subarray(0, 20)), flags: SHF.compressed },
    'Cannot read section .debug_info of test.so at offset 24: does not decompress to its 3200 bytes',
  ],
  [
    'holds more than it says',
    { bytes: compressed(1, 5, deflateSync(TEXT)), flags: SHF.compressed },
    'Cannot read section .debug_info of test.so at offset 24: does not decompress to its 5 bytes',
  ],
  [
    'holds less than it says',
    { bytes: compressed(1, TEXT.length + 1, deflateSync(TEXT)), flags: SHF.compressed },
    'Cannot read section .debug_info of test.so at offset 24: decompressed to 3200 bytes instead of 3201',
  ],
])('sectionBytes() refuses a section that %s', (_, section, message) => {
  expect(() => read(section)).toThrow(message);
});
