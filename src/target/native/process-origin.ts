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
  readonly #pid: number;
  readonly #files: OpenElfFiles;
  #images: ReadonlyMap<string, MappedImage> = new Map();

  constructor(pid: number, memory: Memory) {
    this.#pid = pid;
    this.memory = memory;
    this.#files = new OpenElfFiles(pid, memory);
    this.refresh();
  }

  get images(): readonly MappedImage[] {
    return [...this.#images.values()];
  }

  refresh(): void {
    const mappings = readMaps(this.#pid);
    const open: OpenElfFiles['open'] = (group) => this.#files.open(group);
    const mapped = [
      ...groupByModule(mappings).map((group) => new MappedImage(group, () => loadElf(group, open))),
      ...mappings
        .filter(({ path }) => path === VIRTUAL_LIBRARY)
        .map((mapping) => virtualLibraryImage(this.memory, mapping)),
    ];
    const before = this.#images;
    this.#images = new Map(
      mapped.map((image) => {
        const key = identityOf(image);
        return [key, before.get(key) ?? image];
      }),
    );
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

/** Which file is mapped, and where its code lies. */
function identityOf({ path, mappings }: MappedImage): string {
  const [{ device, inode }] = mappings;
  const code = mappings.filter(({ isExecutable }) => isExecutable);
  return [
    path,
    device,
    inode,
    ...code.flatMap(({ start, end, fileOffset }) => [start, end, fileOffset]),
  ].join(' ');
}
