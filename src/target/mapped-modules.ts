import { type Address, type AddressRange, offsetBy, toAddress } from '../base/address.ts';
import type { AddressSpace, MappedModule } from '../cpython/discovery/address-space.ts';
import type { ElfFile } from '../elf/elf-file.ts';
import type { ElfSymbol } from '../elf/elf-symbol.ts';
import type { MemoryMapping } from '../platform/proc/maps.ts';
import { groupByModule, loadElf, MappedImage, type OpenElf } from './mapped-image.ts';

/** Sorts a process's mappings into its ELF modules and the memory that has no file. */
export function addressSpaceOf(
  mappings: readonly MemoryMapping[],
  executablePath: string,
  openElf: OpenElf,
): AddressSpace {
  const modules = groupByModule(mappings)
    .filter((group) => group.some((mapping) => mapping.isExecutable))
    .map((group) => {
      const image = new MappedImage(group, () => loadElf(group, openElf));
      return new MappedElf(image, image.path === executablePath);
    });
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

function rangeOf({ start, end }: MemoryMapping): AddressRange {
  return { address: start, sizeBytes: end - start };
}

/**
 * What the search for the interpreter asks of a file. One that is damaged or none of ours has no symbols; what it would
 * have named is searched for otherwise.
 */
export class MappedElf implements MappedModule {
  readonly path: string;
  readonly isMainProgram: boolean;
  readonly #image: MappedImage;

  constructor(image: MappedImage, isMainProgram: boolean) {
    this.path = image.path;
    this.isMainProgram = isMainProgram;
    this.#image = image;
  }

  get writableRanges(): readonly AddressRange[] {
    const end = this.#image.ask(endOf) ?? Number.POSITIVE_INFINITY;
    return this.#image.mappings
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
    const found = this.#image.ask(({ elf, bias }) =>
      symbolsOf(elf).flatMap(({ name, type, value, sizeBytes }) => {
        const [plainName = ''] = name.split('.', 1);
        if (type !== 'function' || sizeBytes === 0 || !names.has(plainName)) return [];
        return [{ address: offsetBy(toAddress(value), bias), sizeBytes }];
      }),
    );
    return found ?? [];
  }

  #addressOf(find: (elf: ElfFile) => number | undefined): Address | undefined {
    return this.#image.ask(({ elf, bias }) => {
      const value = find(elf);
      return value === undefined ? undefined : offsetBy(toAddress(value), bias);
    });
  }
}

/** A file that was stripped has those only that it shows to others. */
function symbolsOf(elf: ElfFile): readonly ElfSymbol[] {
  const symbols = [...elf.symbols('symtab')];
  return symbols.length > 0 ? symbols : [...elf.symbols('dynsym')];
}

/** Where the last segment ends: memory that was mapped right behind the .bss looks like a part of it in the maps. */
function endOf({ elf, bias }: { readonly elf: ElfFile; readonly bias: number }): number {
  const loaded = elf.segments.filter(({ type }) => type === 'load');
  return Math.max(...loaded.map(({ virtualAddress, memorySize }) => virtualAddress + memorySize)) + bias;
}
