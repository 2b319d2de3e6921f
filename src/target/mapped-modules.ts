import { type Address, type AddressRange, offsetBy, toAddress } from '../base/address.ts';
import { isAboutMemory } from '../base/errors.ts';
import type { AddressSpace, MappedModule } from '../cpython/discovery/address-space.ts';
import type { ElfFile } from '../elf/elf-file.ts';
import { loadBiasOf } from '../elf/load-bias.ts';
import type { MemoryMapping } from '../platform/proc/maps.ts';

/** Opens the ELF file behind a module's mappings; `undefined` when that file cannot be had. */
export type OpenElf = (mappings: readonly MemoryMapping[]) => ElfFile | undefined;

/** Sorts a process's mappings into its ELF modules and the memory that has no file. */
export function addressSpaceOf(
  mappings: readonly MemoryMapping[],
  executablePath: string,
  openElf: OpenElf,
): AddressSpace {
  const groups = groupByModule(mappings);
  const modules = groups
    .filter((group) => group.some((mapping) => mapping.isExecutable))
    .map((group) => new MappedElf(group, group[0].path === executablePath, openElf));
  const heap = mappings.find((mapping) => mapping.path === '[heap]');
  return {
    modules,
    heap: heap === undefined ? undefined : rangeOf(heap),
    anonymousRanges: mappings.filter(isAnonymousData).map(rangeOf),
  };
}

function isAnonymousData({ isReadable, isWritable, inode, path }: MemoryMapping): boolean {
  return isReadable && isWritable && inode === undefined && (path === undefined || path.startsWith('[anon'));
}

type ModuleMappings = readonly [MemoryMapping, ...MemoryMapping[]];

/**
 * A module's mappings lie one behind the other with growing file offsets, and its .bss, which has no file, behind the
 * last. The same file mapped a second time (ctypes does that with the program) is a module of its own.
 */
function groupByModule(mappings: readonly MemoryMapping[]): readonly ModuleMappings[] {
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

function rangeOf({ start, end }: MemoryMapping): AddressRange {
  return { address: start, sizeBytes: end - start };
}

/** An ELF file as it is mapped; the file is opened when something is first asked of it. */
class MappedElf implements MappedModule {
  readonly path: string;
  readonly isMainProgram: boolean;
  readonly #mappings: ModuleMappings;
  readonly #openElf: OpenElf;
  #image: { readonly elf: ElfFile; readonly bias: number } | undefined | 'not opened' = 'not opened';

  constructor(mappings: ModuleMappings, isMainProgram: boolean, openElf: OpenElf) {
    this.path = mappings[0].path ?? '';
    this.isMainProgram = isMainProgram;
    this.#mappings = mappings;
    this.#openElf = openElf;
  }

  get writableRanges(): readonly AddressRange[] {
    const end = this.#end();
    return this.#mappings
      .filter((mapping) => mapping.isWritable && mapping.isReadable && mapping.start < end)
      .map((mapping) => rangeOf({ ...mapping, end: toAddress(Math.min(mapping.end, end)) }));
  }

  findSymbol(name: string): Address | undefined {
    return this.#addressOf((elf) => elf.findSymbol(name)?.value);
  }

  findExportedSymbol(name: string): Address | undefined {
    return this.#addressOf((elf) => elf.findExportedSymbol(name)?.value);
  }

  findSection(name: string): AddressRange | undefined {
    let sizeBytes = 0;
    const address = this.#addressOf((elf) => {
      const section = elf.findSection(name);
      sizeBytes = section?.sizeBytes ?? 0;
      return section?.address;
    });
    return address === undefined ? undefined : { address, sizeBytes };
  }

  findFunctions(names: ReadonlySet<string>): readonly AddressRange[] {
    try {
      const image = this.#open();
      if (image === undefined) return [];
      return [...image.elf.symbols('symtab')].flatMap(({ name, type, value, sizeBytes }) => {
        const [plainName = ''] = name.split('.', 1);
        if (type !== 'function' || sizeBytes === 0 || !names.has(plainName)) return [];
        return [{ address: offsetBy(toAddress(value), image.bias), sizeBytes }];
      });
    } catch (error) {
      if (isAboutMemory(error)) return [];
      throw error;
    }
  }

  /** A file that is damaged or none of ours has no symbols; what it would have named is searched for otherwise. */
  #addressOf(find: (elf: ElfFile) => number | undefined): Address | undefined {
    try {
      const image = this.#open();
      const value = image === undefined ? undefined : find(image.elf);
      return image === undefined || value === undefined ? undefined : offsetBy(toAddress(value), image.bias);
    } catch (error) {
      if (isAboutMemory(error)) return undefined;
      throw error;
    }
  }

  /** Where the last segment ends: memory that was mapped right behind the .bss looks like a part of it in the maps. */
  #end(): number {
    try {
      const image = this.#open();
      if (image === undefined) return Number.POSITIVE_INFINITY;
      const loaded = image.elf.segments.filter(({ type }) => type === 'load');
      return (
        Math.max(...loaded.map(({ virtualAddress, memorySize }) => virtualAddress + memorySize)) + image.bias
      );
    } catch (error) {
      if (isAboutMemory(error)) return Number.POSITIVE_INFINITY;
      throw error;
    }
  }

  #open(): { readonly elf: ElfFile; readonly bias: number } | undefined {
    if (this.#image !== 'not opened') return this.#image;
    this.#image = undefined;
    const elf = this.#openElf(this.#mappings);
    const code = this.#mappings.find((mapping) => mapping.isExecutable) ?? this.#mappings[0];
    const bias = elf === undefined ? undefined : loadBiasOf(elf, code);
    if (elf !== undefined && bias !== undefined) this.#image = { elf, bias };
    return this.#image;
  }
}
