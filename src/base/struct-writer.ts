/** Bytes of a struct that is to be written into a target, put together by offset, little-endian. */
export class StructWriter {
  readonly bytes: Uint8Array;

  constructor(sizeBytes: number) {
    this.bytes = new Uint8Array(sizeBytes);
  }

  u16(offset: number, value: number): this {
    return this.#put(offset, BigInt(value), 2);
  }

  u32(offset: number, value: number): this {
    return this.#put(offset, BigInt(value), 4);
  }

  /** A number of any sign as 64 bits: an address, a register. */
  u64(offset: number, value: number | bigint): this {
    return this.#put(offset, BigInt(value), 8);
  }

  /** @throws {RangeError} when it does not fit, as all writers of this class */
  copy(offset: number, bytes: Uint8Array): this {
    this.bytes.set(bytes, offset);
    return this;
  }

  #put(offset: number, value: bigint, sizeBytes: number): this {
    if (!(offset >= 0 && offset + sizeBytes <= this.bytes.length))
      throw new RangeError(
        `Cannot write ${sizeBytes} bytes at offset ${offset}: there are ${this.bytes.length}`,
      );
    let rest = BigInt.asUintN(sizeBytes * 8, value);
    for (let at = offset; at < offset + sizeBytes; at += 1) {
      this.bytes[at] = Number(rest & 0xffn);
      rest >>= 8n;
    }
    return this;
  }
}
