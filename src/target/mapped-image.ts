import { readIfSound } from '../base/read-if-sound.ts';
import type { ElfFile } from '../elf/elf-file.ts';
import { loadBiasOf } from '../elf/load-bias.ts';
import type { MemoryMapping } from '../platform/proc/maps.ts';

/** Opens the ELF file behind a module's mappings; `undefined` when that file cannot be had. */
export type OpenElf = (mappings: readonly MemoryMapping[]) => ElfFile | undefined;

/** The mappings of one file, in address order. */
export type ModuleMappings = readonly [MemoryMapping, ...MemoryMapping[]];

/** An ELF file and the distance between its own addresses and those in the process. */
export interface LoadedElf {
  readonly elf: ElfFile;
  readonly bias: number;
}

/** An ELF file as it is mapped; it is opened when something is first asked of it. */
export class MappedImage {
  readonly path: string;
  readonly mappings: ModuleMappings;
  readonly #load: () => LoadedElf | undefined;
  #loaded: LoadedElf | undefined | 'not opened' = 'not opened';

  /** @param load opens the file; it is called once, when something is first asked */
  constructor(mappings: ModuleMappings, load: () => LoadedElf | undefined) {
    this.path = mappings[0].path ?? '';
    this.mappings = mappings;
    this.#load = load;
  }

  /** `undefined` when the file cannot be had, or is not what is mapped. */
  get loaded(): LoadedElf | undefined {
    if (this.#loaded !== 'not opened') return this.#loaded;
    this.#loaded = undefined;
    this.#loaded = this.#load();
    return this.#loaded;
  }

  /** Asks the file something; `undefined` also where it is damaged, or none of ours. */
  ask<Answer>(question: (loaded: LoadedElf) => Answer): Answer | undefined {
    return readIfSound(() => {
      const loaded = this.loaded;
      return loaded === undefined ? undefined : question(loaded);
    });
  }
}

/** Opens the ELF file behind some mappings; `undefined` when it cannot be had, or is not what is mapped. */
export function loadElf(mappings: ModuleMappings, openElf: OpenElf): LoadedElf | undefined {
  const elf = openElf(mappings);
  const code = mappings.find((mapping) => mapping.isExecutable) ?? mappings[0];
  const bias = elf === undefined ? undefined : loadBiasOf(elf, code);
  return elf === undefined || bias === undefined ? undefined : { elf, bias };
}

/**
 * Sorts mappings by the file that they show. They lie one behind the other with growing file offsets, and its .bss, which
 * has no file, behind the last. The same file mapped a second time (ctypes does that with the program) is a module of
 * its own.
 */
export function groupByModule(mappings: readonly MemoryMapping[]): readonly ModuleMappings[] {
  const groups: [MemoryMapping, ...MemoryMapping[]][] = [];
  for (const mapping of mappings) {
    const group = groups.at(-1);
    if (group !== undefined && belongsTo(group, mapping)) group.push(mapping);
    else if (mapping.inode !== undefined && mapping.path !== undefined) groups.push([mapping]);
  }
  return groups;
}

function belongsTo(group: ModuleMappings, mapping: MemoryMapping): boolean {
  const [first] = group;
  const last = group.at(-1) ?? first;
  if (mapping.inode === undefined)
    return mapping.path === undefined && mapping.start === last.end && last.isWritable;
  const isSameFile =
    mapping.inode === first.inode && mapping.device === first.device && mapping.path === first.path;
  return isSameFile && mapping.fileOffset >= last.fileOffset && last.inode !== undefined;
}
