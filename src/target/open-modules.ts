import type { Memory } from '../base/ports.ts';
import type { AddressSpace } from '../cpython/discovery/address-space.ts';
import { type ElfFile, readElf } from '../elf/elf-file.ts';
import type { MemoryMapping } from '../platform/proc/maps.ts';
import { readExecutablePath, readMaps } from '../platform/process-files.ts';
import { openMappedFile } from '../platform/target-files.ts';
import { addressSpaceOf } from './mapped-modules.ts';
import { imageOf } from './memory-image.ts';

/**
 * Hands a process's address space to a question; the files that it opened to answer are closed behind it. A file that
 * cannot be opened is read from the target's memory, as far as it is mapped, when that is at hand.
 */
export function withAddressSpace<Answer>(
  pid: number,
  memory: Memory | undefined,
  ask: (space: AddressSpace) => Answer,
): Answer {
  using files = new OpenElfFiles(pid, memory);
  return ask(
    addressSpaceOf(readMaps(pid), readExecutablePath(pid) ?? '', (mappings) => files.open(mappings)),
  );
}

/** The ELF files of a process that are open at the same time. */
export class OpenElfFiles implements Disposable {
  readonly #pid: number;
  readonly #memory: Memory | undefined;
  readonly #files: Disposable[] = [];
  readonly #images = new WeakSet<ElfFile>();

  /** @param memory what a file is read from that cannot be opened, as far as it is mapped */
  constructor(pid: number, memory: Memory | undefined) {
    this.#pid = pid;
    this.#memory = memory;
  }

  /** Opens the file behind some mappings; it is closed with all the others. */
  open(mappings: readonly MemoryMapping[]): ElfFile | undefined {
    const mapping = mappings.find((each) => each.inode !== undefined);
    const file = mapping === undefined ? undefined : openMappedFile(this.#pid, mapping);
    if (file !== undefined) return readElf(this.keep(file));
    const image = this.#memory === undefined ? undefined : imageOf(this.#memory, mappings);
    if (image !== undefined) this.#images.add(image);
    return image;
  }

  /** Whether what was opened is not the file itself but what memory holds of it. */
  isImage(elf: ElfFile): boolean {
    return this.#images.has(elf);
  }

  /** Closes something together with the files. */
  keep<File extends Disposable>(file: File): File {
    this.#files.push(file);
    return file;
  }

  [Symbol.dispose](): void {
    for (const file of this.#files.splice(0)) file[Symbol.dispose]();
  }
}
