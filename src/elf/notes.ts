import { ByteCursor } from '../base/byte-cursor.ts';

/** One entry of a note segment or section. */
export interface ElfNote {
  /** Who defines what the types mean: `GNU`, `CORE`, `LINUX`, … */
  readonly owner: string;
  readonly type: number;
  readonly description: Uint8Array;
}

/** Size of an `Elf64_Nhdr`: two sizes and a type. */
const NOTE_HEADER_BYTES = 12;

/**
 * Parses notes, which follow each other padded to `alignment`: 8 where the segment says 8, else 4.
 * @param source what to call these bytes in a message
 */
export function* parseNotes(bytes: Uint8Array, alignment: number, source: string): Generator<ElfNote> {
  const unit = alignment === 8 ? 8 : 4;
  const cursor = new ByteCursor(bytes, source);
  while (bytes.length - cursor.offset >= NOTE_HEADER_BYTES) {
    const ownerBytes = cursor.u32();
    const descriptionBytes = cursor.u32();
    const type = cursor.u32();
    const owner = Buffer.from(cursor.bytes(ownerBytes)).toString('latin1').replace(/\0+$/, '');
    skipPadding(cursor, unit, bytes.length);
    const description = cursor.bytes(descriptionBytes);
    skipPadding(cursor, unit, bytes.length);
    yield { owner, type, description };
  }
}

/** The padding of the last note may be missing. */
function skipPadding(cursor: ByteCursor, unit: number, sizeBytes: number): void {
  cursor.seek(Math.min(sizeBytes, Math.ceil(cursor.offset / unit) * unit));
}
