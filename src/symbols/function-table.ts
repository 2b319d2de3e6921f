import type { ElfFile } from '../elf/elf-file.ts';
import type { ElfSymbol } from '../elf/elf-symbol.ts';
import type { SymbolTable } from '../elf/symbol-table.ts';
import { CodeRanges } from './code-ranges.ts';
import { FunctionSearch } from './function-search.ts';
import { SymbolColumns } from './symbol-columns.ts';

/** A function of a symbol table. */
export interface TableFunction {
  readonly symbol: ElfSymbol;
  /** Which entry of its table it is. */
  readonly index: number;
  /** `symbol.sizeBytes`, or what lies before the next symbol where the table does not say, as for assembler. */
  readonly sizeBytes: number;
}

/**
 * The functions of one symbol table. A search looks once through all entries, for all addresses together, and reads the
 * names of what it finds: that costs less than an index, which has to be made before the first answer.
 */
export class FunctionTable {
  readonly #elf: ElfFile;
  readonly #table: SymbolTable;
  readonly #isPreferred: (index: number) => boolean;

  /**
   * @param elf the file of the table, whose headers tell what is code
   * @param isPreferred tells of an entry whether it goes before others of the same kind at its place
   */
  constructor(elf: ElfFile, table: SymbolTable, isPreferred: (index: number) => boolean = () => false) {
    this.#elf = elf;
    this.#table = table;
    this.#isPreferred = isPreferred;
  }

  /**
   * Finds for each of some addresses of the file's own the innermost function that covers it.
   * @throws {MalformedInputError} when the table cannot be read
   */
  find(addresses: Iterable<number>): ReadonlyMap<number, TableFunction> {
    const ranges = new CodeRanges(this.#elf);
    const columns = new SymbolColumns(this.#table.readBytes());
    const search = new FunctionSearch(addresses, { columns, ranges, isPreferred: this.#isPreferred });
    const found = new Map<number, TableFunction>();
    for (const { address, index, sizeBytes } of search.run()) {
      const symbol = this.#table.entryAt(index);
      if (symbol !== undefined) found.set(address, { symbol, index, sizeBytes });
    }
    return found;
  }
}
