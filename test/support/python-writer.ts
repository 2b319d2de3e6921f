import { type Address, toAddress } from '../../src/base/address.ts';
import type { Layout } from '../../src/cpython/layouts/layout.ts';
import { measuredLayoutFor } from '../../src/cpython/layouts/layout-for.ts';
import { TestMemory } from './test-memory.ts';

const FLAG_BITS: Readonly<Record<string, number>> = {
  int: 24,
  bool: 24,
  long: 24,
  list: 25,
  tuple: 26,
  bytes: 27,
  str: 28,
  unicode: 28,
  dict: 29,
  BaseException: 30,
  type: 31,
};
const HEAP_TYPE = 2 ** 9;
const PYTHON2_STR_BIT = 27;
const PYTHON2_INT_BIT = 23;

/** A measured layout by its name: `3.11`, `3.14t`, `2.7`. */
export function measuredLayout(name: string): Layout {
  const [, major = '0', minor = '0', micro = '0', suffix = ''] =
    /^(\d)\.(\d+)(?:\.(\d+))?(t?)$/.exec(name) ?? [];
  const layout = measuredLayoutFor({
    major: Number(major),
    minor: Number(minor),
    micro: Number(micro),
    releaseLevel: 'final',
    serial: 0,
    isFreeThreaded: suffix === 't',
    isDebugBuild: false,
  });
  if (layout === undefined) throw new RangeError(`no layout of ${name}`);
  return layout;
}

/** A struct in test memory that can still be changed. */
export class WritableStruct {
  readonly address: Address;
  readonly #view: DataView;

  constructor(address: Address, bytes: Uint8Array) {
    this.address = address;
    this.#view = new DataView(bytes.buffer);
  }

  /** Writes 64 bits: an address, a size, a signed number. */
  word(offset: number, value: number | bigint): this {
    this.#view.setBigUint64(offset, BigInt.asUintN(64, BigInt(value)), true);
    return this;
  }

  u32(offset: number, value: number): this {
    this.#view.setUint32(offset, value, true);
    return this;
  }

  u8(offset: number, value: number): this {
    this.#view.setUint8(offset, value);
    return this;
  }

  f64(offset: number, value: number): this {
    this.#view.setFloat64(offset, value, true);
    return this;
  }

  bytes(offset: number, bytes: Uint8Array): this {
    new Uint8Array(this.#view.buffer).set(bytes, offset);
    return this;
  }
}

/** What a class statement makes. */
export interface WrittenClass {
  readonly name: string;
  readonly base?: Address;
  readonly namespace?: readonly (readonly [string, Address])[];
  readonly flags?: number;
  readonly dictOffset?: number;
  readonly basicSize?: number;
}

/** Writes Python objects into test memory, as one version of CPython lays them out. */
export class PythonWriter {
  readonly layout: Layout;
  readonly memory = new TestMemory();
  readonly #types = new Map<string, WritableStruct>();
  #next = 0x10_0000;

  constructor(layout: Layout) {
    this.layout = layout;
  }

  /** Zeroed memory with nothing mapped on either side. */
  struct(sizeBytes: number, before = 0): WritableStruct {
    const bytes = new Uint8Array(before + sizeBytes);
    const start = this.#next;
    this.memory.map(start, bytes);
    this.#next += Math.ceil((bytes.length + 64) / 4096) * 4096;
    return new WritableStruct(toAddress(start), bytes);
  }

  /** An object with a header and `sizeBytes` in all. */
  object(type: Address, sizeBytes: number): WritableStruct {
    return this.struct(sizeBytes).word(this.layout.object.type, type);
  }

  /** A static type; `type` is its own type. */
  type(name: string, base?: Address): WritableStruct {
    const known = this.#types.get(name);
    if (known !== undefined) return known;
    const struct = this.struct(this.layout.type.sizeBytes);
    this.#types.set(name, struct);
    this.#fillType(struct, name, base);
    return struct.word(this.layout.type.flags, this.#flagsOf(name));
  }

  /** A type that a class statement made. */
  class({
    name,
    base,
    namespace = [],
    flags = 0,
    dictOffset = 0,
    basicSize = 16,
  }: WrittenClass): WritableStruct {
    const { type } = this.layout;
    const struct = this.struct(
      Math.max(type.sizeBytes, type.htSlots, type.htCachedKeys ?? 0, type.htQualname ?? 0) + 8,
    );
    const parent = base ?? this.type('object').address;
    this.#fillType(struct, name, parent);
    const entries = [['__module__', this.name('pkg')] as const, ...namespace];
    struct
      .word(type.flags, flags + HEAP_TYPE)
      .word(type.basicSize, basicSize)
      .word(type.dictOffset, dictOffset)
      .word(type.dict, this.dict(entries.map(([key, value]) => [this.name(key), value] as const)).address)
      .word(type.mro, this.tuple([struct.address, parent]).address);
    if (type.htQualname !== undefined) struct.word(type.htQualname, this.name(name));
    return struct;
  }

  /** A name as this version keeps names. */
  name(text: string): Address {
    return this.layout.unicode === undefined
      ? this.bytes(Buffer.from(text), 'str').address
      : this.str(text).address;
  }

  str(text: string, typeName = 'str'): WritableStruct {
    const { unicode } = this.layout;
    if (unicode === undefined) throw new RangeError('Python 2 has no such str');
    const codePoints = [...text].map((character) => character.codePointAt(0) ?? 0);
    const highest = Math.max(0, ...codePoints);
    const kind = highest < 0x100 ? 1 : highest < 0x1_0000 ? 2 : 4;
    const isAscii = highest < 0x80;
    const start = isAscii ? unicode.asciiData : unicode.compactData;
    const state =
      kind * 2 ** unicode.kindShift + 2 ** unicode.compactShift + (isAscii ? 2 ** unicode.asciiShift : 0);
    const struct = this.object(this.type(typeName).address, start + (text.length + 1) * 4)
      .word(unicode.length, codePoints.length)
      .u32(unicode.state, state);
    for (const [index, codePoint] of codePoints.entries())
      for (let byte = 0; byte < kind; byte += 1)
        struct.u8(start + index * kind + byte, (codePoint >>> (byte * 8)) & 0xff);
    return struct;
  }

  bytes(value: Uint8Array, typeName = 'bytes'): WritableStruct {
    const { size, data } = this.layout.bytes;
    return this.object(this.type(typeName).address, data + value.length + 1)
      .word(size, value.length)
      .bytes(data, value);
  }

  int(value: bigint | number, typeName = 'int', type = this.type(typeName).address): WritableStruct {
    const { long, rules, int2 } = this.layout;
    if (int2 !== undefined && typeName !== 'long')
      return this.object(type, int2.value + 8).word(int2.value, BigInt(value));
    const digits: number[] = [];
    const magnitude = BigInt(value) < 0n ? -BigInt(value) : BigInt(value);
    for (let rest = magnitude; rest > 0n; rest >>= 30n) digits.push(Number(rest & 0x3fff_ffffn));
    const isNegative = BigInt(value) < 0n;
    const sign = digits.length === 0 ? 1 : isNegative ? 2 : 0;
    const tag =
      rules.longEncoding === 'lv_tag' ? digits.length * 8 + sign : digits.length * (isNegative ? -1 : 1);
    const struct = this.object(type, long.digits + digits.length * 4).word(long.sizeAndSign, tag);
    for (const [index, digit] of digits.entries()) struct.u32(long.digits + index * 4, digit);
    return struct;
  }

  float(value: number): WritableStruct {
    return this.object(this.type('float').address, 64).f64(this.layout.float.value, value);
  }

  none(): Address {
    return this.object(this.type('NoneType').address, this.layout.object.sizeBytes).address;
  }

  tuple(items: readonly number[], type = this.type('tuple').address): WritableStruct {
    const { size, items: start } = this.layout.tuple;
    const struct = this.object(type, start + items.length * 8).word(size, items.length);
    for (const [index, item] of items.entries()) struct.word(start + index * 8, item);
    return struct;
  }

  list(items: readonly number[]): WritableStruct {
    const { size, items: pointer } = this.layout.list;
    const storage = this.words(items);
    return this.object(this.type('list').address, pointer + 16)
      .word(size, items.length)
      .word(pointer, storage);
  }

  /** An array of words; its address. */
  words(values: readonly number[]): Address {
    const struct = this.struct(values.length * 8);
    for (const [index, value] of values.entries()) struct.word(index * 8, value);
    return struct.address;
  }

  /** A dict of its own table; a value of 0 is a deleted entry. */
  dict(entries: readonly (readonly [key: number, value: number])[]): WritableStruct {
    const { dict } = this.layout;
    const used = entries.filter(([, value]) => value !== 0).length;
    const struct = this.object(this.type('dict').address, 128).word(dict.used, used);
    if (dict.table !== undefined && dict.mask !== undefined) {
      const slots = [...entries, ...Array.from({ length: 8 - (entries.length % 8) }, () => [0, 0] as const)];
      const table = this.words(slots.flatMap(([key, value]) => [1, key, value]));
      return struct.word(dict.mask, slots.length - 1).word(dict.table, table);
    }
    if (dict.keys === undefined) throw new RangeError('a dict needs keys or a table');
    return struct.word(dict.keys, this.dictKeys(entries));
  }

  /** General keys, 64 slots of one-byte indices; split ones have values of 0. */
  dictKeys(entries: readonly (readonly [key: number, value: number])[]): Address {
    const { dictKeys } = this.layout;
    if (dictKeys === undefined) throw new RangeError('Python 2 has no dict keys');
    const struct = this.struct(dictKeys.indices + 64 + entries.length * 24);
    if (dictKeys.log2IndexBytes === undefined) struct.word(dictKeys.size, 64);
    else struct.u8(dictKeys.size, 6).u8(dictKeys.log2IndexBytes, 6);
    struct.word(dictKeys.entryCount, entries.length);
    for (const [index, [key, value]] of entries.entries()) {
      const at = dictKeys.indices + 64 + index * 24;
      struct.word(at + 8, key).word(at + 16, value);
    }
    return struct.address;
  }

  #fillType(struct: WritableStruct, name: string, base: Address | undefined): void {
    const { type, object } = this.layout;
    const text = Buffer.from(`${name}\0`.padEnd(64, '\0'));
    struct
      .word(type.name, this.struct(64).bytes(0, text).address)
      .word(object.type, this.type('type').address);
    if (base !== undefined) struct.word(type.base, base);
  }

  #flagsOf(name: string): number {
    const isPython2 = this.layout.unicode === undefined;
    if (isPython2 && name === 'str') return 2 ** PYTHON2_STR_BIT;
    if (isPython2 && (name === 'int' || name === 'bool')) return 2 ** PYTHON2_INT_BIT;
    const bit = FLAG_BITS[name];
    return bit === undefined ? 0 : 2 ** bit;
  }
}
