/** Wire types of Protocol Buffers; https://protobuf.dev/programming-guides/encoding/. */
const VARINT = 0;
const LENGTH_DELIMITED = 2;

const FIRST_CAPACITY = 256;

/** Writes a message of Protocol Buffers, a field after the other. Zeros and empty texts are left out, as they are the defaults. */
export class ProtobufWriter {
  #bytes = new Uint8Array(FIRST_CAPACITY);
  #length = 0;

  /** What has been written. */
  get bytes(): Uint8Array {
    return this.#bytes.subarray(0, this.#length);
  }

  /** A field of type int64 or uint64: a whole number of at most 2^53. */
  number(field: number, value: number): this {
    if (value === 0) return this;
    this.#varint(field * 8 + VARINT);
    this.#varint(value);
    return this;
  }

  /** The same beyond 2^53: nanoseconds since the epoch. */
  bigNumber(field: number, value: bigint): this {
    this.#varint(field * 8 + VARINT);
    let rest = BigInt.asUintN(64, value);
    for (; rest > 0x7fn; rest >>= 7n) this.#byte(Number(rest & 0x7fn) + 0x80);
    this.#byte(Number(rest));
    return this;
  }

  /** A repeated field of numbers, packed. */
  numbers(field: number, values: readonly number[]): this {
    const packed = new ProtobufWriter();
    for (const value of values) packed.#varint(value);
    return values.length === 0 ? this : this.#delimited(field, packed.bytes);
  }

  /** A field of a string table, which holds empty ones too. */
  text(field: number, text: string): this {
    return this.#delimited(field, Buffer.from(text, 'utf8'));
  }

  message(field: number, fill: (message: ProtobufWriter) => void): this {
    const message = new ProtobufWriter();
    fill(message);
    return this.#delimited(field, message.bytes);
  }

  #delimited(field: number, bytes: Uint8Array): this {
    this.#varint(field * 8 + LENGTH_DELIMITED);
    this.#varint(bytes.length);
    this.#reserve(bytes.length);
    this.#bytes.set(bytes, this.#length);
    this.#length += bytes.length;
    return this;
  }

  #varint(value: number): void {
    if (!(Number.isSafeInteger(value) && value >= 0))
      throw new RangeError(`Cannot write ${value} as a varint: it is no whole number from 0 to 2^53`);
    let rest = value;
    for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) this.#byte((rest % 0x80) + 0x80);
    this.#byte(rest);
  }

  #byte(byte: number): void {
    this.#reserve(1);
    this.#bytes[this.#length] = byte;
    this.#length += 1;
  }

  #reserve(sizeBytes: number): void {
    if (this.#length + sizeBytes <= this.#bytes.length) return;
    const larger = new Uint8Array(Math.max(this.#bytes.length * 2, this.#length + sizeBytes));
    larger.set(this.#bytes);
    this.#bytes = larger;
  }
}
