import { readIfSound } from '../../base/read-if-sound.ts';
import { type DebugSections, debugSectionsOf } from '../../dwarf/debug-info/debug-sections.ts';
import type { SplitFileName } from '../../dwarf/debug-info/split-units.ts';
import { type ElfFile, readElf } from '../../elf/elf-file.ts';
import type { FileSource } from '../../platform/file-source.ts';
import { alternateFileCandidates, debugFileCandidates, matchesDebugFile } from '../../symbols/debug-files.ts';
import type { NativeOrigin } from './native-origin.ts';

/** A file beside a module that says more of it. */
export interface DebugFile {
  readonly elf: ElfFile;
  readonly path: string;
  /** Tells this state of the file from others. */
  readonly identity: string;
}

/** Finds what was stripped from the modules of a process. */
export class DebugFiles {
  readonly #origin: Pick<NativeOrigin, 'openFile' | 'keep'>;

  constructor(origin: Pick<NativeOrigin, 'openFile' | 'keep'>) {
    this.#origin = origin;
  }

  /** Finds the separate debug file of a module; `undefined` where none is installed. */
  debugFileOf(elf: ElfFile, path: string): DebugFile | undefined {
    return readIfSound(() =>
      this.#firstOf(debugFileCandidates(elf, { path }), (candidate, source) =>
        matchesDebugFile(elf, candidate, source),
      ),
    );
  }

  /** Finds the file that dwz made of what several debug files share. */
  alternateOf(elf: ElfFile, path: string): DebugSections | undefined {
    return readIfSound(() => {
      const wanted = elf.alternateDebugLink?.buildId;
      const found = this.#firstOf(
        alternateFileCandidates(elf, { path }),
        ({ buildId }) => buildId === wanted,
      );
      return found === undefined ? undefined : debugSectionsOf(found.elf);
    });
  }

  /** Finds the file with the rest of a unit that was compiled with -gsplit-dwarf. */
  splitFileOf({ name, compilationDirectory }: SplitFileName, modulePath: string): DebugSections | undefined {
    const absolute = name.startsWith('/') ? name : `${compilationDirectory ?? ''}/${name}`;
    const found = this.#firstOf([absolute, `${modulePath}.dwp`], () => true);
    return found === undefined ? undefined : debugSectionsOf(found.elf);
  }

  #firstOf(
    paths: readonly string[],
    isRight: (elf: ElfFile, source: FileSource) => boolean,
  ): DebugFile | undefined {
    for (const path of paths) {
      const source = this.#origin.openFile(path);
      if (source === undefined) continue;
      const elf = readIfRight(source, isRight);
      if (elf === undefined) source[Symbol.dispose]();
      else {
        this.#origin.keep(source);
        return { elf, path, identity: `${path} ${source.sizeBytes} ${source.modifiedAt.getTime()}` };
      }
    }
    return undefined;
  }
}

function readIfRight(
  source: FileSource,
  isRight: (elf: ElfFile, source: FileSource) => boolean,
): ElfFile | undefined {
  return readIfSound(() => {
    const elf = readElf(source);
    return isRight(elf, source) ? elf : undefined;
  });
}
