import type { AbbreviationTable } from './abbreviation.ts';
import { stringOf } from './attribute-values.ts';
import type { Slot } from './bounded-cache.ts';
import type { DebugFile } from './debug-file.ts';
import { AT } from './dwarf-constants.ts';
import { type Entry, readEntry } from './entry.ts';
import type { FormValue } from './form.ts';
import { type FunctionDepth, indexFunctions } from './function-index.ts';
import { type LineTable, readLineTable } from './line-table.ts';
import type { PagedSection } from './paged-section.ts';
import type { RangeIndex } from './range-index.ts';
import { SectionCursor } from './section-cursor.ts';
import type { UnitHeader } from './unit-header.ts';

/** Where in the sections of a `.dwp` the part of one unit begins; all 0 in other files. */
export interface Contribution {
  readonly abbrev: number;
  readonly strOffsets: number;
  readonly rnglists: number;
}

/** What makes a unit one of a split file. */
export interface SplitOrigin {
  /** The unit in the program, which knows addresses and lines. */
  readonly skeleton: Unit;
  readonly contribution: Contribution;
}

/** One unit: mostly what the compiler made of one source file. What is large of it lies in the cache of its file. */
export class Unit {
  readonly file: DebugFile;
  readonly header: UnitHeader;
  readonly origin: SplitOrigin | undefined;
  readonly #isKept: boolean;
  #root: Entry | undefined;
  readonly #functions = new Map<FunctionDepth, Slot<RangeIndex>>();
  #lines: Slot<{ readonly table: LineTable | undefined }> | undefined;

  /** @param isKept `false` for one of which only the root entry is looked at, as a search through all units does */
  constructor(file: DebugFile, header: UnitHeader, origin?: SplitOrigin, isKept = true) {
    this.#isKept = isKept;
    this.file = file;
    this.header = header;
    this.origin = origin;
  }

  /** The unit in the program itself: the skeleton of a split unit, else this one. */
  get skeleton(): Unit {
    return this.origin?.skeleton ?? this;
  }

  /** The shapes of its entries; `undefined` where the file has none. */
  get abbreviations(): AbbreviationTable | undefined {
    return this.file.abbreviations(this.#abbrevOffset, this.header, this.#isKept);
  }

  /** The entry that says what holds for the whole unit. */
  get root(): Entry {
    this.#root ??= readEntry(this, this.header.rootOffset);
    return this.#root;
  }

  /** An attribute of the root entry; the first one of these names that it has. */
  rootValue(...names: readonly number[]): FormValue | undefined {
    for (const name of names) {
      const value = this.root.attributes.get(name);
      if (value !== undefined) return value;
    }
    return undefined;
  }

  /** The directory that the compiler ran in. */
  get compilationDirectory(): string | undefined {
    const { skeleton } = this;
    return stringOf(skeleton, skeleton.rootValue(AT.compDir)) ?? stringOf(this, this.rootValue(AT.compDir));
  }

  /** Where the functions of this unit are; see {@link indexFunctions}. */
  functions(depth: FunctionDepth): RangeIndex {
    let slot = this.#functions.get(depth);
    if (slot === undefined) {
      slot = this.file.cache.slot(
        () => indexFunctions(this, depth),
        (index) => index.sizeBytes,
      );
      this.#functions.set(depth, slot);
    }
    return slot.get();
  }

  /** Which lines the code of this unit came from; that of a split unit lies in the program. */
  get lines(): LineTable | undefined {
    if (this.origin !== undefined) return this.skeleton.lines;
    this.#lines ??= this.file.cache.slot(
      () => ({ table: this.#readLines() }),
      ({ table }) => table?.sizeBytes ?? 0,
    );
    return this.#lines.get().table;
  }

  /** Reads entries of this unit, from an offset of `.debug_info` on. */
  cursor(offset: number): SectionCursor {
    return new SectionCursor(this.#info, offset, this.header.end);
  }

  /** Bytes of `.debug_info` from an offset on, which must lie in this unit; maybe more than are wanted. */
  bytesFrom(offset: number, sizeBytes: number): Uint8Array {
    return this.#info.bytesFrom(offset, sizeBytes);
  }

  get #info(): PagedSection {
    const info = this.file.section('info');
    if (info === undefined) throw new RangeError('Cannot read a unit: its file has no .debug_info');
    return info;
  }

  get #abbrevOffset(): number {
    return this.header.abbrevOffset + (this.origin?.contribution.abbrev ?? 0);
  }

  #readLines(): LineTable | undefined {
    const offset = this.rootValue(AT.stmtList)?.value;
    return offset === undefined ? undefined : readLineTable(this.file, offset);
  }
}
