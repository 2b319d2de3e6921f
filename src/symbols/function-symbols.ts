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

  /** Finds the function that covers an address of the file's own. */
  find(address: number): FunctionSymbol | undefined {
    return this.#findInTables(address) ?? this.#attempt(() => this.#findStub(address));
  }

  #findInTables(address: number): FunctionSymbol | undefined {
    const own = this.#inTable('debug', address) ?? this.#inTable('symtab', address);
    if (own !== undefined) return symbolOf(own);
    const dynamic = this.#inTable('dynsym', address);
    // How far a dynamic symbol without a size reaches depends on symbols that only the other table has.
    if (dynamic !== undefined && dynamic.symbol.sizeBytes > 0) return this.#versioned(dynamic);
    const mini = this.#inTable('mini', address);
    if (mini !== undefined) return symbolOf(mini);
    return dynamic === undefined ? undefined : this.#versioned(dynamic);
  }

  #versioned(found: TableFunction): FunctionSymbol {
    const symbol = symbolOf(found);
    return { ...symbol, name: symbol.name + (this.#versions?.suffixOf(found.index) ?? '') };
  }

  #findStub(address: number): FunctionSymbol | undefined {
    this.#linkage ??= new ProcedureLinkage(this.#elf, (resolver) => {
      const found = this.#findInTables(resolver);
      return found?.name.replace(/@.*$/u, '');
    });
    return this.#linkage.find(address);
  }

  #inTable(name: TableName, address: number): TableFunction | undefined {
    return this.#attempt(() => {
      if (!this.#tables.has(name)) {
        // One that cannot be opened is not tried again.
        this.#tables.set(name, undefined);
        this.#tables.set(name, this.#open(name));
      }
      return this.#tables.get(name)?.find(address);
    });
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

function symbolOf({ symbol, sizeBytes }: TableFunction): FunctionSymbol {
  return { name: symbol.name, start: symbol.value, sizeBytes };
}
