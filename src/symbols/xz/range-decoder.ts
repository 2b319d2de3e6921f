import type { ByteCursor } from '../../base/byte-cursor.ts';
import type { MalformedInputError } from '../../base/errors.ts';

/** Probabilities have 11 bits, and begin at one half. */
const MODEL_BITS = 11;
const HALF = 2 ** (MODEL_BITS - 1);

/** How fast a probability follows what it sees. */
const MOVE_BITS = 5;

/** Below it another byte is taken in. */
const TOP = 2 ** 24;

/** Makes the probabilities of a number of bits, each of them even. */
export function evenProbabilities(count: number): Uint16Array {
  return new Uint16Array(count).fill(HALF);
}

/** Decodes bits that were encoded by their probability, the arithmetic under LZMA (LZMA SDK, lzma.txt). */
export class RangeDecoder {
  readonly #bytes: Uint8Array;
  readonly #cursor: ByteCursor;
  #at = 0;
  #range = 0xffff_ffff;
  #code = 0;

  /** @param cursor stands behind the bytes, to blame what is wrong with them */
  constructor(bytes: Uint8Array, cursor: ByteCursor) {
    this.#bytes = bytes;
    this.#cursor = cursor;
    if (bytes[0] !== 0) throw cursor.fail('LZMA chunk does not begin with 0');
    this.#at = 1;
    for (let index = 0; index < 4; index += 1) this.#code = ((this.#code << 8) | this.#next()) >>> 0;
  }

  /** Tells whether all bytes are used up and the arithmetic came out even, as it must at the end of a chunk. */
  get isFinished(): boolean {
    return this.#code === 0 && this.#at === this.#bytes.length;
  }

  /** The next bit, by the probability at an index, which learns from it. */
  bit(probabilities: Uint16Array, index: number): 0 | 1 {
    const probability = probabilities[index] ?? HALF;
    const bound = (this.#range >>> MODEL_BITS) * probability;
    const isZero = this.#code < bound;
    if (isZero) {
      this.#range = bound;
      probabilities[index] = probability + ((2 * HALF - probability) >>> MOVE_BITS);
    } else {
      this.#range -= bound;
      this.#code -= bound;
      probabilities[index] = probability - (probability >>> MOVE_BITS);
    }
    this.#normalize();
    return isZero ? 0 : 1;
  }

  /** A number of `bits` bits, the highest first; its probabilities begin at an index. */
  tree(probabilities: Uint16Array, base: number, bits: number): number {
    let node = 1;
    for (let left = bits; left > 0; left -= 1) node = (node << 1) | this.bit(probabilities, base + node);
    return node - (1 << bits);
  }

  /** The same with the lowest bit first. */
  reverseTree(probabilities: Uint16Array, base: number, bits: number): number {
    let node = 1;
    let value = 0;
    for (let index = 0; index < bits; index += 1) {
      const bit = this.bit(probabilities, base + node);
      node = (node << 1) | bit;
      value |= bit << index;
    }
    return value;
  }

  /** Bits without probabilities, the highest first. */
  direct(bits: number): number {
    let value = 0;
    for (let left = bits; left > 0; left -= 1) {
      this.#range >>>= 1;
      const isOne = this.#code >= this.#range;
      if (isOne) this.#code -= this.#range;
      value = value * 2 + (isOne ? 1 : 0);
      this.#normalize();
    }
    return value;
  }

  /** Makes the error that blames the chunk. */
  fail(state: string): MalformedInputError {
    return this.#cursor.fail(state);
  }

  #normalize(): void {
    if (this.#range >= TOP) return;
    this.#range = (this.#range << 8) >>> 0;
    this.#code = ((this.#code << 8) | this.#next()) >>> 0;
  }

  #next(): number {
    const byte = this.#bytes[this.#at];
    if (byte === undefined) throw this.#cursor.fail('LZMA chunk ends within a symbol');
    this.#at += 1;
    return byte;
  }
}
