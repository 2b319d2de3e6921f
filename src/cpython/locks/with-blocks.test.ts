import { expect, test } from 'vitest';
import { writeExceptionTable } from '../../../test/support/exception-table-writer.ts';
import { measuredLayout, PythonWriter } from '../../../test/support/python-writer.ts';
import type { Address } from '../../base/address.ts';
import type { RawFrame } from '../frame-chain.ts';
import { ObjectReader } from '../objects/object-reader.ts';
import { readWithBlocks } from './with-blocks.ts';

// with first: … with second: …, each at a depth of its own; the head of the first ends at 8.
const TABLE = writeExceptionTable([
  [10, 38, 100, 1, true],
  [40, 58, 80, 2, true],
  // The code of the second handler is in the first block too.
  [80, 88, 100, 1, true],
]);
const TABLE_OF_PAIRS = writeExceptionTable([
  [10, 38, 100, 2, true],
  [40, 58, 80, 4, true],
]);

function cString(writer: PythonWriter, text: string): Address {
  return writer.struct(64).bytes(0, Buffer.from(`${text}\0`)).address;
}

/** What `lock.__exit__` is, or another method. */
function boundMethod(writer: PythonWriter, self: Address, name = '__exit__'): Address {
  const { builtinMethod } = writer.layout;
  const definition = writer.struct(64).word(0, cString(writer, name)).address;
  return writer
    .object(writer.type('builtin_function_or_method').address, 96)
    .word(builtinMethod.definition, definition)
    .word(builtinMethod.self, self).address;
}

function exitFunction(writer: PythonWriter): Address {
  return writer
    .object(writer.type('method_descriptor').address, 96)
    .word(writer.layout.descriptor.name, writer.name('__exit__')).address;
}

interface WrittenFrame {
  readonly values: readonly number[];
  readonly offset?: number;
  readonly table?: Uint8Array;
  /** Levels of the open blocks, to 3.10. */
  readonly levels?: readonly number[];
}

function managersOf(writer: PythonWriter, written: WrittenFrame): readonly Address[] {
  const { values, offset = 0, table = TABLE, levels = [] } = written;
  const { code, frame } = writer.layout;
  const empty = writer.tuple([]).address;
  const object = writer
    .object(writer.type('code').address, code.sizeBytes)
    .u32(code.stackSize, values.length);
  for (const names of [code.localsPlusNames, code.varNames, code.cellVars, code.freeVars])
    if (names !== undefined) object.word(names, empty);
  if (code.exceptionTable !== undefined) object.word(code.exceptionTable, writer.bytes(table).address);
  if (code.instructions !== undefined)
    object.word(code.instructions, writer.bytes(new Uint8Array(8)).address);
  const struct = writer.struct((frame.blocks ?? frame.locals) + 512);
  if (frame.valueStack === undefined)
    for (const [at, value] of values.entries()) struct.word(frame.locals + at * 8, value);
  else struct.word(frame.valueStack, writer.words(values)).u32(frame.blockCount ?? 0, levels.length);
  for (const [at, level] of levels.entries()) struct.u32((frame.blocks ?? 0) + at * 12 + 8, level);
  const raw: RawFrame = {
    address: struct.address,
    previous: undefined,
    code: object.address,
    lastInstruction: 0,
    tlbcIndex: undefined,
    isShim: false,
    entryFlag: undefined,
  };
  const objects = new ObjectReader(writer.memory, writer.layout);
  return readWithBlocks({ objects, codeObjects: { offsetOf: () => offset } }, raw).map(
    ({ manager }) => manager,
  );
}

for (const name of ['3.11', '3.12', '3.13'])
  test(`readWithBlocks() of ${name} takes what is live at the instruction, innermost first`, () => {
    const writer = new PythonWriter(measuredLayout(name));
    const [first, second] = [writer.none(), writer.none()];
    const values = [boundMethod(writer, first), boundMethod(writer, second)];
    expect(managersOf(writer, { values, offset: 50 })).toEqual([second, first]);
    expect(managersOf(writer, { values, offset: 20 })).toEqual([first]);
    expect(managersOf(writer, { values, offset: 8 })).toEqual([]);
  });

for (const name of ['3.14', '3.15'])
  test(`readWithBlocks() of ${name} takes the object behind the function, whatever their tags`, () => {
    const writer = new PythonWriter(measuredLayout(name));
    const lock = writer.none();
    const values = [exitFunction(writer) + 1, lock + 1, exitFunction(writer), lock];
    expect(managersOf(writer, { values, offset: 20, table: TABLE_OF_PAIRS })).toEqual([lock]);
    expect(managersOf(writer, { values: [lock, lock], offset: 20, table: TABLE_OF_PAIRS })).toEqual([]);
  });

for (const name of ['2.7', '3.6', '3.8', '3.10'])
  test(`readWithBlocks() of ${name} takes what lies below the levels of open blocks, and nothing above`, () => {
    const writer = new PythonWriter(measuredLayout(name));
    const [first, second] = [writer.none(), writer.none()];
    const values = [boundMethod(writer, first), boundMethod(writer, second)];
    expect(managersOf(writer, { values, levels: [1, 2] })).toEqual([second, first]);
    expect(managersOf(writer, { values, levels: [1] })).toEqual([first]);
    expect(managersOf(writer, { values })).toEqual([]);
  });

test('readWithBlocks() takes no other method of an object', () => {
  const writer = new PythonWriter(measuredLayout('3.12'));
  const values = [boundMethod(writer, writer.none(), 'acquire'), 0];
  expect(managersOf(writer, { values, offset: 20 })).toEqual([]);
});
