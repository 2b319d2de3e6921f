import { expect, test } from 'vitest';
import { note } from '../../test/support/elf-tables.ts';
import { parseNotes } from './notes.ts';

const DESCRIPTION = Uint8Array.from([1, 2, 3, 4, 5]);

function parse(bytes: Uint8Array, alignment: number): readonly unknown[] {
  return [...parseNotes(bytes, alignment, 'notes of core')];
}

for (const alignment of [4, 8]) {
  test(`parseNotes() reads notes one after the other (alignment ${alignment})`, () => {
    const bytes = Buffer.concat([
      note('CORE', 1, DESCRIPTION, alignment),
      note('LINUX', 0x202, new Uint8Array(), alignment),
      note('GNU', 3, DESCRIPTION, alignment),
    ]);
    expect(parse(bytes, alignment)).toEqual([
      { owner: 'CORE', type: 1, description: DESCRIPTION },
      { owner: 'LINUX', type: 0x202, description: new Uint8Array() },
      { owner: 'GNU', type: 3, description: DESCRIPTION },
    ]);
  });
}

test.each([0, 1, 4096])('parseNotes() takes alignment %i for 4', (alignment) => {
  expect(parse(note('CORE', 1, DESCRIPTION, 4), alignment)).toHaveLength(1);
});

test('parseNotes() does without the padding of the last note', () => {
  const bytes = note('GNU', 3, DESCRIPTION);
  expect(parse(bytes.subarray(0, 21), 4)).toEqual([{ owner: 'GNU', type: 3, description: DESCRIPTION }]);
});

test('parseNotes() refuses a note that is cut off', () => {
  expect(() => parse(note('GNU', 3, DESCRIPTION).subarray(0, 20), 4)).toThrow(
    'Cannot read notes of core at offset 16: bytes needs 5 bytes, 4 left',
  );
});

test('parseNotes() refuses a size beyond the end', () => {
  const bytes = note('GNU', 3, DESCRIPTION);
  bytes.fill(0xff, 0, 4);
  expect(() => parse(bytes, 4)).toThrow(
    'Cannot read notes of core at offset 12: bytes needs 4294967295 bytes, 12 left',
  );
});
