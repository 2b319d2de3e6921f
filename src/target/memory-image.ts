import { offsetBy } from '../base/address.ts';
import { MalformedInputError } from '../base/errors.ts';
import type { ByteSource, Memory } from '../base/ports.ts';
import { readIfSound } from '../base/read-if-sound.ts';
import { type ElfFile, readElf } from '../elf/elf-file.ts';
import { loadBiasOf } from '../elf/load-bias.ts';
import type { MemoryMapping } from '../platform/proc/maps.ts';

/** `e_shoff`, and `e_shentsize`, `e_shnum`, `e_shstrndx`, which are the header's last members (gABI, ELF Header). */
const SECTION_TABLE_FIELDS = [
  { from: 0x28, to: 0x30 },
  { from: 0x3a, to: 0x40 },
];

interface Patch {
  readonly offset: number;
  readonly bytes: Uint8Array;
}

/**
 * The part of an ELF file that is mapped, read from the target's memory: for a file that was removed or lies where we
 * may not go. Its sections are not mapped, so the header is given without them; what the loader needs is there, and
 * with that the dynamic symbols.
 */
class MemoryImage implements ByteSource {
  readonly name: string;
  readonly sizeBytes: number;
  readonly #memory: Memory;
  readonly #mappings: readonly MemoryMapping[];
  readonly #patches: Patch[] = [];

  /**
   * @param mappings those of one file, in address order
   * @throws {MalformedInputError | UnreadableMemoryError} when they do not hold an ELF file
   */
  constructor(memory: Memory, mappings: readonly MemoryMapping[]) {
    this.#memory = memory;
    this.#mappings = mappings.filter(({ inode, isReadable }) => inode !== undefined && isReadable);
    this.name = `${mappings[0]?.path ?? 'a file'} in memory`;
    this.sizeBytes = Math.max(0, ...this.#mappings.map(fileEndOf));
    const header = Uint8Array.from(this.read(0, 64));
    for (const { from, to } of SECTION_TABLE_FIELDS) header.fill(0, from, to);
    this.#patches.push({ offset: 0, bytes: header });
    this.#unrelocate();
  }

  read(offset: number, sizeBytes: number): Uint8Array {
    const bytes = new Uint8Array(sizeBytes);
    for (let done = 0; done < sizeBytes; ) {
      const at = offset + done;
      const mapping = this.#mappings.find((each) => each.fileOffset <= at && at < fileEndOf(each));
      if (mapping === undefined) throw new MalformedInputError(this.name, at, 'this part is not mapped');
      const length = Math.min(sizeBytes - done, fileEndOf(mapping) - at);
      bytes.set(this.#memory.read(offsetBy(mapping.start, at - mapping.fileOffset), length), done);
      done += length;
    }
    for (const patch of this.#patches) overlay(bytes, offset, patch);
    return bytes;
  }

  /** glibc's loader adds the load bias to the addresses in the dynamic section, musl's does not. */
  #unrelocate(): void {
    const elf = readElf(this);
    const dynamic = elf.segments.find(({ type }) => type === 'dynamic');
    const code = this.#mappings.find((mapping) => mapping.isExecutable);
    const bias = code === undefined ? undefined : loadBiasOf(elf, code);
    if (dynamic === undefined || bias === undefined || bias <= 0) return;
    const bytes = Uint8Array.from(elf.segmentBytes(dynamic));
    const words = new BigUint64Array(bytes.buffer, 0, Math.floor(bytes.length / 8));
    const start = BigInt(this.#mappings[0]?.start ?? 0);
    const end = BigInt(this.#mappings.at(-1)?.end ?? 0);
    for (const [at, word] of words.entries())
      if (word >= start && word < end) words[at] = word - BigInt(bias);
    this.#patches.push({ offset: dynamic.fileOffset, bytes });
  }
}

function fileEndOf({ fileOffset, start, end }: MemoryMapping): number {
  return fileOffset + (end - start);
}

/** Lays a patch over bytes that were read at an offset, as far as they overlap. */
function overlay(bytes: Uint8Array, offset: number, patch: Patch): void {
  const from = Math.max(offset, patch.offset);
  const to = Math.min(offset + bytes.length, patch.offset + patch.bytes.length);
  if (from < to) bytes.set(patch.bytes.subarray(from - patch.offset, to - patch.offset), from - offset);
}

/** Reads the ELF file behind some mappings from memory; `undefined` when that does not hold enough of it. */
export function imageOf(memory: Memory, mappings: readonly MemoryMapping[]): ElfFile | undefined {
  return readIfSound(() => readElf(new MemoryImage(memory, mappings)));
}
