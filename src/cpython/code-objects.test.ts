import { expect, test } from 'vitest';
import { measuredLayout, PythonWriter } from '../../test/support/python-writer.ts';
import { type Address, offsetBy, toAddress } from '../base/address.ts';
import { CodeObjects } from './code-objects.ts';
import { ObjectReader } from './objects/object-reader.ts';

// Three location entries of one code unit each, without columns (code 13): lines 10, 11 and 12.
const LOCATIONS = Uint8Array.from([0xe8, 0x00, 0xe8, 0x02, 0xe8, 0x02]);
const FIRST_LINE = 10;
/** As far as one copy of the bytecode lies from the next. */
const COPY_BYTES = 64;

/**
 * A code object of a free-threaded build, whose bytecode has one copy more for each further thread: `co_tlbc` points to a
 * `_PyCodeArray`, a count and as many pointers (cpython/Include/cpython/code.h, 3.14).
 */
function writeCode(copyCount: number) {
  const writer = new PythonWriter(measuredLayout('3.14t'));
  const { code } = writer.layout;
  const copies = Array.from({ length: copyCount }, () => writer.struct(COPY_BYTES).address);
  const written = writer
    .object(writer.type('code').address, code.sizeBytes)
    .word(code.filename, writer.name('/srv/app.py'))
    .word(code.name, writer.name('handle'))
    .word(code.qualname ?? 0, writer.name('App.handle'))
    .word(code.lineTable, writer.bytes(LOCATIONS).address)
    .u32(code.firstLine, FIRST_LINE)
    .word(code.tlbc ?? 0, writer.words([copyCount, ...copies]));
  const codeObjects = new CodeObjects(
    writer.memory,
    writer.layout,
    new ObjectReader(writer.memory, writer.layout),
  );
  const lineAt = (tlbcIndex: number, instruction: number): number | undefined =>
    codeObjects.positionOf(
      {
        address: toAddress(0x1000),
        previous: undefined,
        code: written.address,
        lastInstruction: instruction,
        tlbcIndex,
        isShim: false,
        entryFlag: undefined,
      },
      written.address,
    )?.line;
  const own: Address = offsetBy(written.address, code.adaptiveCode ?? 0);
  const renameTo = (name: string): void => {
    written.word(code.name, writer.name(name));
  };
  return { copies, own, lineAt, codeObjects, address: written.address, renameTo };
}

test.each([0, 1, 2])(
  'positionOf() counts from the copy of the bytecode that the thread runs: %i',
  (index) => {
    const { copies, own, lineAt } = writeCode(3);
    // The first of the copies is the code object's own bytecode.
    const base = index === 0 ? own : (copies[index] ?? 0);
    expect([0, 2, 4].map((offset) => lineAt(index, base + offset))).toEqual([10, 11, 12]);
  },
);

test.each([3, -1, 2 ** 31 - 1])('positionOf() has no line for a copy that is not there: %i', (index) => {
  const { copies, lineAt } = writeCode(3);
  expect(lineAt(index, copies[0] ?? 0)).toBeUndefined();
});

test('isStillThere() tells that other code lies there now, and remembers that', () => {
  const { codeObjects, address, renameTo } = writeCode(1);
  codeObjects.remember(address);
  expect(codeObjects.isStillThere(address)).toBe(true);
  renameTo('make');
  expect(codeObjects.factsOf(address).name).toBe('handle');
  expect(codeObjects.isStillThere(address)).toBe(false);
  expect(codeObjects.factsOf(address).name).toBe('make');
  expect(codeObjects.isStillThere(address)).toBe(true);
});
