import { createRequire } from 'node:module';
import type * as Zlib from 'node:zlib';
import { ByteCursor } from '../base/byte-cursor.ts';
import { MalformedInputError } from '../base/errors.ts';
import type { ByteSource } from '../base/ports.ts';
import { MAX_READ_BYTES, readRange } from './file-range.ts';
import type { ElfSection } from './section.ts';
import { decompressZstd } from './zstd.ts';

const SHF_COMPRESSED = 0x800;

/** Before there was a flag, GNU named compressed sections so: `.zdebug_info`. */
const OLD_COMPRESSED_PREFIX = '.zdebug_';

/** `ZLIB`, then the size as a big-endian number of 8 bytes. */
const OLD_HEADER_BYTES = 12;

/** Size of an `Elf64_Chdr`, which precedes compressed bytes. */
const COMPRESSION_HEADER_BYTES = 24;

/** Tells whether the bytes of a section have to be decompressed before they mean anything. */
export function isCompressed({ flags, name }: ElfSection): boolean {
  return (flags & SHF_COMPRESSED) !== 0 || name.startsWith(OLD_COMPRESSED_PREFIX);
}

/**
 * Reads what a section holds, decompressed where the file has it compressed.
 * @throws {MalformedInputError} for a section that the file has no bytes of, such as `.bss`
 */
export function readSectionBytes(source: ByteSource, section: ElfSection): Uint8Array {
  if (section.type === 'nobits') {
    const state = `section ${section.name} has no bytes in the file (SHT_NOBITS)`;
    throw new MalformedInputError(source.name, section.fileOffset, state);
  }
  const bytes = readRange(source, section, `section ${section.name}`);
  if (!isCompressed(section)) return bytes;
  if ((section.flags & SHF_COMPRESSED) === 0) return decompressOld(bytes, section, source.name);
  return decompressSection(bytes, section, source.name);
}

function decompressSection(bytes: Uint8Array, section: ElfSection, sourceName: string): Uint8Array {
  const what = `section ${section.name} of ${sourceName}`;
  const cursor = new ByteCursor(bytes, what);
  const algorithm = cursor.u32();
  cursor.skip(4);
  const sizeBytes = cursor.size();
  if (sizeBytes > MAX_READ_BYTES) {
    throw new MalformedInputError(what, 8, `decompressed size ${sizeBytes} is above ${MAX_READ_BYTES}`);
  }
  const decompressor = DECOMPRESSORS[algorithm];
  if (decompressor === undefined)
    throw new MalformedInputError(what, 0, `compression ${algorithm} is unknown`);
  const result = runBounded(decompressor, bytes.subarray(COMPRESSION_HEADER_BYTES), sizeBytes, what);
  if (result.length !== sizeBytes) {
    const state = `decompressed to ${result.length} bytes instead of ${sizeBytes}`;
    throw new MalformedInputError(what, COMPRESSION_HEADER_BYTES, state);
  }
  return result;
}

function decompressOld(bytes: Uint8Array, section: ElfSection, sourceName: string): Uint8Array {
  const what = `section ${section.name} of ${sourceName}`;
  const header = Buffer.from(new ByteCursor(bytes, what).bytes(OLD_HEADER_BYTES));
  if (header.toString('latin1', 0, 4) !== 'ZLIB')
    throw new MalformedInputError(what, 0, 'compressed bytes do not begin with ZLIB');
  const sizeBytes = Number(`0x${header.toString('hex', 4)}`);
  if (sizeBytes > MAX_READ_BYTES)
    throw new MalformedInputError(what, 4, `decompressed size ${sizeBytes} is above ${MAX_READ_BYTES}`);
  const result = runBounded(inflateZlib, bytes.subarray(OLD_HEADER_BYTES), sizeBytes, what);
  if (result.length !== sizeBytes) {
    const state = `decompressed to ${result.length} bytes instead of ${sizeBytes}`;
    throw new MalformedInputError(what, OLD_HEADER_BYTES, state);
  }
  return result;
}

/** @throws when the bytes are not of that format, or decompress to more than they say */
type Decompress = (bytes: Uint8Array, sizeBytes: number) => unknown;

/** By `ch_type`, System V ABI chapter 4. */
const DECOMPRESSORS: Readonly<Record<number, Decompress>> = {
  1: inflateZlib,
  2: inflateZstd,
};

function inflateZlib(bytes: Uint8Array, sizeBytes: number): unknown {
  const wanted = Math.max(1, sizeBytes);
  // In one piece it takes half of the time; what the file says of its size is taken for as much only as it could be.
  const chunkSize = Math.max(MIN_CHUNK_BYTES, Math.min(wanted, bytes.length * MAX_ZLIB_RATIO));
  return loadZlib().inflateSync(bytes, { maxOutputLength: wanted, chunkSize });
}

/** What deflate makes of nothing but zeros (zlib.net, "Maximum Compression Factor"). */
const MAX_ZLIB_RATIO = 1032;

/** The least that zlib takes. */
const MIN_CHUNK_BYTES = 64;

/** Node.js itself does it since 22.15 and 23.8, five times faster; the types of our oldest do not have it. */
function inflateZstd(bytes: Uint8Array, sizeBytes: number): unknown {
  const native: unknown = Reflect.get(loadZlib(), 'zstdDecompressSync');
  if (typeof native !== 'function') return decompressZstd(bytes, sizeBytes);
  return Reflect.apply(native, undefined, [bytes, { maxOutputLength: Math.max(1, sizeBytes) }]);
}

/** Compressed sections are rare, and loading the module takes 3 ms that every command would pay. */
function loadZlib(): typeof Zlib {
  return createRequire(import.meta.url)('node:zlib');
}

function runBounded(run: Decompress, bytes: Uint8Array, sizeBytes: number, what: string): Uint8Array {
  let result: unknown;
  try {
    result = run(bytes, sizeBytes);
  } catch (cause) {
    const state = `does not decompress to its ${sizeBytes} bytes`;
    throw new MalformedInputError(what, COMPRESSION_HEADER_BYTES, state, { cause });
  }
  if (!(result instanceof Uint8Array)) throw new TypeError(`Cannot use what decompressed ${what}: no bytes`);
  return result;
}
