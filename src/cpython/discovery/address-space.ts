import type { Address, AddressRange } from '../../base/address.ts';

/** An ELF file mapped in the target, at the addresses that it has there: what this room needs to know of it. */
export interface MappedModule {
  /** As the target's maps name it. */
  readonly path: string;
  /** The program itself rather than a library. */
  readonly isMainProgram: boolean;
  /** Address of a symbol that it defines, of .dynsym or else .symtab; `undefined` when it has none of that name. */
  findSymbol(name: string): Address | undefined;
  /** The same of .dynsym alone: quicker to say no, since .symtab is long and has no index. */
  findExportedSymbol(name: string): Address | undefined;
  /** Where a section lies in memory; `undefined` when the file has none of that name. */
  findSection(name: string): AddressRange | undefined;
  /** Where the functions of given names lie, of .symtab or else .dynsym; those that gcc made of them, `name.constprop.0`, too. */
  findFunctions(names: ReadonlySet<string>): readonly AddressRange[];
  /** Its writable memory, .data and .bss, in address order. */
  readonly writableRanges: readonly AddressRange[];
}

/** What of the target's address space the search for the interpreter may look at. */
export interface AddressSpace {
  readonly modules: readonly MappedModule[];
  /** The memory that brk(2) made; `undefined` when there is none. */
  readonly heap: AddressRange | undefined;
  /** Readable and writable memory without a file behind it, in address order, without stacks and heap. */
  readonly anonymousRanges: readonly AddressRange[];
}
