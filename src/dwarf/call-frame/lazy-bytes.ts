/** Reads a stretch of what is too large to be read whole. */
export type ReadPart = (offset: number, sizeBytes: number) => Uint8Array;

const PIECE_BYTES = 16 << 10;
const MAX_PIECES = 64;

/** The bytes of one section, read in pieces when they are asked for; 1 MiB of them are kept at most. */
export class LazyBytes {
  readonly sizeBytes: number;
  readonly #read: ReadPart;
  readonly #pieces = new Map<number, Uint8Array>();

  constructor(sizeBytes: number, read: ReadPart) {
    this.sizeBytes = sizeBytes;
    this.#read = read;
  }

  /** A view of the bytes from an offset on: as many as asked for, or fewer where the section ends before. */
  bytesAt(offset: number, sizeBytes: number): Uint8Array {
    const end = Math.min(offset + sizeBytes, this.sizeBytes);
    if (!(offset >= 0 && end > offset)) return new Uint8Array();
    const first = Math.floor(offset / PIECE_BYTES);
    if (Math.floor((end - 1) / PIECE_BYTES) !== first) return this.#read(offset, end - offset);
    const start = first * PIECE_BYTES;
    return this.#piece(first, start).subarray(offset - start, end - start);
  }

  #piece(number: number, start: number): Uint8Array {
    const known = this.#pieces.get(number);
    if (known !== undefined) return known;
    const piece = this.#read(start, Math.min(PIECE_BYTES, this.sizeBytes - start));
    if (this.#pieces.size >= MAX_PIECES) this.#pieces.clear();
    this.#pieces.set(number, piece);
    return piece;
  }
}
