import { type Address, addressFromHalves, hex } from './address.ts';
import { MalformedInputError } from './errors.ts';

/** Where a struct lies in bytes that hold more than it. */
export interface BytesPart {
  readonly start: number;
  readonly sizeBytes: number;
}

/**
 * One copied struct of the target, read by offset. Offsets come from a layout table; one that does not fit
 * the bytes is an error that names the struct, never a value of something else.
 */
export class StructView {
  /** Those of the struct, and maybe others around it. */
  readonly #around: Uint8Array;
  readonly #start: number;
  readonly sizeBytes: number;
  /** Made when a 64-bit number is asked for: most views are made for a pointer or two, which come without. */
  #view: DataView | undefined;
  readonly #name: string;
  readonly #address: Address | undefined;

  /**
   * @param name the struct in CPython's or ELF's own words
   * @param address where it lies in the target, for messages; put into words only when one is needed, since most
   *   structs are read without a fault and a look at a target reads thousands
   * @param part where in the bytes it lies: a subarray of a page costs five times as much as the rest of a view
   */
  constructor(bytes: Uint8Array, name: string, address?: Address, part?: BytesPart) {
    this.#around = bytes;
    this.#start = part?.start ?? 0;
    this.sizeBytes = part?.sizeBytes ?? bytes.length;
    this.#name = name;
    this.#address = address;
  }

  get bytes(): Uint8Array {
    return this.#around.subarray(this.#start, this.#start + this.sizeBytes);
  }

  u8(offset: number): number {
    this.#check(offset, 1);
    return this.#around[this.#start + offset] ?? 0;
  }

  u16(offset: number): number {
    this.#check(offset, 2);
    const at = this.#start + offset;
    return (this.#around[at] ?? 0) + (this.#around[at + 1] ?? 0) * 0x100;
  }

  i32(offset: number): number {
    this.#check(offset, 4);
    return this.#bits(offset);
  }

  u32(offset: number): number {
    this.#check(offset, 4);
    return this.#bits(offset) >>> 0;
  }

  i64(offset: number): bigint {
    return this.#dataView().getBigInt64(this.#check(offset, 8), true);
  }

  u64(offset: number): bigint {
    return this.#dataView().getBigUint64(this.#check(offset, 8), true);
  }

  f64(offset: number): number {
    return this.#dataView().getFloat64(this.#check(offset, 8), true);
  }

  /**
   * A Py_ssize_t, which must lie within ±2^53.
   * @throws {MalformedInputError} when it does not, as torn memory may not
   */
  ssize(offset: number): number {
    this.#check(offset, 8);
    const value = this.#bits(offset + 4) * 0x1_0000_0000 + (this.#bits(offset) >>> 0);
    if (!Number.isSafeInteger(value)) throw this.fail(offset, 'size is beyond ±2^53');
    return value;
  }

  /**
   * A pointer; `undefined` for NULL.
   * @throws {MalformedInputError} for a torn pointer, which points outside user space
   */
  pointer(offset: number): Address | undefined {
    const value = this.word(offset);
    return value === 0 ? undefined : value;
  }

  /** A pointer that a valid struct always has. */
  requiredPointer(offset: number): Address {
    const value = this.pointer(offset);
    if (value === undefined) throw this.fail(offset, 'pointer is NULL');
    return value;
  }

  /** A pointer or NULL as a plain number, to compare rather than to follow. */
  word(offset: number): Address {
    this.#check(offset, 8);
    const value = addressFromHalves(this.#bits(offset) >>> 0, this.#bits(offset + 4) >>> 0);
    if (value === undefined) {
      throw this.fail(
        offset,
        `pointer ${hex(this.#dataView().getBigUint64(offset, true))} is outside user space`,
      );
    }
    return value;
  }

  /** A part of the struct, as a view of the same memory. */
  slice(offset: number, sizeBytes: number): Uint8Array {
    this.#check(offset, sizeBytes);
    return this.#around.subarray(this.#start + offset, this.#start + offset + sizeBytes);
  }

  /** Makes the error that blames this struct at an offset. */
  fail(offset: number, state: string): MalformedInputError {
    const source = this.#address === undefined ? this.#name : `${this.#name} at ${hex(this.#address)}`;
    return new MalformedInputError(source, offset, state);
  }

  #check(offset: number, sizeBytes: number): number {
    if (!(offset >= 0 && sizeBytes >= 0 && offset + sizeBytes <= this.sizeBytes)) {
      throw this.fail(offset, `${sizeBytes} bytes wanted, the struct has ${this.sizeBytes}`);
    }
    return offset;
  }

  /** Four bytes as the signed number that bit operations make of them. */
  #bits(offset: number): number {
    const bytes = this.#around;
    const at = this.#start + offset;
    return (
      (bytes[at] ?? 0) |
      ((bytes[at + 1] ?? 0) << 8) |
      ((bytes[at + 2] ?? 0) << 16) |
      ((bytes[at + 3] ?? 0) << 24)
    );
  }

  #dataView(): DataView {
    const { buffer, byteOffset } = this.#around;
    this.#view ??= new DataView(buffer, byteOffset + this.#start, this.sizeBytes);
    return this.#view;
  }
}
