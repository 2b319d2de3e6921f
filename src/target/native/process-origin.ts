import type { Memory } from '../../base/ports.ts';
import type { ElfFile } from '../../elf/elf-file.ts';
import { findDebianPackage } from '../../platform/debian-package.ts';
import type { FileSource } from '../../platform/file-source.ts';
import { readPerfMapFile } from '../../platform/perf-map-file.ts';
import { readMaps } from '../../platform/process-files.ts';
import { openTargetFile, readTargetTextFile, type TargetTextFile } from '../../platform/target-files.ts';
import { groupByModule, loadElf, MappedImage } from '../mapped-image.ts';
import { OpenElfFiles } from '../open-modules.ts';
import { VIRTUAL_LIBRARY, virtualLibraryImage } from '../virtual-library.ts';
import type { NativeOrigin } from './native-origin.ts';

/** A live process, and the files as it sees them. */
export class ProcessOrigin implements NativeOrigin {
  readonly machine: undefined;
  readonly memory: Memory;
  readonly images: readonly MappedImage[];
  readonly #pid: number;
  readonly #files: OpenElfFiles;

  constructor(pid: number, memory: Memory) {
    this.#pid = pid;
    this.memory = memory;
    this.#files = new OpenElfFiles(pid, memory);
    const mappings = readMaps(pid);
    const open: OpenElfFiles['open'] = (group) => this.#files.open(group);
    this.images = [
      ...groupByModule(mappings).map((group) => new MappedImage(group, () => loadElf(group, open))),
      ...mappings
        .filter(({ path }) => path === VIRTUAL_LIBRARY)
        .map((mapping) => virtualLibraryImage(memory, mapping)),
    ];
  }

  isMemoryImage(elf: ElfFile): boolean {
    return this.#files.isImage(elf);
  }

  openFile(path: string): FileSource | undefined {
    return openTargetFile(this.#pid, path);
  }

  keep(file: Disposable): void {
    this.#files.keep(file);
  }

  readTextFile(path: string): TargetTextFile | undefined {
    return readTargetTextFile(this.#pid, path);
  }

  readPerfMap(): Uint8Array | undefined {
    return readPerfMapFile(this.#pid);
  }

  findPackage(path: string): string | undefined {
    return findDebianPackage(this.#pid, path);
  }

  [Symbol.dispose](): void {
    this.#files[Symbol.dispose]();
  }
}
