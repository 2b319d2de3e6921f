import { ByteCursor } from '../../base/byte-cursor.ts';
import type { ByteSource } from '../../base/ports.ts';
import type { FileRange } from '../file-range.ts';

/** A note that has not been read yet. */
export interface PlacedNote {
  /** Who defines what the types mean: `CORE`, `LINUX`, … */
  readonly owner: string;
  readonly type: number;
  readonly sizeBytes: number;
  /** Reads its description. */
  read(): Uint8Array;
}

/** Size of an `Elf64_Nhdr`: two sizes and a type. */
const NOTE_HEADER_BYTES = 12;

/** No owner has a longer name. */
const MAX_OWNER_BYTES = 256;

/** What is read at once: notes are small and lie one behind the other. */
const WINDOW_BYTES = 64 << 10;

/** Some ten for each thread, and no process has more than a few hundred thousand of those. */
const MAX_NOTES = 2 ** 22;

/**
 * Walks the notes of a segment, as far as the file has them, without reading what nobody asks for: a core of many
 * threads has hundreds of megabytes of registers that only vector instructions use.
 * @returns why the walk ended early, `undefined` when it came to the end of the segment
 */
export function* walkNotes(
  source: ByteSource,
  segment: FileRange,
  alignment: number,
): Generator<PlacedNote, string | undefined> {
  const unit = alignment === 8 ? 8 : 4;
  const window = new SourceWindow(source);
  const end = segment.fileOffset + segment.sizeBytes;
  const presentEnd = Math.min(end, source.sizeBytes);
  let at = segment.fileOffset;
  for (let count = 0; end - at >= NOTE_HEADER_BYTES; count += 1) {
    if (count === MAX_NOTES) return `there are more than ${MAX_NOTES} notes`;
    if (presentEnd - at < NOTE_HEADER_BYTES) return 'the file ends before its notes do';
    const header = new ByteCursor(window.read(at, NOTE_HEADER_BYTES), 'note header');
    const ownerBytes = header.u32();
    const sizeBytes = header.u32();
    const type = header.u32();
    const ownerAt = at + NOTE_HEADER_BYTES;
    // Padding is counted from the first note, wherever in the file it lies.
    const descriptionAt = aligned(ownerAt + ownerBytes, segment.fileOffset, unit);
    if (ownerBytes > MAX_OWNER_BYTES || descriptionAt + sizeBytes > end) return 'a note is damaged';
    if (descriptionAt + sizeBytes > presentEnd) return 'the file ends before its notes do';
    const owner = Buffer.from(window.read(ownerAt, ownerBytes)).toString('latin1').replace(/\0+$/, '');
    yield { owner, type, sizeBytes, read: () => window.read(descriptionAt, sizeBytes) };
    at = aligned(descriptionAt + sizeBytes, segment.fileOffset, unit);
  }
  return undefined;
}

function aligned(offset: number, start: number, unit: number): number {
  return start + Math.ceil((offset - start) / unit) * unit;
}

/** The stretch of a file that was read last. */
class SourceWindow {
  readonly #source: ByteSource;
  #bytes = new Uint8Array();
  #offset = 0;

  constructor(source: ByteSource) {
    this.#source = source;
  }

  read(offset: number, sizeBytes: number): Uint8Array {
    if (sizeBytes > WINDOW_BYTES) return this.#source.read(offset, sizeBytes);
    if (offset < this.#offset || offset + sizeBytes > this.#offset + this.#bytes.length) {
      const windowBytes = Math.min(WINDOW_BYTES, this.#source.sizeBytes - offset);
      this.#bytes = Uint8Array.from(this.#source.read(offset, windowBytes));
      this.#offset = offset;
    }
    return this.#bytes.subarray(offset - this.#offset, offset - this.#offset + sizeBytes);
  }
}
