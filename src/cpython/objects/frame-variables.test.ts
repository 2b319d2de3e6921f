import { describe, expect, test } from 'vitest';
import { measuredLayout, PythonWriter } from '../../../test/support/python-writer.ts';
import type { Address } from '../../base/address.ts';
import { readVariables } from './frame-variables.ts';
import { ObjectReader } from './object-reader.ts';

const [LOCAL, CELL, FREE] = [0x20, 0x40, 0x80];
const [OPTIMIZED, VARARGS, VARKEYWORDS] = [1, 4, 8];

interface WrittenFrame {
  readonly names: readonly (readonly [name: string, kind: number])[];
  readonly slots: readonly (number | bigint)[];
  readonly argCount?: number;
  readonly kwOnlyArgCount?: number;
  readonly flags?: number;
}

function writeCode(
  writer: PythonWriter,
  { argCount = 0, kwOnlyArgCount = 0, flags = OPTIMIZED }: WrittenFrame,
) {
  const { code } = writer.layout;
  return writer
    .object(writer.type('code').address, code.sizeBytes)
    .u32(code.flags, flags)
    .u32(code.argCount, argCount)
    .u32(code.kwOnlyArgCount ?? code.argCount, code.kwOnlyArgCount === undefined ? argCount : kwOnlyArgCount);
}

function writeFrame(writer: PythonWriter, slots: readonly (number | bigint)[]): Address {
  const { locals } = writer.layout.frame;
  const frame = writer.struct(locals + slots.length * 8);
  for (const [index, slot] of slots.entries()) frame.word(locals + index * 8, slot);
  return frame.address;
}

/** Reads a frame of 3.11 or later. */
function read(writer: PythonWriter, written: WrittenFrame) {
  const { code: offsets } = writer.layout;
  const names = writer.tuple(written.names.map(([name]) => writer.name(name))).address;
  const kinds = writer.bytes(Uint8Array.from(written.names, ([, kind]) => kind)).address;
  const code = writeCode(writer, written)
    .word(offsets.localsPlusNames ?? 0, names)
    .word(offsets.localsPlusKinds ?? 0, kinds);
  const frameAddress = writeFrame(writer, written.slots);
  const reader = new ObjectReader(writer.memory, writer.layout);
  return readVariables(reader, { frameAddress, codeAddress: code.address });
}

function cellOf(writer: PythonWriter, content: number): Address {
  return writer.object(writer.type('cell').address, 64).word(writer.layout.cell.content, content).address;
}

function int(value: bigint) {
  return { kind: 'int', value, isLong: false };
}

describe.each(['3.11', '3.12', '3.13', '3.14', '3.14t', '3.15'])(
  'readVariables() of a frame of %s',
  (version) => {
    test('tells the roles of arguments, locals and closure', () => {
      const writer = new PythonWriter(measuredLayout(version));
      const value = writer.int(1).address;
      const names = ['a', 'only', 'args', 'options', 'local'].map((name) => [name, LOCAL] as const);
      const variables = read(writer, {
        names: [...names, ['outer', FREE]],
        slots: [value, value, value, value, value, cellOf(writer, value)],
        argCount: 1,
        kwOnlyArgCount: 1,
        flags: OPTIMIZED | VARARGS | VARKEYWORDS,
      });
      const roles = ['positional', 'keyword-only', 'var-positional', 'var-keyword', 'local', 'closure'];
      expect(variables.map(({ role }) => role)).toEqual(roles);
      expect(variables.map(({ value }) => value)).toEqual(roles.map(() => int(1n)));
    });

    test('leaves out names without a value, in the frame and in a cell', () => {
      const writer = new PythonWriter(measuredLayout(version));
      const slots = [0, cellOf(writer, 0), writer.int(3).address];
      const names = [
        ['unbound', LOCAL] as const,
        ['deleted', LOCAL | CELL] as const,
        ['bound', LOCAL] as const,
      ];
      expect(read(writer, { names, slots })).toEqual([{ name: 'bound', role: 'local', value: int(3n) }]);
    });

    test('shows an argument whose cell is not made yet, and a cell that is a value', () => {
      const writer = new PythonWriter(measuredLayout(version));
      const cell = cellOf(writer, writer.int(4).address);
      const names = [['early', LOCAL | CELL] as const, ['cell', LOCAL] as const];
      expect(read(writer, { names, slots: [writer.int(3).address, cell], argCount: 2 })).toEqual([
        { name: 'early', role: 'positional', value: int(3n) },
        { name: 'cell', role: 'positional', value: { kind: 'cell', content: int(4n) } },
      ]);
    });

    test('shows nothing of a module or a class body', () => {
      const writer = new PythonWriter(measuredLayout(version));
      expect(read(writer, { names: [['x', LOCAL]], slots: [writer.none()], flags: 0 })).toEqual([]);
    });

    test('shows a torn pointer as such, beside the others', () => {
      const writer = new PythonWriter(measuredLayout(version));
      const names = [['torn', LOCAL] as const, ['sound', LOCAL] as const];
      const [torn, sound] = read(writer, { names, slots: [2n ** 63n, writer.int(1).address] });
      expect(torn).toMatchObject({ name: 'torn', value: { kind: 'invalid', typeName: undefined } });
      expect(sound).toEqual({ name: 'sound', role: 'local', value: int(1n) });
    });
  },
);

test.each(['3.14', '3.14t', '3.15'])(
  'readVariables() of %s clears tags and reads ints inside references',
  (version) => {
    const writer = new PythonWriter(measuredLayout(version));
    const names = ['borrowed', 'small', 'negative', 'null'].map((name) => [name, LOCAL] as const);
    const slots = [writer.int(1).address + 1, (7n << 2n) | 3n, (-7n << 2n) | 3n, 1];
    expect(read(writer, { names, slots })).toEqual([
      { name: 'borrowed', role: 'local', value: int(1n) },
      { name: 'small', role: 'local', value: int(7n) },
      { name: 'negative', role: 'local', value: int(-7n) },
    ]);
  },
);

describe.each(['2.7', '3.6', '3.10'])('readVariables() of a frame of %s', (version) => {
  test('shows a captured argument once, from its cell, then cells, then the closure', () => {
    const writer = new PythonWriter(measuredLayout(version));
    const [one, two, three, four] = [1, 2, 3, 4].map((value) => writer.int(value).address);
    if (one === undefined || two === undefined || three === undefined || four === undefined)
      throw new RangeError();
    const slots = [one, 0, two, cellOf(writer, three), cellOf(writer, four), cellOf(writer, one)];
    const { code: offsets } = writer.layout;
    const tuple = (...names: string[]) => writer.tuple(names.map((name) => writer.name(name))).address;
    const code = writeCode(writer, { names: [], slots, argCount: 2 })
      .word(offsets.varNames ?? 0, tuple('a', 'captured', 'local'))
      .word(offsets.cellVars ?? 0, tuple('captured', 'shared'))
      .word(offsets.freeVars ?? 0, tuple('outer'));
    const reader = new ObjectReader(writer.memory, writer.layout);
    const frameAddress = writeFrame(writer, slots);
    expect(readVariables(reader, { frameAddress, codeAddress: code.address })).toEqual([
      { name: 'a', role: 'positional', value: int(1n) },
      { name: 'captured', role: 'positional', value: int(3n) },
      { name: 'local', role: 'local', value: int(2n) },
      { name: 'shared', role: 'local', value: int(4n) },
      { name: 'outer', role: 'closure', value: int(1n) },
    ]);
  });
});
