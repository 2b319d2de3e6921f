import { MalformedInputError } from '../base/errors.ts';
import type { ByteSource } from '../base/ports.ts';
import { StructView } from '../base/struct-view.ts';
import { decodeSymbol, type ElfSymbol, isDefinition, type RawSymbol, SYMBOL_BYTES } from './elf-symbol.ts';
import { type FileRange, partOf, readRange } from './file-range.ts';

/** Longer names are refused; those of C++ templates stay below it. */
const MAX_NAME_BYTES = 2 ** 16;

/** What a name is given at first when one alone is read. */
const FIRST_NAME_BYTES = 256;

/** Words of {@link wordsOf} that an entry takes. */
export const WORDS_PER_SYMBOL = SYMBOL_BYTES / Uint32Array.BYTES_PER_ELEMENT;

/** Where a symbol table and the text of its names lie. */
export interface SymbolTablePlace {
  /** What to call it in a message: `.dynsym`, `.symtab`. */
  readonly name: string;
  readonly symbols: FileRange;
  readonly strings: FileRange;
}

/** A symbol table and its names, as they are in the file. */
export interface SymbolTableBytes {
  /** An `Elf64_Sym` after the other. */
  readonly symbols: Uint8Array;
  readonly strings: Uint8Array;
}

/** A symbol table that is read entry by entry until somebody needs the whole. */
export class SymbolTable {
  readonly count: number;
  readonly #source: ByteSource;
  readonly #place: SymbolTablePlace;
  #whole: SymbolTableBytes | undefined;

  constructor(source: ByteSource, place: SymbolTablePlace) {
    this.#source = source;
    this.#place = place;
    this.count = Math.floor(place.symbols.sizeBytes / SYMBOL_BYTES);
  }

  /** Reads the first of the given entries that defines the name, and no more than that. */
  findAmong(indexes: Iterable<number>, name: string): ElfSymbol | undefined {
    const nameBytes = Buffer.from(`${name}\0`);
    for (const index of indexes) {
      const symbol = this.#readEntry(index);
      if (symbol !== undefined && isDefinition(symbol) && this.#isNamed(symbol, nameBytes)) {
        return named(symbol, name);
      }
    }
    return undefined;
  }

  /**
   * Scans the whole table for the definition of a name; one that other files see goes before a local one.
   * No object is made for an entry of another name: tables have up to a million entries.
   */
  scanFor(name: string): ElfSymbol | undefined {
    const { symbols, strings } = this.#readWhole();
    const view = new StructView(symbols, this.#messageName);
    const nameBytes = Buffer.from(name);
    let local: ElfSymbol | undefined;
    for (const index of entriesNamed(wordsOf(symbols), strings, nameBytes)) {
      const symbol = decodeSymbol(view, index * SYMBOL_BYTES);
      if (symbol === undefined || !isDefinition(symbol)) continue;
      if (symbol.binding !== 'local') return named(symbol, name);
      local ??= named(symbol, name);
    }
    return local;
  }

  /** Every entry, in the table's order, except values above 2^53. */
  *[Symbol.iterator](): Generator<ElfSymbol> {
    const { symbols, strings } = this.#readWhole();
    const view = new StructView(symbols, this.#messageName);
    for (let index = 0; index < this.count; index += 1) {
      const symbol = decodeSymbol(view, index * SYMBOL_BYTES);
      if (symbol !== undefined) yield named(symbol, this.#nameAt(strings, symbol.nameOffset));
    }
  }

  /** Reads one entry with its name, and no more than that; `undefined` where {@link decodeSymbol} gives none. */
  entryAt(index: number): ElfSymbol | undefined {
    const symbol = this.#readEntry(index);
    return symbol === undefined ? undefined : named(symbol, this.#readName(symbol.nameOffset));
  }

  /** Reads the table and its names whole, for a caller who makes an index of its own; nothing of it is kept. */
  readBytes(): SymbolTableBytes {
    const { symbols, strings, name } = this.#place;
    return (
      this.#whole ?? {
        symbols: readRange(this.#source, { ...symbols, sizeBytes: this.count * SYMBOL_BYTES }, name),
        strings: readRange(this.#source, strings, `${name} names`),
      }
    );
  }

  get #messageName(): string {
    return `${this.#place.name} of ${this.#source.name}`;
  }

  #readEntry(index: number): RawSymbol | undefined {
    const { symbols, name } = this.#place;
    const place = { fileOffset: index * SYMBOL_BYTES, sizeBytes: SYMBOL_BYTES };
    const what = `${name} entry ${index}`;
    const bytes = readRange(this.#source, partOf(this.#source, symbols, place, what), what);
    return decodeSymbol(new StructView(bytes, `${what} of ${this.#source.name}`), 0);
  }

  #isNamed({ nameOffset }: RawSymbol, nameBytes: Buffer): boolean {
    const { strings, name } = this.#place;
    if (nameOffset + nameBytes.length > strings.sizeBytes) return false;
    const range = { fileOffset: strings.fileOffset + nameOffset, sizeBytes: nameBytes.length };
    return nameBytes.equals(readRange(this.#source, range, `${name} name`));
  }

  #readName(offset: number): string {
    const left = this.#place.strings.sizeBytes - offset;
    // Nearly every name lies within the first read; those of C++ templates need a second one.
    for (const sizeBytes of [FIRST_NAME_BYTES, MAX_NAME_BYTES + 1]) {
      const part = { fileOffset: offset, sizeBytes: Math.max(0, Math.min(left, sizeBytes)) };
      const what = `${this.#place.name} name`;
      const bytes = readRange(this.#source, partOf(this.#source, this.#place.strings, part, what), what);
      if (bytes.includes(0) || sizeBytes >= left) return this.#nameAt(bytes, 0);
    }
    const state = `name at ${offset} has more than ${MAX_NAME_BYTES} bytes`;
    throw new MalformedInputError(this.#messageName, offset, state);
  }

  #readWhole(): SymbolTableBytes {
    this.#whole ??= this.readBytes();
    return this.#whole;
  }

  #nameAt(strings: Uint8Array, offset: number): string {
    const end = strings.indexOf(0, offset);
    if (offset >= strings.length || end === -1) {
      const state = `name at ${offset} does not end within the ${strings.length} bytes of names`;
      throw new MalformedInputError(this.#messageName, offset, state);
    }
    if (end - offset > MAX_NAME_BYTES) {
      const state = `name at ${offset} has ${end - offset} bytes, above ${MAX_NAME_BYTES}`;
      throw new MalformedInputError(this.#messageName, offset, state);
    }
    return Buffer.from(strings.buffer, strings.byteOffset + offset, end - offset).toString('utf8');
  }
}

function named({ nameOffset: _, ...symbol }: RawSymbol, name: string): ElfSymbol {
  return { name, ...symbol };
}

/** The table as 32-bit words, of which each entry's first is the offset of its name. Our hosts are little-endian. */
export function wordsOf(symbols: Uint8Array): Uint32Array {
  const aligned =
    symbols.byteOffset % Uint32Array.BYTES_PER_ELEMENT === 0 ? symbols : Uint8Array.from(symbols);
  return new Uint32Array(aligned.buffer, aligned.byteOffset, Math.floor(aligned.length / 4));
}

/** The terminating NUL is looked at first: it rules out nearly every other name at once. */
function* entriesNamed(words: Uint32Array, strings: Uint8Array, name: Uint8Array): Generator<number> {
  const { length } = name;
  for (let word = 0; word < words.length; word += WORDS_PER_SYMBOL) {
    const start = words[word] ?? 0;
    if (strings[start + length] === 0 && startsWith(strings, start, name)) yield word / WORDS_PER_SYMBOL;
  }
}

function startsWith(strings: Uint8Array, start: number, name: Uint8Array): boolean {
  for (let index = 0; index < name.length; index += 1) {
    if (strings[start + index] !== name[index]) return false;
  }
  return true;
}
