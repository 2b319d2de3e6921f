const FIRST_CAPACITY = 256;

/** Bytes that are written one after the other, with LEB128 as `ByteCursor` reads it. */
export class ByteWriter {
  #bytes = new Uint8Array(FIRST_CAPACITY);
  #length = 0;

  /** What has been written. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  u8(byte: number): this {
    this.#reserve(1);
    this.#bytes[this.#length] = byte;
    this.#length += 1;
    return this;
  }

  copy(bytes: Uint8Array): this {
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  /** 64 bits, the lowest byte first. */
  u64(value: bigint): this {
    for (let at = 0n; at < 64n; at += 8n) this.u8(Number((value >> at) & 0xffn));
    return this;
  }

  /** An unsigned LEB128 of a whole number below 2^53. */
  uleb128(value: number): this {
    if (!(Number.isSafeInteger(value) && value >= 0))
      throw new RangeError(`Cannot write ${value} as LEB128: it is no whole number from 0 to 2^53`);
    let rest = value;
    for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) this.u8((rest % 0x80) + 0x80);
    return this.u8(rest);
  }

  /** A signed LEB128 of a whole number within ±2^53. */
  sleb128(value: number): this {
    if (!Number.isSafeInteger(value))
      throw new RangeError(`Cannot write ${value} as LEB128: it is no whole number within ±2^53`);
    let rest = value;
    for (; rest < -0x40 || rest > 0x3f; rest = Math.floor(rest / 0x80))
      this.u8(rest - Math.floor(rest / 0x80) * 0x80 + 0x80);
    return this.u8(rest < 0 ? rest + 0x80 : rest);
  }

  /** An unsigned LEB128 of 64 bits. */
  uleb64(value: bigint): this {
    let rest = BigInt.asUintN(64, value);
    for (; rest > 0x7fn; rest >>= 7n) this.u8(Number(rest & 0x7fn) + 0x80);
    return this.u8(Number(rest));
  }

  #reserve(sizeBytes: number): void {
    if (this.#length + sizeBytes <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + sizeBytes));
    larger.set(this.bytes);
    this.#bytes = larger;
  }
}
