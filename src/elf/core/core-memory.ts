import type { Address, AddressRange } from '../../base/address.ts';
import { UnreadableMemoryError } from '../../base/errors.ts';
import type { ByteSource, Memory } from '../../base/ports.ts';
import { parseIfSound } from '../../base/read-if-sound.ts';
import { lastStartingAtOrBefore, rangeHolding } from '../../base/sorted-search.ts';
import type { CoreFile, CoreSegment } from './core-file.ts';
import type { CoreFileMapping } from './file-mappings.ts';

/** Hands out the file behind a mapping, when it is at hand and is the one that was mapped. */
export type OpenMappedFile = (mapping: CoreFileMapping) => ByteSource | undefined;

/** A stretch that lies in one place: of the core, of a mapped file, or in the zeros behind the end of that. */
interface Piece {
  readonly source: ByteSource | 'zeros';
  readonly offset: number;
  readonly sizeBytes: number;
}

/**
 * The memory of a process that is gone: what the core holds and, where that leaves a file's pages out, the file.
 *
 * What else was left out is unreadable, never zeros: the kernel leaves out memory that was never touched, and just so
 * memory that the process asked it to (MADV_DONTDUMP) or that coredump_filter excludes (`vma_dump_size()` of
 * fs/coredump.c), and nothing in the core tells them apart. gdb shows zeros for all of them.
 *
 * A file stands in only for pages that the process cannot have changed. The kernel writes every private page that was
 * written to, unless the filter excludes anonymous memory: then no stack and no heap is there either, and only code
 * may come from files. A page that was dumped and then cut off may have been changed too, unless it is code.
 */
export class CoreMemory implements Memory {
  readonly #core: CoreFile;
  readonly #openFile: OpenMappedFile;
  readonly #hasWrittenMemory: boolean;

  constructor(core: CoreFile, openFile: OpenMappedFile) {
    this.#core = core;
    this.#openFile = openFile;
    this.#hasWrittenMemory = core.segments.some(
      ({ start, isWritable, dumpedBytes }) =>
        isWritable && dumpedBytes > 0 && rangeHolding(core.fileMappings, start) === undefined,
    );
  }

  read(address: Address, sizeBytes: number): Uint8Array {
    const bytes = this.#read(address, sizeBytes);
    if (bytes === undefined) throw new UnreadableMemoryError(address, sizeBytes);
    return bytes;
  }

  readMany(ranges: readonly AddressRange[]): readonly (Uint8Array | undefined)[] {
    return ranges.map(({ address, sizeBytes }) => this.#read(address, sizeBytes));
  }

  #read(address: Address, sizeBytes: number): Uint8Array | undefined {
    if (!(sizeBytes >= 0)) return undefined;
    // Nothing is allocated before all of it is found: a size may be made up.
    const pieces: Piece[] = [];
    for (let at: number = address; at < address + sizeBytes; ) {
      const piece = this.#pieceAt(at, address + sizeBytes - at);
      if (piece === undefined) return undefined;
      pieces.push(piece);
      at += piece.sizeBytes;
    }
    return readPieces(pieces, sizeBytes);
  }

  /** The longest piece that begins at an address, at most so long; `undefined` for what cannot be read. */
  #pieceAt(at: number, sizeBytes: number): Piece | undefined {
    const { segments, source } = this.#core;
    const index = lastStartingAtOrBefore(segments, at);
    const before = segments[index];
    const segment = before !== undefined && at < before.end ? before : undefined;
    if (segment === undefined) {
      const next = segments[index + 1]?.start ?? Number.POSITIVE_INFINITY;
      return this.#hasWrittenMemory ? this.#filePieceAt(at, Math.min(sizeBytes, next - at)) : undefined;
    }
    const offset = at - segment.start;
    if (offset < segment.presentBytes) {
      const length = Math.min(sizeBytes, segment.presentBytes - offset);
      return { source, offset: segment.fileOffset + offset, sizeBytes: length };
    }
    const isCutOff = offset < segment.dumpedBytes;
    if (!this.#mayBeOfFile(segment, isCutOff)) return undefined;
    const end = isCutOff ? segment.dumpedBytes : segment.end - segment.start;
    return this.#filePieceAt(at, Math.min(sizeBytes, end - offset));
  }

  #mayBeOfFile({ isWritable, isExecutable }: CoreSegment, isCutOff: boolean): boolean {
    return (isExecutable && !isWritable) || (this.#hasWrittenMemory && !isCutOff);
  }

  #filePieceAt(at: number, sizeBytes: number): Piece | undefined {
    const mapping = rangeHolding(this.#core.fileMappings, at);
    const source = mapping === undefined ? undefined : this.#openFile(mapping);
    if (mapping === undefined || source === undefined) return undefined;
    const length = Math.min(sizeBytes, mapping.end - at);
    const offset = mapping.fileOffset + (at - mapping.start);
    const left = source.sizeBytes - offset;
    if (left > 0) return { source, offset, sizeBytes: Math.min(length, left) };
    // What follows the end of a file in its last page is zero (mmap(2)); a page behind that cannot be read.
    const page = this.#core.notes.auxiliaryVector?.pageSizeBytes ?? DEFAULT_PAGE_BYTES;
    const zeroBytes = Math.ceil(source.sizeBytes / page) * page - offset;
    return zeroBytes > 0 ? { source: 'zeros', offset, sizeBytes: Math.min(length, zeroBytes) } : undefined;
  }
}

const DEFAULT_PAGE_BYTES = 4096;

/** `undefined` when a file became shorter meanwhile. */
function readPieces(pieces: readonly Piece[], sizeBytes: number): Uint8Array | undefined {
  return parseIfSound(() => {
    const [first] = pieces;
    if (pieces.length === 1 && first !== undefined && first.source !== 'zeros') {
      return first.source.read(first.offset, first.sizeBytes);
    }
    const whole = new Uint8Array(sizeBytes);
    let at = 0;
    for (const { source, offset, sizeBytes: length } of pieces) {
      if (source !== 'zeros') whole.set(source.read(offset, length), at);
      at += length;
    }
    return whole;
  });
}
