import { MalformedInputError } from '../base/errors.ts';
import type { ElfFile } from '../elf/elf-file.ts';
import { readSymbolVersions, type SymbolVersions } from '../elf/symbol-versions.ts';
import { FunctionTable, type TableFunction } from './function-table.ts';
import { readMiniDebugInfo } from './mini-debug-info.ts';
import { ProcedureLinkage } from './plt.ts';

/** The function that covers an address. */
export interface FunctionSymbol {
  /** As it is in the file, mangled and with its version: `clock_nanosleep@@GLIBC_2.17`, `read@plt`. */
  readonly name: string;
  /** Where it begins, in the file's own addresses. */
  readonly start: number;
  readonly sizeBytes: number;
}

/**
 * Names the functions of one file, from the best table that has one: `.symtab` of its separate debug file, its own,
 * `.dynsym`, `.gnu_debugdata`, and at last the stubs of its `.plt`. A table is read when the ones before it had no
 * answer; one that is malformed is passed over and stays in `problems`.
 */
export class FunctionSymbols {
  readonly #elf: ElfFile;
  readonly #debugElf: ElfFile | undefined;
  readonly #problems: MalformedInputError[] = [];
  readonly #tables = new Map<TableName, FunctionTable | undefined>();
  #versions: SymbolVersions | undefined;
  #linkage: ProcedureLinkage | undefined;

  /** @param debugElf its separate debug file, which has the same addresses */
  constructor(elf: ElfFile, debugElf?: ElfFile) {
    this.#elf = elf;
    this.#debugElf = debugElf;
  }

  /** What of the file could not be read so far. */
  get problems(): readonly MalformedInputError[] {
    return this.#problems;
  }

  /** Finds for each of some addresses of the file's own the function that covers it. */
  find(addresses: Iterable<number>): ReadonlyMap<number, FunctionSymbol> {
    const wanted = new Set(addresses);
    const found = this.#findInTables(new Set(wanted));
    for (const address of wanted) {
      const stub = found.has(address) ? undefined : this.#attempt(() => this.#findStub(address));
      if (stub !== undefined) found.set(address, stub);
    }
    return found;
  }

  /** @param left the addresses that are looked for; those that were found are taken out */
  #findInTables(left: Set<number>): Map<number, FunctionSymbol> {
    const found = new Map<number, FunctionSymbol>();
    const take = (functions: ReadonlyMap<number, TableFunction>, symbolOf: typeof plainSymbol): void => {
      for (const [address, each] of functions) {
        found.set(address, symbolOf(each));
        left.delete(address);
      }
    };
    take(this.#inTable('debug', left), plainSymbol);
    take(this.#inTable('symtab', left), plainSymbol);
    // How far a dynamic symbol without a size reaches depends on symbols that only the other table has.
    const dynamic = this.#inTable('dynsym', left);
    const sized = new Map([...dynamic].filter(([, { symbol }]) => symbol.sizeBytes > 0));
    const versioned = (each: TableFunction): FunctionSymbol => this.#versioned(each);
    take(sized, versioned);
    take(this.#inTable('mini', left), plainSymbol);
    take(new Map([...dynamic].filter(([address]) => left.has(address))), versioned);
    return found;
  }

  #versioned(found: TableFunction): FunctionSymbol {
    const symbol = plainSymbol(found);
    return { ...symbol, name: symbol.name + (this.#versions?.suffixOf(found.index) ?? '') };
  }

  #findStub(address: number): FunctionSymbol | undefined {
    this.#linkage ??= new ProcedureLinkage(this.#elf, (resolver) => {
      const found = this.#findInTables(new Set([resolver])).get(resolver);
      return found?.name.replace(/@.*$/u, '');
    });
    return this.#linkage.find(address);
  }

  #inTable(name: TableName, addresses: ReadonlySet<number>): ReadonlyMap<number, TableFunction> {
    if (addresses.size === 0) return NOTHING;
    const found = this.#attempt(() => {
      const isKnown = this.#tables.has(name);
      const known = this.#tables.get(name);
      // One that cannot be read is not tried again.
      this.#tables.set(name, undefined);
      const table = isKnown ? known : this.#open(name);
      const functions = table?.find(addresses);
      this.#tables.set(name, table);
      return functions;
    });
    return found ?? NOTHING;
  }

  #open(name: TableName): FunctionTable | undefined {
    switch (name) {
      case 'debug':
        return tableOf(this.#debugElf, 'symtab');
      case 'symtab':
        return tableOf(this.#elf, 'symtab');
      case 'dynsym':
        this.#versions = this.#attempt(() => readSymbolVersions(this.#elf));
        return tableOf(this.#elf, 'dynsym', (index) => isCurrent(this.#versions?.suffixOf(index) ?? ''));
      case 'mini':
        return tableOf(readMiniDebugInfo(this.#elf), 'symtab');
    }
  }

  #attempt<T>(read: () => T | undefined): T | undefined {
    try {
      return read();
    } catch (error) {
      if (!(error instanceof MalformedInputError)) throw error;
      if (this.#problems.length < MAX_PROBLEMS) this.#problems.push(error);
      return undefined;
    }
  }
}

/** More of one file than this say nothing new. */
const MAX_PROBLEMS = 16;

const NOTHING: ReadonlyMap<number, TableFunction> = new Map();

type TableName = 'debug' | 'symtab' | 'dynsym' | 'mini';

function tableOf(
  elf: ElfFile | undefined,
  name: 'symtab' | 'dynsym',
  isPreferred?: (index: number) => boolean,
): FunctionTable | undefined {
  const table = elf?.symbolTable(name);
  return elf && table && new FunctionTable(elf, table, isPreferred);
}

/** A name that programs are linked to today goes before those of older versions, and before one that is glibc's own. */
function isCurrent(suffix: string): boolean {
  return suffix.startsWith('@@') && suffix !== '@@GLIBC_PRIVATE';
}

function plainSymbol({ symbol, sizeBytes }: TableFunction): FunctionSymbol {
  return { name: symbol.name, start: symbol.value, sizeBytes };
}
