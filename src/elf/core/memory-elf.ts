import { type Address, offsetBy } from '../../base/address.ts';
import { MalformedInputError, UnreadableMemoryError } from '../../base/errors.ts';
import type { ByteSource, Memory } from '../../base/ports.ts';
import { parseIfSound } from '../../base/read-if-sound.ts';
import { readElfHeader } from '../elf-header.ts';
import { readRange } from '../file-range.ts';
import { parseNotes } from '../notes.ts';
import { readSegments } from '../segment.ts';

/** What the start of an ELF file in memory says of the file. */
export interface MemoryElf {
  /** In hexadecimal; `undefined` when the file has none, or when its notes are not in memory. */
  readonly buildId: string | undefined;
}

const NT_GNU_BUILD_ID = 3;
const MAGIC = [0x7f, 0x45, 0x4c, 0x46] as const;

/** No note segment of a program comes near. */
const MAX_NOTE_BYTES = 64 << 10;

/**
 * Reads what an ELF file that is mapped from its start says of itself; `'other'` for a file of another kind, and
 * `undefined` when its start is not in memory. The kernel dumps the first page of ELF files unless bit 4 of
 * coredump_filter is off (core(5)), and linkers put the build id there.
 */
export function readMemoryElf(memory: Memory, start: Address): MemoryElf | 'other' | undefined {
  const source = new MemorySource(memory, start);
  const magic = parseIfSound(() => source.read(0, MAGIC.length));
  if (magic === undefined) return undefined;
  if (!MAGIC.every((byte, index) => magic[index] === byte)) return 'other';
  return { buildId: buildIdOf(source) };
}

function buildIdOf(source: ByteSource): string | undefined {
  return parseIfSound(() => {
    for (const segment of readSegments(source, readElfHeader(source).segments)) {
      const { type, fileOffset, fileSize, alignment } = segment;
      if (type !== 'note' || fileSize > MAX_NOTE_BYTES) continue;
      const bytes = readRange(source, { fileOffset, sizeBytes: fileSize }, 'notes');
      for (const note of parseNotes(bytes, alignment, source.name)) {
        if (note.owner === 'GNU' && note.type === NT_GNU_BUILD_ID && note.description.length > 0) {
          return Buffer.from(note.description).toString('hex');
        }
      }
    }
    return undefined;
  });
}

/** Memory from an address on, as if it were a file. */
class MemorySource implements ByteSource {
  readonly name = 'ELF file in memory';
  readonly sizeBytes = Number.MAX_SAFE_INTEGER;
  readonly #memory: Memory;
  readonly #start: Address;

  constructor(memory: Memory, start: Address) {
    this.#memory = memory;
    this.#start = start;
  }

  read(offset: number, sizeBytes: number): Uint8Array {
    try {
      return this.#memory.read(offsetBy(this.#start, offset), sizeBytes);
    } catch (error) {
      if (!(error instanceof UnreadableMemoryError)) throw error;
      throw new MalformedInputError(this.name, offset, 'this part is not in memory', { cause: error });
    }
  }
}
