import { expect, test } from 'vitest';
import { type AddressRange, END_OF_USER_SPACE, toAddress } from '../../base/address.ts';
import { UnreadableMemoryError } from '../../base/errors.ts';
import type { Memory } from '../../base/ports.ts';
import { HeapMemory } from './heap-memory.ts';
import { HeapWords, NO_WORD } from './heap-words.ts';

const PAGE = 4096;
const START = 0x7f00_0002_0000;

/** One page is mapped, in the middle of nothing: each of its words says where it is. */
class OnePage implements Memory {
  read(address: number, sizeBytes: number): Uint8Array {
    const words = Array.from({ length: sizeBytes / 8 }, (_, at) => BigInt(address + at * 8));
    return new Uint8Array(BigUint64Array.from(words).buffer);
  }

  readMany(ranges: readonly AddressRange[]): readonly (Uint8Array | undefined)[] {
    return ranges.map(({ address, sizeBytes }) =>
      address >= START && address + sizeBytes <= START + PAGE ? this.read(address, sizeBytes) : undefined,
    );
  }
}

test('HeapWords tells words that are there from what is not mapped', () => {
  const words = new HeapWords(new OnePage());
  expect([words.word(START + 16), words.word(START + PAGE)]).toEqual([START + 16, NO_WORD]);
  const seen: number[] = [];
  words.visit(START + PAGE - 16, 4, (word) => seen.push(word));
  expect(seen).toEqual([START + PAGE - 16, START + PAGE - 8]);
});

test('a copied heap has no bytes where nothing is mapped', () => {
  const words = new HeapWords(new OnePage());
  expect(words.bytes(START + PAGE - 8, 8)).toEqual(new OnePage().read(START + PAGE - 8, 8));
  expect([words.bytes(START + PAGE - 8, 16), words.bytes(START + PAGE, 1)]).toEqual([undefined, undefined]);
  expect(() => new HeapMemory(words).read(toAddress(START - 8), 16)).toThrow(UnreadableMemoryError);
  expect(words.bytes(START, 2 ** 53)).toBe(undefined);
});

test('a word that leads to the upper half of what aarch64 gives a process is a pointer', () => {
  const highest = END_OF_USER_SPACE - PAGE;
  const read = (address: number, sizeBytes: number) => new OnePage().read(address, sizeBytes);
  const memory: Memory = {
    read,
    readMany: (ranges) => ranges.map((range) => read(range.address, range.sizeBytes)),
  };
  const words = new HeapWords(memory);
  const seen: number[] = [];
  words.visit(highest, 2, (word) => seen.push(word));
  expect([words.word(highest), seen]).toEqual([highest, [highest, highest + 8]]);
});
