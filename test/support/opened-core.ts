import { toAddress } from '../../src/base/address.ts';
import { isAboutMemory } from '../../src/base/errors.ts';
import type { Memory } from '../../src/base/ports.ts';
import { type CoreFile, readCore } from '../../src/elf/core/core-file.ts';
import { type CoreImage, openCoreImage } from '../../src/elf/core/core-image.ts';
import { endingSignal } from '../../src/elf/core/core-notes.ts';
import { openInputFile } from '../../src/platform/input-file.ts';
import { deathCause } from '../../src/report/death-cause.ts';
import type { GdbRange } from './core-maker.ts';

/** A core that is open, with the files of this machine. */
export class OpenedCore implements Disposable {
  readonly core: CoreFile;
  readonly image: CoreImage;
  readonly #files: Disposable[] = [];

  constructor(path: string) {
    const file = openInputFile(path);
    this.#files.push(file);
    this.core = readCore(file);
    this.image = openCoreImage(this.core, {
      search: { directories: [] },
      programPath: undefined,
      open: (each) => {
        try {
          const opened = openInputFile(each);
          this.#files.push(opened);
          return opened;
        } catch {
          return undefined;
        }
      },
    });
  }

  /** Some bytes at the beginning, in the middle and at the end of everything that is mapped. */
  samples(): readonly GdbRange[] {
    const { core } = this;
    return [...core.segments, ...(core.notes.fileMappings ?? [])].flatMap(({ start, end }) => {
      const middle = start + Math.floor((end - start) / 2);
      return [start, middle, end - 16].map((at): GdbRange => [at, 16]);
    });
  }

  get cause(): string | undefined {
    const { notes, missingBytes } = this.core;
    const { writer, process } = notes;
    return deathCause({ writer, process, missingBytes, signal: endingSignal(notes) });
  }

  [Symbol.dispose](): void {
    for (const file of this.#files) file[Symbol.dispose]();
  }
}

/** Reads memory as hexadecimal text; `undefined` where it cannot be read. */
export function tryRead(memory: Memory, address: number, sizeBytes: number): string | undefined {
  try {
    return Buffer.from(memory.read(toAddress(address), sizeBytes)).toString('hex');
  } catch (error) {
    if (isAboutMemory(error)) return undefined;
    throw error;
  }
}
