import { type SymbolTableBytes, WORDS_PER_SYMBOL, wordsOf } from '../elf/symbol-table.ts';
import type { CodeRanges } from './code-ranges.ts';

// st_info and st_shndx values, System V ABI chapter 4; STT_GNU_IFUNC is glibc's elf/elf.h.
const STT_NOTYPE = 0;
const STT_FUNC = 2;
const STT_GNU_IFUNC = 10;
/** A bit for each type that may stand for code. */
const CODE_TYPES = (1 << STT_NOTYPE) | (1 << STT_FUNC) | (1 << STT_GNU_IFUNC);
const STB_LOCAL = 0;
const STB_WEAK = 2;
const SHN_UNDEF = 0;
const SHN_ABS = 0xfff1;

/** Values from it on, in the high word, lie above 2^53. */
const MAX_HIGH_WORD = 2 ** 21;

const DOLLAR = 0x24;
const PERIOD = 0x2e;
const UNDERSCORE = 0x5f;

/** `__GI_`: the name that glibc calls a function of its own by, without the two underscores. */
const GLIBC_INTERNAL = [0x47, 0x49, UNDERSCORE] as const;

/** The most of a name that is looked at to choose between two. */
const MAX_UNDERSCORES = 8;

/** The entries of a symbol table, looked at without making an object of each: tables have up to a million. */
export class SymbolColumns {
  readonly #words: Uint32Array;
  readonly #strings: Uint8Array;

  constructor({ symbols, strings }: SymbolTableBytes) {
    this.#words = wordsOf(symbols);
    this.#strings = strings;
  }

  /**
   * Shows the entries that a call stack may name, in the order of the table. One loop with hardly a call in it: most
   * tables are looked through once, before anything of it would be compiled.
   */
  visitFunctions(ranges: CodeRanges, visit: (index: number, address: number) => void): void {
    const words = this.#words;
    const strings = this.#strings;
    const count = Math.floor(words.length / WORDS_PER_SYMBOL);
    for (let index = 1; index < count; index += 1) {
      const at = index * WORDS_PER_SYMBOL;
      const info = words[at + 1] ?? 0;
      const type = info & 0xf;
      if (((CODE_TYPES >>> type) & 1) === 0) continue;
      const section = info >>> 16;
      const high = words[at + 3] ?? 0;
      const first = strings[words[at] ?? 0] ?? 0;
      if (section === SHN_UNDEF || high >= MAX_HIGH_WORD || first === 0) continue;
      const address = (words[at + 2] ?? 0) + 2 ** 32 * high;
      if (type === STT_NOTYPE && !isLabel({ section, first, address }, ranges)) continue;
      visit(index, address);
    }
  }

  sizeOf(index: number): number {
    return this.#word(index, 4) + 2 ** 32 * this.#word(index, 5);
  }

  /**
   * Tells which of two names of one place to show: positive for the first. One with a size goes before one without,
   * a function before a label, global before weak before local; then what the caller prefers, then the name with
   * fewer underscores before it, glibc's `__GI_` last, then the one that the linker put first.
   */
  compare(one: number, other: number, isPreferred: (index: number) => boolean): number {
    return (
      this.#rankOf(one) - this.#rankOf(other) ||
      Number(isPreferred(one)) - Number(isPreferred(other)) ||
      this.#underscoresOf(other) - this.#underscoresOf(one) ||
      other - one
    );
  }

  #rankOf(index: number): number {
    const binding = (this.#word(index, 1) & 0xff) >> 4;
    return (
      (this.sizeOf(index) > 0 ? 8 : 0) +
      (this.#typeOf(index) === STT_NOTYPE ? 0 : 4) +
      (binding === STB_LOCAL ? 0 : binding === STB_WEAK ? 1 : 2)
    );
  }

  #underscoresOf(index: number): number {
    const start = this.#word(index, 0);
    let count = 0;
    while (count < MAX_UNDERSCORES && this.#strings[start + count] === UNDERSCORE) count += 1;
    const isInternal =
      count === 2 && GLIBC_INTERNAL.every((byte, at) => this.#strings[start + 2 + at] === byte);
    return isInternal ? MAX_UNDERSCORES : count;
  }

  #typeOf(index: number): number {
    return this.#word(index, 1) & 0xf;
  }

  #word(index: number, word: number): number {
    return this.#words[index * WORDS_PER_SYMBOL + word] ?? 0;
  }
}

interface LabelFacts {
  readonly section: number;
  /** The first byte of its name. */
  readonly first: number;
  readonly address: number;
}

/**
 * Tells a label of code from other symbols without a type: `$x` and `$d` mark code and data on ARM, and a period begins
 * what compilers, linkers and annobin mark for themselves.
 */
function isLabel({ section, first, address }: LabelFacts, ranges: CodeRanges): boolean {
  if (section === SHN_ABS || first === DOLLAR || first === PERIOD) return false;
  return ranges.endAt(address) !== undefined;
}
