import { describe, expect, test } from 'vitest';
import { measuredLayout, PythonWriter } from '../../../test/support/python-writer.ts';
import { type Address, toAddress } from '../../base/address.ts';
import { ProcessExitedError } from '../../base/errors.ts';
import type { ObjectView } from '../../model/object-view.ts';
import { ObjectReader } from './object-reader.ts';

const PYTHON3 = ['3.6', '3.10', '3.11', '3.12', '3.13', '3.13t', '3.14', '3.14t', '3.15'];
const VERSIONS = ['2.7', ...PYTHON3];

type Write = (writer: PythonWriter) => Address;

function viewOf(version: string, write: Write, budget = {}): ObjectView {
  const writer = new PythonWriter(measuredLayout(version));
  const address = write(writer);
  const whole = { maxDepth: 6, maxItems: 100, maxCharacters: 100, maxObjects: 100, ...budget };
  return new ObjectReader(writer.memory, writer.layout).view(address, whole);
}

function int(value: bigint): ObjectView {
  return { kind: 'int', value, isLong: false };
}

function str(value: string): ObjectView {
  return { kind: 'str', value, omitted: 0, python2: undefined };
}

describe.each(VERSIONS)('ObjectReader.view() under %s', (version) => {
  test('shows None, floats and complex numbers', () => {
    expect(viewOf(version, (writer) => writer.none())).toEqual({ kind: 'none' });
    expect(viewOf(version, (writer) => writer.float(-0.5).address)).toEqual({ kind: 'float', value: -0.5 });
    const complex = viewOf(version, (writer) => {
      const { real, imaginary } = writer.layout.complex;
      return writer.object(writer.type('complex').address, 64).f64(real, 1).f64(imaginary, -2).address;
    });
    expect(complex).toEqual({ kind: 'complex', real: 1, imaginary: -2 });
  });

  test.each([0n, 1n, -1n, 2n ** 30n, 2n ** 62n])('shows the int %s', (value) => {
    expect(viewOf(version, (writer) => writer.int(value).address)).toEqual(int(value));
  });

  test('shows the items of tuples and lists', () => {
    const write: Write = (writer) =>
      writer.list([writer.int(1).address, writer.tuple([writer.int(2).address]).address]).address;
    expect(viewOf(version, write)).toEqual({
      kind: 'sequence',
      type: 'list',
      items: [int(1n), { kind: 'sequence', type: 'tuple', items: [int(2n)], omitted: 0 }],
      omitted: 0,
    });
  });

  test('shows the entries of a dict without the deleted ones', () => {
    const write: Write = (writer) => {
      const [one, two, three] = [writer.int(1).address, writer.int(2).address, writer.int(3).address];
      return writer.dict([
        [three, one],
        [two, 0],
        [one, two],
      ]).address;
    };
    expect(viewOf(version, write)).toEqual({
      kind: 'mapping',
      type: 'dict',
      entries: [
        { key: int(3n), value: int(1n) },
        { key: int(1n), value: int(2n) },
      ],
      omitted: 0,
    });
  });

  test('names the type of an object that it cannot show', () => {
    const view = viewOf(version, (writer) => writer.object(writer.type('mystery.Box').address, 64).address);
    expect(view).toEqual({
      kind: 'opaque',
      typeName: 'mystery.Box',
      address: view.kind === 'opaque' && view.address,
    });
  });

  test('shows an instance under its module and qualified name', () => {
    const view = viewOf(version, (writer) => {
      const dict = writer.dict([[writer.name('a'), writer.int(1).address]]).address;
      const type = writer.class({ name: 'Thing', dictOffset: 32 }).address;
      return writer.object(type, 64).word(32, dict).address;
    });
    expect(view).toMatchObject({
      kind: 'instance',
      typeName: 'pkg.Thing',
      isDataclass: false,
      attributes: [{ name: 'a', value: int(1n) }],
      omitted: 0,
    });
  });

  test('shows a subclass of a container as its base, under its own name', () => {
    const view = viewOf(version, (writer) => {
      const type = writer.class({ name: 'Pair', base: writer.type('tuple').address, flags: 2 ** 26 }).address;
      return writer.tuple([writer.int(1).address], type).address;
    });
    const base = { kind: 'sequence', type: 'tuple', items: [int(1n)], omitted: 0 };
    expect(view).toEqual({ kind: 'subclass', typeName: 'Pair', base });
  });

  test('shows a named tuple with its fields', () => {
    const view = viewOf(version, (writer) => {
      const fields = writer.tuple([writer.name('x')]).address;
      const namespace = [['_fields', fields] as const];
      const base = writer.type('tuple').address;
      const type = writer.class({ name: 'Point', base, namespace, flags: 2 ** 26 }).address;
      return writer.tuple([writer.int(1).address], type).address;
    });
    expect(view).toMatchObject({ kind: 'subclass', typeName: 'Point', fieldNames: ['x'] });
  });

  test('shows an object inside itself as a cycle', () => {
    const view = viewOf(version, (writer) => {
      const list = writer.list([0]);
      const storage = writer.words([list.address]);
      return list.word(writer.layout.list.items, storage).address;
    });
    expect(view).toMatchObject({
      kind: 'sequence',
      items: [{ kind: 'cycle', typeName: 'list' }],
      omitted: 0,
    });
  });
});

describe.each(PYTHON3)('ObjectReader.view() under %s', (version) => {
  test.each(['', 'ascii', 'caf\u00e9', '\u20ac', '\ud83d\ude00!', '\ud800'])('shows the str %j', (text) => {
    expect(viewOf(version, (writer) => writer.str(text).address)).toEqual(str(text));
  });

  test.each([2n ** 90n, 10n ** 100n, -(2n ** 91n) - 5n, -(2n ** 63n)])('shows the int %s', (value) => {
    expect(viewOf(version, (writer) => writer.int(value).address)).toEqual(int(value));
  });

  test('shows a str of a subclass, whose characters lie elsewhere', () => {
    const { unicode } = measuredLayout(version);
    if (unicode === undefined) throw new RangeError('Python 3 has unicode');
    const view = viewOf(version, (writer) => {
      const type = writer.class({ name: 'Text', base: writer.type('str').address, flags: 2 ** 28 }).address;
      const characters = writer.struct(4).bytes(0, Buffer.from('\u20acx', 'utf16le')).address;
      return writer
        .object(type, unicode.dataPointer + 8)
        .word(unicode.length, 2)
        .u32(unicode.state, 2 * 2 ** unicode.kindShift)
        .word(unicode.dataPointer, characters).address;
    });
    expect(view).toEqual({ kind: 'subclass', typeName: 'Text', base: str('\u20acx') });
  });

  test('shows bytes and what was cut from them', () => {
    const view = viewOf(version, (writer) => writer.bytes(Buffer.from('abcdef')).address, {
      maxCharacters: 4,
    });
    expect(view).toEqual({
      kind: 'bytes',
      type: 'bytes',
      value: Uint8Array.from(Buffer.from('abcd')),
      omitted: 2,
    });
  });

  test('shows the members of an enum by name and value', () => {
    const view = viewOf(version, (writer) => {
      const namespace = [['_member_map_', writer.dict([]).address] as const];
      const type = writer.class({ name: 'Color', namespace, dictOffset: 32 }).address;
      const dict = writer.dict([
        [writer.name('_value_'), writer.int(1).address],
        [writer.name('_name_'), writer.name('RED')],
      ]).address;
      return writer.object(type, 64).word(32, dict).address;
    });
    expect(view).toEqual({ kind: 'enum-member', typeName: 'Color', memberName: 'RED', value: int(1n) });
  });

  test('shows the fields of a dataclass in the order of the class and counts other attributes', () => {
    const view = viewOf(version, (writer) => {
      const fields = writer.dict(
        ['b', 'a'].map((name) => [writer.name(name), writer.none()] as const),
      ).address;
      const type = writer.class({
        name: 'Data',
        namespace: [['__dataclass_fields__', fields]],
        dictOffset: 32,
      }).address;
      const dict = writer.dict(
        ['other', 'a', 'b'].map((name) => [writer.name(name), writer.none()] as const),
      );
      return writer.object(type, 64).word(32, dict.address).address;
    });
    expect(view).toMatchObject({
      typeName: 'Data',
      isDataclass: true,
      attributes: [
        { name: 'b', value: { kind: 'none' } },
        { name: 'a', value: { kind: 'none' } },
      ],
      omitted: 1,
    });
  });
});

describe('ObjectReader.view() under 2.7', () => {
  test('tells str, unicode and long from what they are in Python 3', () => {
    expect(viewOf('2.7', (writer) => writer.bytes(Buffer.from('caf\xe9', 'latin1'), 'str').address)).toEqual({
      kind: 'str',
      value: 'caf\u00e9',
      omitted: 0,
      python2: 'str',
    });
    expect(viewOf('2.7', (writer) => writer.int(5n, 'long').address)).toEqual({
      kind: 'int',
      value: 5n,
      isLong: true,
    });
  });

  test('takes an object of somebody’s own type called range for no range', () => {
    const view = viewOf('2.7', (writer) => writer.object(writer.type('range').address, 64).address);
    expect([view.kind, 'typeName' in view && view.typeName]).toEqual(['opaque', 'range']);
  });

  test.each([2, 4] as const)('reads unicode of %s bytes for each character', (width) => {
    const writer = new PythonWriter(measuredLayout('2.7'));
    const { unicode2 } = writer.layout;
    if (unicode2 === undefined) throw new RangeError('Python 2 has unicode2');
    const characters = writer.struct(8);
    for (const [index, code] of [0x20ac, 0x78].entries()) characters.u32(index * width, code);
    const text = writer
      .object(writer.type('unicode').address, 64)
      .word(unicode2.length, 2)
      .word(unicode2.data, characters.address);
    const reader = new ObjectReader(writer.memory, writer.layout, { python2UnicodeBytes: width });
    expect(reader.view(text.address)).toEqual({
      kind: 'str',
      value: '\u20acx',
      omitted: 0,
      python2: 'unicode',
    });
  });
});

describe('ObjectReader.view() of torn memory', () => {
  const invalid = (write: Write) => {
    const view = viewOf('3.11', write);
    return view.kind === 'invalid' ? [view.typeName, view.reason] : view;
  };

  test('says that a type pointer leads nowhere', () => {
    expect(invalid((writer) => writer.object(toAddress(0x1000), 64).address)).toEqual([
      undefined,
      'Cannot read 16 bytes at 0x1000: not mapped in the target',
    ]);
  });

  test('says that a type pointer is NULL', () => {
    const [typeName, reason] = invalid((writer) => writer.struct(64).address) as [unknown, string];
    expect(typeName).toBeUndefined();
    expect(reason).toMatch(/^Cannot read PyObject at 0x[0-9a-f]+ at offset 8: pointer is NULL$/);
  });

  test('does not believe a type whose own type is no class of types', () => {
    const [, reason] = invalid((writer) => {
      const pretender = writer.struct(1024).word(8, writer.type('int').address);
      return writer.object(pretender.address, 64).address;
    }) as [unknown, string];
    expect(reason).toMatch(/^Cannot read type at 0x[0-9a-f]+ at offset 0: it is not a type object$/);
  });

  test('says which item of a tuple is NULL and shows the others', () => {
    const view = viewOf('3.11', (writer) => writer.tuple([0, writer.int(7).address]).address);
    expect(view).toMatchObject({
      items: [{ kind: 'invalid', address: 0, reason: 'the pointer is NULL' }, int(7n)],
    });
  });

  test.each<[string, Write, RegExp]>([
    [
      'a negative length',
      (writer) => writer.list([]).word(16, -1).address,
      /^Cannot read PyListObject at 0x[0-9a-f]+ at offset 16: a length of -1 is absurd$/,
    ],
    [
      'a list without storage',
      (writer) => writer.list([]).word(16, 3).word(24, 0).address,
      /^Cannot read PyListObject at 0x[0-9a-f]+ at offset 24: pointer is NULL$/,
    ],
    [
      'a str that is not ready',
      (writer) => writer.str('x').u32(32, 0).address,
      /at offset 32: the string is not ready: it has only its wchar_t form$/,
    ],
    [
      'a str of no kind',
      (writer) => writer.str('x').u32(32, 0b1101100).address,
      /at offset 32: a kind of 3 is none$/,
    ],
    [
      'an int of a billion digits',
      (writer) => writer.int(1).word(16, 2 ** 30).address,
      /at offset 16: the int has 1073741824 digits of 30 bits$/,
    ],
    [
      'a dict of too many entries',
      (writer) => writer.dict([]).word(32, writer.struct(200).u8(8, 3).word(24, 99).address).address,
      /at offset 24: 99 entries do not fit 8$/,
    ],
    [
      'keys of 2^99 slots',
      (writer) => writer.dict([]).word(32, writer.struct(200).u8(8, 99).address).address,
      /at offset 8: 2\^99 slots are absurd$/,
    ],
  ])('says what is wrong with %s', (_what, write, expected) => {
    expect(invalid(write)).toEqual([expect.any(String), expect.stringMatching(expected)]);
  });

  test('ends for a type that is its own base', () => {
    const [, reason] = invalid((writer) => {
      const type = writer.type('loop');
      return writer.object(type.word(writer.layout.type.base, type.address).address, 64).address;
    }) as [unknown, string];
    expect(reason).toMatch(/its bases do not end$/);
  });

  test('lets the end of the process through', () => {
    const gone = {
      read: () => {
        throw new ProcessExitedError(42);
      },
      readMany: () => [],
    };
    const reader = new ObjectReader(gone, measuredLayout('3.11'));
    expect(() => reader.view(toAddress(0x1000))).toThrow(new ProcessExitedError(42));
  });
});

describe('the budget of ObjectReader.view()', () => {
  const nested: Write = (writer) => {
    const inner = writer.list([writer.int(1).address]).address;
    return writer.tuple([inner, writer.int(2).address, writer.str('abcdef').address]).address;
  };

  test('leaves out what is too deep', () => {
    expect(viewOf('3.11', nested, { maxDepth: 1 })).toMatchObject({
      items: [{ kind: 'omitted', typeName: 'list' }, int(2n), str('abcdef')],
      omitted: 0,
    });
  });

  test('counts the items that are too many', () => {
    expect(viewOf('3.11', nested, { maxItems: 1 })).toMatchObject({ items: [{ type: 'list' }], omitted: 2 });
  });

  test('counts what comes after the last object', () => {
    expect(viewOf('3.11', nested, { maxObjects: 2 })).toMatchObject({
      items: [{ kind: 'sequence', items: [], omitted: 1 }],
      omitted: 2,
    });
  });

  test('counts the characters that are too many', () => {
    expect(viewOf('3.11', (writer) => writer.str('abcdef').address, { maxCharacters: 2 })).toEqual({
      ...str('ab'),
      omitted: 4,
    });
  });
});

describe('ObjectReader', () => {
  test('readText() refuses what is no string and what is too long', () => {
    const writer = new PythonWriter(measuredLayout('3.12'));
    const reader = new ObjectReader(writer.memory, writer.layout);
    const [text, number] = [writer.str('name').address, writer.int(1).address];
    expect(reader.readText(text)).toBe('name');
    expect(() => reader.readText(number)).toThrow(
      /^Cannot read text at 0x[0-9a-f]+ at offset 0: it is not a string$/,
    );
    expect(() => reader.readText(text, 3)).toThrow(/: it is longer than 3 characters by 1$/);
  });

  test('forget() lets a type be read anew', () => {
    const writer = new PythonWriter(measuredLayout('3.12'));
    const reader = new ObjectReader(writer.memory, writer.layout);
    const type = writer.type('before');
    const object = writer.object(type.address, 64).address;
    expect(reader.typeNameOf(object)).toBe('before');
    type.word(writer.layout.type.name, writer.struct(64).bytes(0, Buffer.from('after')).address);
    expect(reader.typeNameOf(object)).toBe('before');
    reader.forget();
    expect(reader.typeNameOf(object)).toBe('after');
  });

  test('lookUpString() finds a value by its key, if it is there', () => {
    const writer = new PythonWriter(measuredLayout('3.12'));
    const reader = new ObjectReader(writer.memory, writer.layout);
    const value = writer.none();
    const dict = writer.dict([
      [writer.int(1).address, writer.none()],
      [writer.str('keys').address, writer.none()],
      [writer.str('key').address, value],
    ]).address;
    expect(reader.lookUpString(dict, 'key')).toBe(value);
    expect(reader.lookUpString(dict, 'other')).toBeUndefined();
  });
});
