import { lastAtOrBefore } from '../base/sorted-search.ts';
import type { ElfFile } from '../elf/elf-file.ts';
import type { ElfSymbol } from '../elf/elf-symbol.ts';
import type { SymbolTable } from '../elf/symbol-table.ts';
import { orderOfAddresses } from './address-order.ts';
import { CodeRanges } from './code-ranges.ts';
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
 * The functions of one symbol table by address: 20 bytes for each place that has one. Of the names of one place the
 * best is kept, by its index in the table; the names themselves are read when they are asked for.
 */
export class FunctionTable {
  readonly #table: SymbolTable;
  /** In ascending order, each once. */
  readonly #starts: Float64Array;
  readonly #sizes: Uint32Array;
  readonly #indexes: Uint32Array;
  /** For each function the position, plus 1, of the nearest earlier one that ends behind its start; 0 for none. */
  readonly #enclosing: Uint32Array;

  /**
   * @param elf the file of the table, whose headers tell what is code
   * @param isPreferred tells of an entry whether it goes before others of the same kind at its place
   */
  constructor(elf: ElfFile, table: SymbolTable, isPreferred: (index: number) => boolean = () => false) {
    const ranges = new CodeRanges(elf);
    const columns = new SymbolColumns(table.readBytes());
    const { starts, indexes } = bestOfEachPlace(columns, ranges, isPreferred);
    this.#table = table;
    this.#starts = starts;
    this.#indexes = indexes;
    this.#sizes = new Uint32Array(starts.length);
    this.#enclosing = new Uint32Array(starts.length);
    for (let at = 0; at < starts.length; at += 1) {
      this.#sizes[at] = Math.min(columns.sizeOf(indexes[at] ?? 0), MAX_SIZE_BYTES);
    }
    this.#nest(ranges);
  }

  /** How many places have a function. */
  get count(): number {
    return this.#starts.length;
  }

  /** Finds the innermost function that covers an address of the file's own. */
  find(address: number): TableFunction | undefined {
    let position = lastAtOrBefore(this.#starts, address);
    while (position >= 0) {
      if (address < this.#endOf(position)) return this.#functionAt(position);
      position = (this.#enclosing[position] ?? 0) - 1;
    }
    return undefined;
  }

  #functionAt(position: number): TableFunction | undefined {
    const index = this.#indexes[position] ?? 0;
    const symbol = this.#table.entryAt(index);
    return symbol && { symbol, index, sizeBytes: this.#sizes[position] ?? 0 };
  }

  #endOf(position: number): number {
    return (this.#starts[position] ?? 0) + (this.#sizes[position] ?? 0);
  }

  /**
   * Finds out what lies in what, and how far those without a size reach. One inside of another function is a label
   * of that: its size stays 0, and it covers nothing.
   */
  #nest(ranges: CodeRanges): void {
    const open: number[] = [];
    for (let position = 0; position < this.#starts.length; position += 1) {
      const start = this.#starts[position] ?? 0;
      while (open.length > 0 && this.#endOf(open.at(-1) ?? 0) <= start) open.pop();
      const outer = open.at(-1);
      this.#enclosing[position] = outer === undefined ? 0 : outer + 1;
      if (this.#sizes[position] === 0 && outer === undefined) {
        const next = this.#starts[position + 1] ?? Number.POSITIVE_INFINITY;
        const end = Math.min(next, ranges.endAt(start) ?? start);
        this.#sizes[position] = Math.min(end - start, MAX_SIZE_BYTES);
      }
      open.push(position);
    }
  }
}

const MAX_SIZE_BYTES = 2 ** 32 - 1;

interface Places {
  readonly starts: Float64Array;
  readonly indexes: Uint32Array;
}

/** The addresses that have functions, and for each the best entry of the table. */
function bestOfEachPlace(
  columns: SymbolColumns,
  ranges: CodeRanges,
  isPreferred: (index: number) => boolean,
): Places {
  const functions = columns.functions(ranges);
  const { addresses } = functions;
  const starts = new Float64Array(addresses.length);
  const indexes = new Uint32Array(addresses.length);
  let count = 0;
  const order = orderOfAddresses(addresses);
  // Plain loops: with iterators this takes five times as long, and a node binary has 80,000 functions.
  for (let position = 0; position < order.length; position += 1) {
    const at = order[position] ?? 0;
    const index = functions.indexes[at] ?? 0;
    const address = addresses[at] ?? 0;
    if (count > 0 && starts[count - 1] === address) {
      if (columns.compare(index, indexes[count - 1] ?? 0, isPreferred) > 0) indexes[count - 1] = index;
      continue;
    }
    starts[count] = address;
    indexes[count] = index;
    count += 1;
  }
  return { starts: starts.slice(0, count), indexes: indexes.slice(0, count) };
}
