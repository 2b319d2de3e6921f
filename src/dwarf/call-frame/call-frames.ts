import { MalformedInputError } from '../../base/errors.ts';
import { FrameEntries, type FrameEntry } from './entries.ts';
import { EntryIndex } from './entry-index.ts';
import { rowOf } from './frame-program.ts';
import type { FrameSection } from './frame-section.ts';
import type { CallFrameRow } from './row.ts';
import { SearchTable, type SearchTableSection } from './search-table.ts';

/** A section of call frame information and, of `.eh_frame`, the table that leads into it. */
export interface SearchableSection {
  readonly section: FrameSection;
  readonly table: SearchTableSection | undefined;
}

/** Finds the sections of one file. */
export type FindSections = () => Iterable<SearchableSection>;

/** Rows of the places that a stack goes through: a few hundred in most programs. */
const MAX_CACHED_ROWS = 4096;

/**
 * How to unwind from each place of one file. Nothing is read before a row is asked for; then what leads to that row,
 * or a whole section once where no table leads there.
 */
export class CallFrames {
  readonly #sources: readonly FindSections[];
  readonly #rows = new Map<number, CallFrameRow | undefined>();
  readonly #searches: SectionSearch[] = [];
  /** Why some of the sections cannot be searched. */
  #openError: MalformedInputError | undefined;
  #isOpen = false;

  /** @param sources one per file, to search in this order; each is asked once */
  constructor(sources: readonly FindSections[]) {
    this.#sources = sources;
  }

  /**
   * Finds the row for an address of the file's own; `undefined` when no section covers it. To unwind from a return
   * address one asks for the byte before it: the call may be the last instruction of its function.
   * @throws {MalformedInputError} when the sections that should have it make no sense
   */
  rowAt(address: number): CallFrameRow | undefined {
    const known = this.#rows.get(address);
    if (known !== undefined || this.#rows.has(address)) return known;
    const row = this.#findRow(address);
    if (this.#rows.size >= MAX_CACHED_ROWS) this.#rows.clear();
    this.#rows.set(address, row);
    return row;
  }

  #findRow(address: number): CallFrameRow | undefined {
    this.#open();
    let firstError = this.#openError;
    for (const search of this.#searches) {
      try {
        const row = search.findRow(address);
        if (row !== undefined) return row;
      } catch (error) {
        if (!(error instanceof MalformedInputError)) throw error;
        firstError ??= error;
      }
    }
    if (firstError !== undefined) throw firstError;
    return undefined;
  }

  #open(): void {
    if (this.#isOpen) return;
    this.#isOpen = true;
    for (const findSections of this.#sources) {
      try {
        for (const section of findSections()) this.#searches.push(new SectionSearch(section));
      } catch (error) {
        if (!(error instanceof MalformedInputError)) throw error;
        this.#openError ??= error;
      }
    }
  }
}

/** One section, through its table as long as that makes sense, else through an index of our own. */
class SectionSearch {
  readonly #section: FrameSection;
  readonly #entries: FrameEntries;
  #table: SearchTable | SearchTableSection | undefined;
  #index: EntryIndex | undefined;

  constructor({ section, table }: SearchableSection) {
    this.#section = section;
    this.#entries = new FrameEntries(section);
    this.#table = table;
  }

  findRow(address: number): CallFrameRow | undefined {
    const entry = this.#findEntry(address);
    return entry === undefined ? undefined : rowOf(entry, address, this.#section);
  }

  #findEntry(address: number): FrameEntry | undefined {
    const table = this.#searchTable();
    if (table === undefined) return this.#findInIndex(address);
    try {
      const found = table.findFrameEntry(address);
      if (found === undefined) return undefined;
      const entry = this.#entries.frameEntryAt(found - this.#section.address);
      return address < entry.end && address >= entry.start ? entry : undefined;
    } catch (error) {
      if (!(error instanceof MalformedInputError)) throw error;
      const entry = this.#findInIndex(address);
      if (entry === undefined) throw error;
      return entry;
    }
  }

  #findInIndex(address: number): FrameEntry | undefined {
    this.#index ??= new EntryIndex(this.#entries);
    const offset = this.#index.findOffset(address);
    return offset === undefined ? undefined : this.#entries.frameEntryAt(offset);
  }

  #searchTable(): SearchTable | undefined {
    if (this.#table === undefined || this.#table instanceof SearchTable) return this.#table;
    const section = this.#table;
    this.#table = undefined;
    try {
      const table = new SearchTable(section);
      // A table of nothing leads nowhere, and one of another section elsewhere.
      if (table.count > 0 && table.frameAddress === this.#section.address) this.#table = table;
    } catch (error) {
      if (!(error instanceof MalformedInputError)) throw error;
    }
    return this.#table;
  }
}
