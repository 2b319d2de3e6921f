import { describe, expect, test } from 'vitest';
import { measuredLayout, PythonWriter, type WritableStruct } from '../../../test/support/python-writer.ts';
import { type Address, offsetBy } from '../../base/address.ts';
import { ObjectReader } from './object-reader.ts';

const MANAGED_DICT = 2 ** 4;
const INLINE_VALUES = 2 ** 2;

/** A class whose instances share the keys a, b and c. */
interface SharingClass {
  readonly writer: PythonWriter;
  readonly type: WritableStruct;
}

function sharingClass(version: string, flags: number): SharingClass {
  const writer = new PythonWriter(measuredLayout(version));
  const { layout } = writer;
  const keys = writer.dictKeys(['a', 'b', 'c'].map((name) => [writer.name(name), 0] as const));
  const type = writer.class({ name: 'Sharing', flags, basicSize: layout.object.sizeBytes, dictOffset: -1 });
  return { writer, type: type.word(layout.type.htCachedKeys ?? 0, keys) };
}

/** Values of c and a, set in this order; the order lies below them, downwards, under the count and the room. */
function valuesWithOrderBelow(writer: PythonWriter): Address {
  const struct = writer.struct(32).u8(7, 8).u8(6, 2).u8(5, 2).u8(4, 0);
  return offsetBy(struct.word(8, writer.none()).word(24, writer.none()).address, 8);
}

/** The same as 3.13 writes it: four bytes, then the values, then their order. */
function writeInlineValues(instance: WritableStruct, at: number, writer: PythonWriter): void {
  instance
    .u8(at, 3)
    .u8(at + 1, 2)
    .u8(at + 2, 1)
    .u8(at + 3, 1);
  instance.word(at + 8, writer.none()).word(at + 24, writer.none());
  instance.u8(at + 32, 2).u8(at + 33, 0);
}

function namesOf(writer: PythonWriter, instance: Address): readonly string[] {
  const reader = new ObjectReader(writer.memory, writer.layout);
  return reader.attributes(instance).items.map(({ name }) => name);
}

describe('ObjectReader.attributes()', () => {
  test('reads the values before an instance of 3.11 in the order in which they were set', () => {
    const { writer, type } = sharingClass('3.11', MANAGED_DICT);
    const instance = writer
      .struct(64)
      .word(0, valuesWithOrderBelow(writer))
      .word(32 + 8, type.address);
    expect(namesOf(writer, offsetBy(instance.address, 32))).toEqual(['c', 'a']);
  });

  test('reads the tagged values before an instance of 3.12', () => {
    const { writer, type } = sharingClass('3.12', MANAGED_DICT);
    const tagged = valuesWithOrderBelow(writer) - 1;
    const instance = writer
      .struct(64)
      .word(0, tagged)
      .word(24 + 8, type.address);
    expect(namesOf(writer, offsetBy(instance.address, 24))).toEqual(['c', 'a']);
  });

  test.each(['3.13', '3.13t', '3.14', '3.14t', '3.15'])(
    'reads the inline values of an instance of %s',
    (version) => {
      const { writer, type } = sharingClass(version, MANAGED_DICT + INLINE_VALUES);
      const instance = writer.struct(128).word(24 + writer.layout.object.type, type.address);
      writeInlineValues(instance, 24 + writer.layout.object.sizeBytes, writer);
      expect(namesOf(writer, offsetBy(instance.address, 24))).toEqual(['c', 'a']);
    },
  );

  test('reads the dict that took the place of the inline values', () => {
    const { writer, type } = sharingClass('3.13', MANAGED_DICT + INLINE_VALUES);
    const dict = writer.dict([[writer.name('own'), writer.none()]]).address;
    const instance = writer
      .struct(128)
      .word(0, dict)
      .word(24 + 8, type.address);
    writeInlineValues(instance, 24 + 16, writer);
    expect(namesOf(writer, offsetBy(instance.address, 24))).toEqual(['own']);
  });

  test('takes the order of the keys when that of the values is torn', () => {
    const { writer, type } = sharingClass('3.13', MANAGED_DICT + INLINE_VALUES);
    const instance = writer.struct(128).word(24 + 8, type.address);
    writeInlineValues(instance, 24 + 16, writer);
    instance.u8(24 + 16 + 32, 200);
    expect(namesOf(writer, offsetBy(instance.address, 24))).toEqual(['a', 'c']);
  });

  test('reads a split dict of 3.6 in the order of its keys', () => {
    const writer = new PythonWriter(measuredLayout('3.6'));
    const keys = writer.dictKeys(['a', 'b'].map((name) => [writer.name(name), 0] as const));
    const dict = writer.dict([]).word(writer.layout.dict.keys ?? 0, keys);
    dict.word(writer.layout.dict.values ?? 0, writer.words([writer.none(), writer.none()]));
    const type = writer.class({ name: 'Old', dictOffset: 16 }).address;
    expect(namesOf(writer, writer.object(type, 64).word(16, dict.address).address)).toEqual(['a', 'b']);
  });

  test.each(['2.7', '3.6', '3.11'])(
    'finds the dict behind the items of an int of a subclass, in %s',
    (version) => {
      const writer = new PythonWriter(measuredLayout(version));
      const dict = writer.dict([[writer.name('a'), writer.none()]]).address;
      const base = writer.type('long');
      const type = writer.class({
        name: 'Number',
        base: base.address,
        flags: 2 ** 24,
        basicSize: 32,
        dictOffset: -8,
      });
      type.word(writer.layout.type.itemSize, 4);
      // Three digits of four bytes end at 44; the dict pointer is the last word of 56 bytes.
      const number = writer.object(type.address, 64).word(16, -3).word(40, dict);
      expect(namesOf(writer, number.address)).toEqual(['a']);
    },
  );

  test('reads slots of base classes first, and leaves out those that are not set', () => {
    const writer = new PythonWriter(measuredLayout('3.11'));
    const { htSlots, basicSize } = writer.layout.type;
    writer.type('object').word(basicSize, 16);
    const base = writer.class({ name: 'Base', basicSize: 32 });
    base.word(htSlots, writer.tuple([writer.name('a'), writer.name('b')]).address);
    const type = writer.class({ name: 'Derived', base: base.address, basicSize: 40 });
    type.word(htSlots, writer.tuple([writer.name('c')]).address);
    const instance = writer.object(type.address, 40).word(16, writer.none()).word(32, writer.none());
    expect(namesOf(writer, instance.address)).toEqual(['a', 'c']);
  });

  test('counts attributes beyond the limit', () => {
    const writer = new PythonWriter(measuredLayout('3.11'));
    const dict = writer.dict(
      ['a', 'b', 'c'].map((name) => [writer.name(name), writer.none()] as const),
    ).address;
    const type = writer.class({ name: 'Thing', dictOffset: 16 }).address;
    const instance = writer.object(type, 64).word(16, dict).address;
    const { items, omitted } = new ObjectReader(writer.memory, writer.layout).attributes(instance, 2);
    expect([items.map(({ name }) => name), omitted]).toEqual([['a', 'b'], 1]);
  });
});
