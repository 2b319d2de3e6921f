import { createRequire } from 'node:module';
import { crc32 } from '../../base/crc32.ts';

/** A check of what was decompressed, as xz keeps it behind a block. */
export interface XzCheck {
  readonly name: string;
  readonly sizeBytes: number;
  /** Begins a sum over bytes that come piece by piece. */
  begin(): XzSum;
}

/** A sum that grows. */
export interface XzSum {
  add(bytes: Uint8Array): void;
  /** In the order of the bytes in the file; nothing can be added then. */
  finish(): Uint8Array;
}

/** By the number in the flags of the stream (The .xz File Format, 2.1.1.2). */
export const XZ_CHECKS: Readonly<Record<number, XzCheck>> = {
  0: { name: 'none', sizeBytes: 0, begin: () => ({ add: () => undefined, finish: () => new Uint8Array() }) },
  1: { name: 'CRC32', sizeBytes: 4, begin: beginCrc32 },
  4: { name: 'CRC64', sizeBytes: 8, begin: beginCrc64 },
  10: { name: 'SHA-256', sizeBytes: 32, begin: beginSha256 },
};

/** The ECMA-182 polynomial, reflected. */
const POLYNOMIAL = { low: 0xd787_0f42, high: 0xc96c_5795 } as const;

function beginCrc32(): XzSum {
  let sum = 0;
  return {
    add: (bytes) => {
      sum = crc32(bytes, sum);
    },
    finish: () => littleEndian([sum]),
  };
}

/** By halves: bigint would be 50 times slower. */
function beginCrc64(): XzSum {
  const { lows, highs } = crc64Tables();
  let low = 0xffff_ffff;
  let high = 0xffff_ffff;
  return {
    add: (bytes) => {
      for (const byte of bytes) {
        const index = (low ^ byte) & 0xff;
        low = (((low >>> 8) | (high << 24)) ^ (lows[index] ?? 0)) >>> 0;
        high = ((high >>> 8) ^ (highs[index] ?? 0)) >>> 0;
      }
    },
    finish: () => littleEndian([~low >>> 0, ~high >>> 0]),
  };
}

function beginSha256(): XzSum {
  const hash = loadCrypto().createHash('sha256');
  return { add: (bytes) => hash.update(bytes), finish: () => hash.digest() };
}

function crc64Tables(): { readonly lows: Uint32Array; readonly highs: Uint32Array } {
  const lows = new Uint32Array(256);
  const highs = new Uint32Array(256);
  for (let index = 0; index < 256; index += 1) {
    let low = index;
    let high = 0;
    for (let bit = 0; bit < 8; bit += 1) {
      const isOdd = (low & 1) === 1;
      low = ((low >>> 1) | (high << 31)) ^ (isOdd ? POLYNOMIAL.low : 0);
      high = (high >>> 1) ^ (isOdd ? POLYNOMIAL.high : 0);
    }
    lows[index] = low;
    highs[index] = high;
  }
  return { lows, highs };
}

function littleEndian(words: readonly number[]): Uint8Array {
  return Uint8Array.from(words.flatMap((word) => [word, word >>> 8, word >>> 16, word >>> 24]));
}

/** Loaded when a checksum asks for it: that takes 5 ms, and few files have such checksums. */
function loadCrypto(): typeof import('node:crypto') {
  return createRequire(import.meta.url)('node:crypto');
}
