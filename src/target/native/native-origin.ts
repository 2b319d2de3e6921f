import type { Memory } from '../../base/ports.ts';
import type { ElfFile } from '../../elf/elf-file.ts';
import type { ElfMachine } from '../../elf/elf-header.ts';
import type { FileSource } from '../../platform/file-source.ts';
import type { TargetTextFile } from '../../platform/target-files.ts';
import type { MappedImage } from '../mapped-image.ts';

/** What the native stacks of one process are made of. It is the live process itself, or a core and the files beside it. */
export interface NativeOrigin extends Disposable {
  /** `undefined` where only the modules tell. */
  readonly machine: ElfMachine | undefined;
  readonly memory: Memory;
  /** The files that are mapped, and the kernel's own library. Each is opened when something is first asked of it. */
  readonly images: readonly MappedImage[];

  /** Takes up what is mapped by now; images that are there still stay the same. What is in a core never changes. */
  refresh(): void;

  /** Whether an ELF file is not the file itself but what memory holds of it. */
  isMemoryImage(elf: ElfFile): boolean;

  /** Opens a file by the path that the process would use. Who opens it closes it, or hands it to {@link keep}. */
  openFile(path: string): FileSource | undefined;

  /** Closes a file together with this. */
  keep(file: Disposable): void;

  /** Reads a file that a compiler or the process itself names. */
  readTextFile(path: string): TargetTextFile | undefined;

  /** Reads what a compiler that ran in the process wrote of its code for perf. */
  readPerfMap(): Uint8Array | undefined;

  /** Finds the Debian package that a file came with. */
  findPackage(path: string): string | undefined;
}
