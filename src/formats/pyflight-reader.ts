import { inflateRawSync } from 'node:zlib';
import { ByteCursor } from '../base/byte-cursor.ts';
import { MalformedInputError } from '../base/errors.ts';
import { OtherVersionError } from '../base/other-version-error.ts';
import { parseIfSound } from '../base/read-if-sound.ts';
import type { Profile } from '../profile/profile.ts';
import { ChunkCoding, FILE_MAGIC, FILE_VERSION, MOST_CHUNK_BYTES } from './pyflight-file.ts';
import { ReadTables } from './pyflight-tables.ts';

/**
 * How much more the chunks may be when unpacked than the file is: samples shrink to a third, and deflate can claim a
 * thousand times. What is small may be anything.
 */
const MOST_GROWTH = 32;
const SMALL_BYTES = 2 * MOST_CHUNK_BYTES;

/** A profile that was read from a file. */
export interface ReadProfile {
  readonly profile: Profile;
  /** The file ends in the middle of something: whoever wrote it was stopped. What was there before is in the profile. */
  readonly isCutOff: boolean;
}

/**
 * Reads a `.pyflight` file. No byte of it is trusted.
 *
 * @throws {OtherVersionError} for what another version of ours has written
 * @throws {MalformedInputError} for what none of ours has
 */
export function readPyflight(bytes: Uint8Array, source: string): ReadProfile {
  const cursor = new ByteCursor(bytes, source);
  const magic = Buffer.from(cursor.bytes(FILE_MAGIC.length)).toString('latin1');
  if (magic !== FILE_MAGIC) throw new MalformedInputError(source, 0, 'it is no profile of pyflight');
  const version = cursor.u8();
  if (version !== FILE_VERSION) throw new OtherVersionError(source, version, FILE_VERSION);
  const tables = new ReadTables();
  const most = SMALL_BYTES + bytes.length * MOST_GROWTH;
  let left = most;
  let isCutOff = false;
  while (!cursor.atEnd && !isCutOff) {
    const chunk = nextChunk(cursor);
    if (chunk === undefined) isCutOff = true;
    else {
      left -= chunk.bytes.length;
      if (left < 0) throw cursor.fail(`its parts are more than ${most} bytes`);
      const part = new ByteCursor(chunk.bytes, `${source}, part of kind ${chunk.kind}`);
      tables.take(chunk.kind, part);
      if (!part.atEnd) throw part.fail('there is more than was to be read');
    }
  }
  return { profile: tables.profile(cursor), isCutOff };
}

interface Chunk {
  readonly kind: number;
  readonly bytes: Uint8Array;
}

/** `undefined` where the file ends before the chunk does. */
function nextChunk(cursor: ByteCursor): Chunk | undefined {
  // A kind, a coding and a size of at most eight bytes.
  if (cursor.left < 3) return undefined;
  const kind = cursor.u8();
  const coding = cursor.u8();
  const length = cursor.left < 8 ? tailLength(cursor) : cursor.uleb128();
  if (length === undefined) return undefined;
  if (length > MOST_CHUNK_BYTES) throw cursor.fail(`a part of ${length} bytes is too large`);
  if (length > cursor.left) return undefined;
  const coded = cursor.bytes(length);
  if (coding === ChunkCoding.plain) return { kind, bytes: coded };
  if (coding !== ChunkCoding.deflate) throw cursor.fail(`the coding ${coding} is not known`);
  try {
    return { kind, bytes: inflateRawSync(coded, { maxOutputLength: MOST_CHUNK_BYTES }) };
  } catch (error) {
    throw cursor.fail('a part cannot be unpacked', { cause: error });
  }
}

/** The size of the last chunk, whose number itself may be cut off. */
function tailLength(cursor: ByteCursor): number | undefined {
  return parseIfSound(() => cursor.uleb128());
}
