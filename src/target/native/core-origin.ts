import type { Memory } from '../../base/ports.ts';
import { type LibrarySearch, moduleFileCandidates } from '../../elf/core/library-search.ts';
import type { ElfFile } from '../../elf/elf-file.ts';
import type { ElfMachine } from '../../elf/elf-header.ts';
import { findHostDebianPackage } from '../../platform/debian-package.ts';
import type { FileSource } from '../../platform/file-source.ts';
import { HostFiles, openHostFile } from '../../platform/host-files.ts';
import type { TargetTextFile } from '../../platform/target-files.ts';
import type { CoreImages } from '../core-images.ts';
import { readTextBelow } from '../core-libraries.ts';
import type { MappedImage } from '../mapped-image.ts';
import type { NativeOrigin } from './native-origin.ts';

/** What a core and the files beside it give. */
export interface CoreOriginParts {
  readonly machine: ElfMachine;
  readonly memory: Memory;
  readonly images: CoreImages;
  readonly search: LibrarySearch;
}

/** The process in a core file, and the files of our own system. */
export class CoreOrigin implements NativeOrigin {
  readonly machine: ElfMachine;
  readonly memory: Memory;
  readonly #images: CoreImages;
  readonly #search: LibrarySearch;
  readonly #files = new HostFiles();

  constructor({ machine, memory, images, search }: CoreOriginParts) {
    this.machine = machine;
    this.memory = memory;
    this.#images = images;
    this.#search = search;
  }

  get images(): readonly MappedImage[] {
    return this.#images.all;
  }

  refresh(): void {}

  isMemoryImage(elf: ElfFile): boolean {
    return this.#images.isMemoryImage(elf);
  }

  /** Where libraries are looked for, what belongs to them is looked for too. */
  openFile(path: string): FileSource | undefined {
    for (const candidate of moduleFileCandidates(path, this.#search)) {
      const file = openHostFile(candidate);
      if (file !== undefined) return file;
    }
    return undefined;
  }

  keep(file: Disposable): void {
    this.#files.keep(file);
  }

  readTextFile(path: string): TargetTextFile | undefined {
    return readTextBelow(path, this.#search);
  }

  /** It went with the process, or is of another one by now. */
  readPerfMap(): undefined {
    return undefined;
  }

  findPackage(path: string): string | undefined {
    return findHostDebianPackage(path);
  }

  [Symbol.dispose](): void {
    this.#files[Symbol.dispose]();
  }
}
