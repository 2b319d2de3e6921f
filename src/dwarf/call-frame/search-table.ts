import { ByteCursor } from '../../base/byte-cursor.ts';
import { encodedSizeOf, OMITTED, type PointerBases, readEncodedPointer } from './encoded-pointer.ts';
import type { LazyBytes } from './lazy-bytes.ts';

/** `.eh_frame_hdr` as it lies in the file. */
export interface SearchTableSection {
  /** What to call it in a message. */
  readonly name: string;
  /** In the file's own address space. */
  readonly address: number;
  readonly bytes: LazyBytes;
}

const VERSION = 1;
const LONGEST_HEADER_BYTES = 4 + 8 + 8 + 8;

/** The sorted table of `.eh_frame_hdr` (LSB 5.0 Core, 10.6.2): from the first address of a function to its FDE. */
export class SearchTable {
  /** Address of `.eh_frame`, which files without section headers name nowhere else. */
  readonly frameAddress: number;
  /** 0 where the file has no table, or one that cannot be searched. */
  readonly count: number;
  readonly #section: SearchTableSection;
  readonly #encoding: number;
  readonly #pointerBytes: number;
  readonly #tableOffset: number;

  /** @throws {MalformedInputError} for a header of another version, or that is cut off */
  constructor(section: SearchTableSection) {
    this.#section = section;
    const cursor = new ByteCursor(section.bytes.bytesAt(0, LONGEST_HEADER_BYTES), section.name);
    const version = cursor.u8();
    if (version !== VERSION) throw cursor.fail(`version ${version} is unknown`);
    const [frameEncoding, countEncoding] = [cursor.u8(), cursor.u8()];
    this.#encoding = cursor.u8();
    this.frameAddress = readEncodedPointer(cursor, frameEncoding, this.#basesAt(0));
    const count = countEncoding === OMITTED ? 0 : readEncodedPointer(cursor, countEncoding, this.#basesAt(0));
    this.#pointerBytes = this.#encoding === OMITTED ? 0 : (encodedSizeOf(this.#encoding) ?? 0);
    this.#tableOffset = cursor.offset;
    const room = section.bytes.sizeBytes - this.#tableOffset;
    this.count = this.#pointerBytes === 0 || count * this.#pointerBytes * 2 > room ? 0 : count;
  }

  /** Finds the address of the FDE with the highest first address that is not above the one asked for. */
  findFrameEntry(address: number): number | undefined {
    let low = 0;
    let high = this.count;
    while (low < high) {
      const middle = Math.floor((low + high) / 2);
      if (this.#pointerAt(middle * 2) <= address) low = middle + 1;
      else high = middle;
    }
    return low === 0 ? undefined : this.#pointerAt(low * 2 - 1);
  }

  #pointerAt(index: number): number {
    const offset = this.#tableOffset + index * this.#pointerBytes;
    const bytes = this.#section.bytes.bytesAt(offset, this.#pointerBytes);
    return readEncodedPointer(
      new ByteCursor(bytes, this.#section.name),
      this.#encoding,
      this.#basesAt(offset),
    );
  }

  #basesAt(offset: number): PointerBases {
    const { address } = this.#section;
    return { cursor: address + offset, text: undefined, data: address };
  }
}
