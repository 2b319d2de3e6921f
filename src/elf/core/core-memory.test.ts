import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  auxiliaryNote,
  type CoreToWrite,
  filesNote,
  type MemoryToWrite,
  threadNote,
  writeCore,
} from '../../../test/support/core-writer.ts';
import { cases } from '../../../test/support/fuzzing.ts';
import { TestSource } from '../../../test/support/test-source.ts';
import { toAddress } from '../../base/address.ts';
import { MalformedInputError, UnreadableMemoryError } from '../../base/errors.ts';
import type { ByteSource } from '../../base/ports.ts';
import { readCore } from './core-file.ts';
import { CoreMemory } from './core-memory.ts';

const LIBRARY = '/lib/x.so';
/** The file of LIBRARY: each byte is the number of its page, the last page is half. */
const FILE = Uint8Array.from({ length: 0x5800 }, (_, index) => Math.floor(index / 0x1000) + 1);

const BASE = 0x7f00_0000;
const STACK = 0x7ffe_0000;
const NOTES = [
  threadNote({ threadId: 1 }),
  auxiliaryNote({ 6: 4096 }),
  filesNote([{ start: BASE, end: BASE + 0x6000, path: LIBRARY }]),
];

/** A stack, which the kernel writes unless coredump_filter excludes anonymous memory. */
const WRITTEN: MemoryToWrite = { start: STACK, bytes: Uint8Array.from({ length: 0x100 }, () => 0xee) };

function memoryOf(core: CoreToWrite, { dropBytes = 0, file = FILE, hasFile = true } = {}): CoreMemory {
  const bytes = writeCore({ notes: NOTES, ...core });
  const source = new TestSource(bytes.subarray(0, bytes.length - dropBytes), 'test.core');
  const opened = hasFile ? new TestSource(file, LIBRARY) : undefined;
  return new CoreMemory(readCore(source), ({ path }) => (path === LIBRARY ? opened : undefined));
}

function tryRead(memory: CoreMemory, address: number, sizeBytes = 1): readonly number[] | undefined {
  try {
    return [...memory.read(toAddress(address), sizeBytes)];
  } catch (error) {
    if (error instanceof UnreadableMemoryError) return undefined;
    throw error;
  }
}

test('CoreMemory reads what was dumped, across segments that touch', () => {
  const memory = memoryOf({
    memory: [
      { start: 0x1000, bytes: Uint8Array.from([1, 2, 3]) },
      { start: 0x1003, bytes: Uint8Array.from([4, 5]) },
    ],
  });
  expect(tryRead(memory, 0x1001, 4)).toEqual([2, 3, 4, 5]);
  expect(tryRead(memory, 0x1001, 0)).toEqual([]);
  expect(tryRead(memory, 0x1001, 5)).toBeUndefined();
  expect(tryRead(memory, 0xfff)).toBeUndefined();
});

test('CoreMemory names the address that it could not read', () => {
  expect(() => memoryOf({}).read(toAddress(0x1234), 8)).toThrow(
    'Cannot read 8 bytes at 0x1234: not mapped in the target',
  );
});

test('CoreMemory reads the file where the core leaves out what the process cannot have changed', () => {
  const memory = memoryOf({
    memory: [
      { start: BASE, bytes: Uint8Array.from({ length: 0x1000 }, () => 0xaa), sizeBytes: 0x2000, access: 'r' },
      { start: BASE + 0x2000, sizeBytes: 0x1000, access: 'rx' },
      { start: BASE + 0x3000, sizeBytes: 0x1000, access: 'rw' },
      WRITTEN,
    ],
  });
  expect(tryRead(memory, BASE + 0xfff, 2)).toEqual([0xaa, 2]);
  expect(tryRead(memory, BASE + 0x1fff, 2)).toEqual([2, 3]);
  // A writable page that nobody wrote to has no copy of its own, so that the kernel leaves it out.
  expect(tryRead(memory, BASE + 0x3000)).toEqual([4]);
  // gdb has no program header for what it leaves out.
  expect(tryRead(memory, BASE + 0x3fff, 2)).toEqual([4, 5]);
});

test('CoreMemory reads zeros behind the end of a file in its last page, and nothing behind that page', () => {
  const memory = memoryOf({ memory: [WRITTEN] });
  expect(tryRead(memory, BASE + 0x57ff, 3)).toEqual([6, 0, 0]);
  expect(tryRead(memory, BASE + 0x5fff)).toEqual([0]);
  expect(tryRead(memory, BASE + 0x6000)).toBeUndefined();
  expect(
    tryRead(memoryOf({ memory: [WRITTEN] }, { file: FILE.subarray(0, 10) }), BASE + 0x1000),
  ).toBeUndefined();
});

test('CoreMemory takes only code from files when coredump_filter excludes memory that was written to', () => {
  const memory = memoryOf({
    memory: [
      { start: BASE, sizeBytes: 0x1000, access: 'r' },
      { start: BASE + 0x1000, sizeBytes: 0x1000, access: 'rx' },
      { start: BASE + 0x2000, sizeBytes: 0x1000, access: 'rw' },
      { start: STACK, sizeBytes: 0x1000 },
    ],
  });
  expect(tryRead(memory, BASE)).toBeUndefined();
  expect(tryRead(memory, BASE + 0x1000)).toEqual([2]);
  expect(tryRead(memory, BASE + 0x2000)).toBeUndefined();
  expect(tryRead(memory, BASE + 0x3000)).toBeUndefined();
});

test('CoreMemory does not take memory without a file for zeros when it was left out', () => {
  expect(
    tryRead(memoryOf({ memory: [WRITTEN, { start: 0x1000, sizeBytes: 0x1000 }] }), 0x1000),
  ).toBeUndefined();
});

test('CoreMemory reads what is there of a core that was cut off, and code from the file', () => {
  const bytes = Uint8Array.from({ length: 0x100 }, () => 0xbb);
  const memory = memoryOf(
    {
      memory: [
        WRITTEN,
        { start: 0x1000, bytes },
        { start: BASE, bytes, access: 'r' },
        { start: BASE + 0x1000, bytes, access: 'rx' },
      ],
    },
    { dropBytes: 0x280 },
  );
  expect(tryRead(memory, STACK + 0xff)).toEqual([0xee]);
  expect(tryRead(memory, 0x107f)).toEqual([0xbb]);
  expect(tryRead(memory, 0x1080)).toBeUndefined();
  expect(tryRead(memory, BASE)).toBeUndefined();
  expect(tryRead(memory, BASE + 0x1000)).toEqual([2]);
});

test('CoreMemory takes nothing from a file that is not at hand', () => {
  const memory = memoryOf({ memory: [WRITTEN] }, { hasFile: false });
  expect(tryRead(memory, BASE)).toBeUndefined();
});

test('CoreMemory reads several ranges, each for itself', () => {
  const memory = memoryOf({ memory: [WRITTEN] });
  const ranges = [STACK, 0x1000, BASE].map((start) => ({ address: toAddress(start), sizeBytes: 2 }));
  expect(memory.readMany(ranges).map((bytes) => bytes && [...bytes])).toEqual([
    [0xee, 0xee],
    undefined,
    [1, 1],
  ]);
});

/** A file of which the bytes are made when they are read, and that counts them. */
class EndlessSource implements ByteSource {
  readonly name = 'large.core';
  readonly sizeBytes: number;
  readonly #start: Uint8Array;
  bytesRead = 0;

  constructor(start: Uint8Array, sizeBytes: number) {
    this.#start = start;
    this.sizeBytes = sizeBytes;
  }

  read(offset: number, sizeBytes: number): Uint8Array {
    this.bytesRead += sizeBytes;
    const bytes = new Uint8Array(sizeBytes);
    bytes.set(this.#start.subarray(offset, offset + sizeBytes));
    return bytes;
  }
}

test('CoreMemory reads no more of a core of 20 GB than is asked for', () => {
  const large = { start: 0x1000, sizeBytes: 20e9, dumpedBytes: 20e9 };
  const start = writeCore({ notes: NOTES, memory: [large] });
  const source = new EndlessSource(start, start.length + 20e9);
  const memory = new CoreMemory(readCore(source), () => undefined);
  expect(tryRead(memory, 19e9, 8)).toEqual([0, 0, 0, 0, 0, 0, 0, 0]);
  expect(source.bytesRead).toBeLessThan(200_000);
});

test('readCore() and CoreMemory answer or throw MalformedInputError for a core with bytes changed', () => {
  const library = Uint8Array.from({ length: 0x1000 }, () => 7);
  const cores = [false, true].map((areNotesLast) =>
    writeCore({
      notes: NOTES,
      memory: [WRITTEN, { start: BASE, bytes: library, access: 'r' }],
      areNotesLast,
    }),
  );
  const patch = fc.tuple(
    fc.nat(700),
    fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 8 }),
      fc.constantFrom([255, 255, 255, 255], [255, 255, 255, 255, 255, 255, 31, 0], [0, 0, 0, 0]),
    ),
  );
  fc.assert(
    fc.property(
      fc.constantFrom(...cores),
      fc.array(patch, { minLength: 1, maxLength: 6 }),
      (core, patches) => {
        const bytes = Uint8Array.from(core);
        for (const [at, changed] of patches) bytes.set(changed, at);
        const source = new TestSource(bytes, 'test.core');
        try {
          const memory = new CoreMemory(readCore(source), () => new TestSource(FILE));
          for (const at of [STACK, BASE, BASE + 0x2000, 0, 2 ** 52]) tryRead(memory, at, 64);
        } catch (error) {
          expect(error).toBeInstanceOf(MalformedInputError);
        }
        expect(source.reads.length).toBeLessThan(1000);
      },
    ),
    cases(400),
  );
});
