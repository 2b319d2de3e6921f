import { ByteWriter } from './byte-writer.ts';

/** Wire types of Protocol Buffers; https://protobuf.dev/programming-guides/encoding/. */
const VARINT = 0;
const FIXED_64 = 1;
const LENGTH_DELIMITED = 2;

/** Writes a message of Protocol Buffers, a field after the other. Zeros are left out, as they are the default. */
export class ProtobufWriter {
  readonly #writer = new ByteWriter();

  /** What has been written. */
  get bytes(): Uint8Array {
    return this.#writer.bytes;
  }

  /** A field of type int64 or uint64: a whole number below 2^53. */
  number(field: number, value: number): this {
    if (value !== 0) this.#writer.uleb128(field * 8 + VARINT).uleb128(value);
    return this;
  }

  /** The same beyond 2^53: nanoseconds since the epoch. */
  bigNumber(field: number, value: bigint): this {
    this.#writer.uleb128(field * 8 + VARINT).uleb64(value);
    return this;
  }

  /** A field of type fixed64. */
  fixed64(field: number, value: bigint): this {
    if (value !== 0n) this.#writer.uleb128(field * 8 + FIXED_64).u64(value);
    return this;
  }

  /** A repeated field of numbers, packed. */
  numbers(field: number, values: readonly number[]): this {
    const packed = new ByteWriter();
    for (const value of values) packed.uleb128(value);
    return values.length === 0 ? this : this.#delimited(field, packed.bytes);
  }

  /** A text, also an empty one: in a table of texts that counts. */
  text(field: number, text: string): this {
    return this.#delimited(field, Buffer.from(text, 'utf8'));
  }

  /** A field of type bytes. */
  bytesOf(field: number, bytes: Uint8Array): this {
    return this.#delimited(field, bytes);
  }

  message(field: number, fill: (message: ProtobufWriter) => void): this {
    const message = new ProtobufWriter();
    fill(message);
    return this.#delimited(field, message.bytes);
  }

  #delimited(field: number, bytes: Uint8Array): this {
    this.#writer
      .uleb128(field * 8 + LENGTH_DELIMITED)
      .uleb128(bytes.length)
      .copy(bytes);
    return this;
  }
}
