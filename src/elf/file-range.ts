import { MalformedInputError } from '../base/errors.ts';
import type { ByteSource } from '../base/ports.ts';

/** A stretch of a file. */
export interface FileRange {
  readonly fileOffset: number;
  readonly sizeBytes: number;
}

/** Above it a single read is refused: what V8 takes for one buffer, and far above any section of a program. */
export const MAX_READ_BYTES = 2 ** 31;

/**
 * Reads a range whole, which is checked against the file before anything is allocated.
 * @param what the part of the file that the range is, for the message
 * @throws {MalformedInputError} when the file ends before the range does
 */
export function readRange(source: ByteSource, range: FileRange, what: string): Uint8Array {
  const { fileOffset, sizeBytes } = range;
  const left = Math.max(0, source.sizeBytes - fileOffset);
  if (left < sizeBytes) {
    throw new MalformedInputError(source.name, fileOffset, `${what} needs ${sizeBytes} bytes, ${left} left`);
  }
  if (sizeBytes > MAX_READ_BYTES) {
    throw new MalformedInputError(
      source.name,
      fileOffset,
      `${what} has ${sizeBytes} bytes, above ${MAX_READ_BYTES}`,
    );
  }
  return source.read(fileOffset, sizeBytes);
}

/**
 * Takes a part of a range, by offset from its start.
 * @throws {MalformedInputError} when the part does not lie inside the range
 */
export function partOf(source: ByteSource, range: FileRange, part: FileRange, what: string): FileRange {
  const left = Math.max(0, range.sizeBytes - part.fileOffset);
  const fileOffset = range.fileOffset + part.fileOffset;
  if (left < part.sizeBytes) {
    throw new MalformedInputError(
      source.name,
      fileOffset,
      `${what} needs ${part.sizeBytes} bytes, ${left} left`,
    );
  }
  return { fileOffset, sizeBytes: part.sizeBytes };
}
