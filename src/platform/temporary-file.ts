import {
  closeSync,
  ftruncateSync,
  mkdtempSync,
  openSync,
  rmdirSync,
  statfsSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import type { Cancellation } from '../base/cancellation.ts';
import { AbortedError, CannotWriteFileError, InspectorError } from '../base/errors.ts';
import { errnoNameOf } from './errno.ts';
import { FileSource } from './file-source.ts';

/** What a temporary file is made of, and how much it may take. */
export interface TemporaryFileOptions {
  /** What to call it in a message. */
  readonly name: string;
  /** `$TMPDIR`, or else `/tmp`, when left out. */
  readonly directory?: string;
  /** All that is free there but a reserve when left out. */
  readonly maxBytes?: number;
  /** Is told how much has been written, some hundred times a second at most. */
  readonly onProgress?: (writtenBytes: number) => void;
  readonly signal?: Cancellation;
}

/** A temporary file that was written. */
export interface TemporaryFile {
  /** Has no name any more: it is gone when this is closed, or we end, however that comes about. */
  readonly file: FileSource;
  /** Why it is not all that it should be; what came before that is there. */
  readonly problem: InspectorError | undefined;
}

/** What is left to others of a file system that is nearly full. */
const RESERVE_BYTES = 256 << 20;

/** A hole is as large as a block of the file system, and most zeros come by pages. */
const HOLE_BYTES = 4096;
const ZEROS = new Uint8Array(HOLE_BYTES);

/** After so much the event loop has its turn, so that Ctrl-C is heard. */
const TURN_BYTES = 8 << 20;

/**
 * Writes pieces to a file that has no name, and opens it to read. Zeros become holes: cores have many.
 * @throws {CannotWriteFileError} when there is no room, and what the pieces throw before the first of them
 */
export async function writeTemporaryFile(
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  options: TemporaryFileOptions,
): Promise<TemporaryFile> {
  const directory = options.directory ?? tmpdir();
  const maxBytes = options.maxBytes ?? writing(directory, () => freeBytes(directory));
  const fd = writing(directory, () => openUnnamed(directory));
  try {
    const { sizeBytes, problem } = await writePieces(fd, pieces, { ...options, directory, maxBytes });
    if (sizeBytes === 0 && problem !== undefined) throw problem;
    writing(directory, () => ftruncateSync(fd, sizeBytes));
    return { file: new FileSource(fd, options.name), problem };
  } catch (error) {
    closeSync(fd);
    throw error;
  }
}

/** How much a temporary file may take where it lies. */
function freeBytes(directory: string): number {
  const { bavail, bsize } = statfsSync(directory);
  return Math.max(0, bavail * bsize - RESERVE_BYTES);
}

function openUnnamed(directory: string): number {
  const place = mkdtempSync(join(directory, 'pyflight-'));
  const path = join(place, 'core');
  try {
    const fd = openSync(path, 'wx+', 0o600);
    unlinkSync(path);
    return fd;
  } finally {
    rmdirSync(place);
  }
}

interface Target extends TemporaryFileOptions {
  readonly directory: string;
  readonly maxBytes: number;
}

async function writePieces(
  fd: number,
  pieces: Iterable<Uint8Array> | AsyncIterable<Uint8Array>,
  { name, directory, maxBytes, onProgress, signal }: Target,
): Promise<{ readonly sizeBytes: number; readonly problem: InspectorError | undefined }> {
  let sizeBytes = 0;
  let nextTurn = TURN_BYTES;
  try {
    for await (const piece of pieces) {
      if (sizeBytes + piece.length > maxBytes) {
        throw new CannotWriteFileError(
          directory,
          `${name} has more than the ${maxBytes} bytes that it may take`,
        );
      }
      writing(directory, () => writeWithHoles(fd, piece, sizeBytes));
      sizeBytes += piece.length;
      if (sizeBytes < nextTurn) continue;
      nextTurn = sizeBytes + TURN_BYTES;
      onProgress?.(sizeBytes);
      await setImmediate();
      if (signal?.aborted === true) throw new AbortedError(name);
    }
    return { sizeBytes, problem: undefined };
  } catch (error) {
    const isEnd = error instanceof CannotWriteFileError || error instanceof AbortedError;
    if (!(error instanceof InspectorError) || isEnd) throw error;
    return { sizeBytes, problem: error };
  }
}

function writeWithHoles(fd: number, piece: Uint8Array, at: number): void {
  let from = 0;
  for (let end = 0; end < piece.length; ) {
    const start = end;
    end = Math.min(piece.length, start + HOLE_BYTES);
    if (Buffer.compare(piece.subarray(start, end), ZEROS.subarray(0, end - start)) !== 0) continue;
    writeAll(fd, piece.subarray(from, start), at + from);
    from = end;
  }
  writeAll(fd, piece.subarray(from), at + from);
}

function writeAll(fd: number, bytes: Uint8Array, at: number): void {
  for (let done = 0; done < bytes.length; ) {
    done += writeSync(fd, bytes, done, bytes.length - done, at + done);
  }
}

/** What the commoner failures mean for a directory that files are written to. */
const STATES: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EDQUOT: 'the disk quota is used up',
  ENOENT: 'it does not exist',
  ENOSPC: 'no space is left on the device',
  ENOTDIR: 'it is no directory',
  EROFS: 'the file system is read-only',
};

function writing<T>(directory: string, act: () => T): T {
  try {
    return act();
  } catch (error) {
    const name = errnoNameOf(error);
    if (name === undefined) throw error;
    const state = `${STATES[name] ?? name}, where a core is decompressed to`;
    throw new CannotWriteFileError(directory, state, { cause: error });
  }
}
