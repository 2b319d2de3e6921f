import type { Address } from '../../base/address.ts';
import { hex } from '../../base/address.ts';
import { MalformedInputError } from '../../base/errors.ts';
import { foreignOffset, type ObjectSource, readStruct } from './foreign-struct.ts';

/** Bits of `tp_flags`, the same in every version unless noted (cpython/Include/object.h, 2.7 and 3.6 to 3.15). */
export const TYPE_FLAGS = {
  /** 3.10+. */
  immutableType: 2 ** 8,
  heapType: 2 ** 9,
  /** The collector can have its objects in its lists. */
  haveGc: 2 ** 14,
  int2Subclass: 2 ** 23,
  longSubclass: 2 ** 24,
  listSubclass: 2 ** 25,
  tupleSubclass: 2 ** 26,
  bytesSubclass: 2 ** 27,
  unicodeSubclass: 2 ** 28,
  dictSubclass: 2 ** 29,
  typeSubclass: 2 ** 31,
} as const;

/** Tells whether a bit of `tp_flags` is set. Bit 31 makes `&` negative, hence the comparison with zero. */
export function hasFlag(flags: number, flag: number): boolean {
  return (flags & flag) !== 0;
}

/** The `tp_flags` of a target's types, each read once and believed only for what is a type. */
export class TypeFlags {
  readonly #source: ObjectSource;
  readonly #known = new Map<Address, number>();

  constructor(source: ObjectSource) {
    this.#source = source;
  }

  forget(): void {
    this.#known.clear();
  }

  /**
   * Reads the flags of a type.
   * @throws {MalformedInputError} when the type of the type is not a class of types
   */
  of(type: Address): number {
    const known = this.#known.get(type);
    if (known !== undefined) return known;
    const metatype = readTypeAddress(this.#source, type);
    if (!hasFlag(this.#rawFlags(metatype), TYPE_FLAGS.typeSubclass))
      throw new MalformedInputError(`type at ${hex(type)}`, 0, 'it is not a type object');
    const flags = this.#rawFlags(type);
    this.#known.set(type, flags);
    return flags;
  }

  #rawFlags(type: Address): number {
    const { memory, layout } = this.#source;
    return readStruct(memory, foreignOffset(type, layout.type.flags, 'tp_flags'), 8, 'tp_flags').u32(0);
  }
}

/** Reads the address of the type that an object's header names. */
export function readTypeAddress(source: ObjectSource, object: Address): Address {
  const { memory, layout } = source;
  const header = readStruct(memory, object, layout.object.sizeBytes, 'PyObject');
  return header.requiredPointer(layout.object.type);
}
