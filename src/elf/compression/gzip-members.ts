import { createRequire } from 'node:module';
import type * as Zlib from 'node:zlib';
import { MalformedInputError } from '../../base/errors.ts';
import type { ByteSource } from '../../base/ports.ts';
import { SequentialSource } from '../../base/sequential-source.ts';

/** The bytes that gzip begins with, as a number of two bytes. */
export const GZIP_MAGIC = 0x8b1f;

const PIECE_BYTES = 256 << 10;

/**
 * Decompresses gzip members that follow each other, in the memory of a few pieces. Of a file that is cut off it gives
 * what is there.
 * @throws {MalformedInputError} for what is no gzip, or is damaged; what came before was given
 */
export async function* decompressGzip(source: ByteSource): AsyncGenerator<Uint8Array> {
  const zlib = loadZlib();
  // With this flush a file that ends early is no error, which would lose what was decompressed last.
  const gunzip = zlib.createGunzip({ chunkSize: PIECE_BYTES, finishFlush: zlib.constants.Z_SYNC_FLUSH });
  const feeding = feed(gunzip, new SequentialSource(source));
  try {
    for await (const piece of gunzip) yield piece;
    await feeding;
  } catch (error) {
    if (!isZlibError(error)) throw error;
    throw new MalformedInputError(source.name, gunzip.bytesWritten, `gzip: ${error.message}`, {
      cause: error,
    });
  } finally {
    gunzip.destroy();
  }
}

/** Ends early when the reader does, or when zlib complains, of which the reader hears. */
async function feed(gunzip: Zlib.Gunzip, input: SequentialSource): Promise<void> {
  const ended = new Promise<void>((resolve) => gunzip.once('close', resolve));
  while (input.leftBytes > 0 && !gunzip.destroyed) {
    const piece = Uint8Array.from(input.bytes(Math.min(PIECE_BYTES, input.leftBytes)));
    if (gunzip.write(piece)) continue;
    const drained = new Promise<void>((resolve) => gunzip.once('drain', resolve));
    await Promise.race([drained, ended]);
  }
  if (!gunzip.destroyed) gunzip.end();
}

function isZlibError(error: unknown): error is Error {
  return (
    error instanceof Error && 'code' in error && typeof error.code === 'string' && error.code.startsWith('Z_')
  );
}

/** Loaded on demand, as few cores are compressed so. */
function loadZlib(): typeof Zlib {
  return createRequire(import.meta.url)('node:zlib');
}
