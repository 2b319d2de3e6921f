import { AbbreviationTable, TABLE_BYTES } from './abbreviation.ts';
import type { BoundedCache, Slot } from './bounded-cache.ts';
import type { DebugSections } from './debug-sections.ts';
import type { UnitEncoding } from './form.ts';
import { PagedSection } from './paged-section.ts';
import { Unit } from './unit.ts';
import { readUnitHeader, type UnitHeader, unitHeaders } from './unit-header.ts';
import type { WorkBudget } from './work-budget.ts';

/** The sections that we read, without `.debug_` in front and `.dwo` behind. */
export type SectionKind =
  | 'abbrev'
  | 'addr'
  | 'aranges'
  | 'cu_index'
  | 'info'
  | 'line'
  | 'line_str'
  | 'ranges'
  | 'rnglists'
  | 'str'
  | 'str_offsets';

/** What a unit takes with its root entry, about; what is large of it is counted by itself. */
const UNIT_BYTES = 4000;

/** What a file shares with others, and what it is to them. */
export interface DebugFileOptions {
  readonly cache: BoundedCache;
  readonly budget: WorkBudget;
  /** The sections are named `.debug_info.dwo` and so on. */
  readonly isSplit: boolean;
  /** Finds the file that `.gnu_debugaltlink` or `.debug_sup` names, when it is needed first. */
  readonly findAlternate: () => DebugFile | undefined;
}

/** One file of debugging information: its sections by pages, its units by offset. */
export class DebugFile {
  readonly cache: BoundedCache;
  readonly budget: WorkBudget;
  readonly #sections: DebugSections;
  readonly #options: DebugFileOptions;
  readonly #paged = new Map<SectionKind, PagedSection | undefined>();
  readonly #units = new Map<number, Slot<Unit>>();
  readonly #abbreviations = new Map<string, Slot<AbbreviationTable>>();
  readonly #unitStarts: Slot<Float64Array>;
  #alternate: DebugFile | 'none' | undefined;

  constructor(sections: DebugSections, options: DebugFileOptions) {
    this.cache = options.cache;
    this.budget = options.budget;
    this.#sections = sections;
    this.#options = options;
    this.#unitStarts = this.cache.slot(
      (): Float64Array => Float64Array.from([...this.headers()].map(({ offset }) => offset)),
      (starts) => starts.byteLength,
    );
  }

  /** The file into which `dwz` moved what several files share. */
  get alternate(): DebugFile | undefined {
    this.#alternate ??= this.#options.findAlternate() ?? 'none';
    return this.#alternate === 'none' ? undefined : this.#alternate;
  }

  section(kind: SectionKind): PagedSection | undefined {
    if (!this.#paged.has(kind)) {
      const isShared = kind === 'cu_index' || !this.#options.isSplit;
      const section = this.#sections.section(isShared ? `.debug_${kind}` : `.debug_${kind}.dwo`);
      this.#paged.set(kind, section === undefined ? undefined : new PagedSection(section, this.cache));
    }
    return this.#paged.get(kind);
  }

  /** Reads the headers of all units, one after the other. */
  *headers(): Generator<UnitHeader> {
    const info = this.section('info');
    if (info !== undefined) yield* unitHeaders(info);
  }

  /** The unit whose header lies at an offset of `.debug_info`; `undefined` for one that we cannot read. */
  unitAt(offset: number): Unit | undefined {
    const kept = this.#units.get(offset);
    if (kept !== undefined) return kept.get();
    const info = this.section('info');
    if (info === undefined) return undefined;
    const header = readUnitHeader(info, offset);
    if (header.kind === 'unknown') return undefined;
    const slot = this.cache.slot(
      () => new Unit(this, header),
      () => UNIT_BYTES,
      () => this.#units.delete(offset),
    );
    this.#units.set(offset, slot);
    return slot.get();
  }

  /** The unit that an entry lies in, by offset of the entry in `.debug_info`. */
  unitAround(offset: number): Unit | undefined {
    const starts = this.#unitStarts.get();
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    const start = starts[low - 1];
    const unit = start === undefined ? undefined : this.unitAt(start);
    return unit !== undefined && offset < unit.header.end ? unit : undefined;
  }

  /**
   * The table of abbreviations at an offset of `.debug_abbrev`.
   * @param isKept whether it will be asked for again
   */
  abbreviations(offset: number, encoding: UnitEncoding, isKept: boolean): AbbreviationTable | undefined {
    const section = this.section('abbrev');
    if (section === undefined) return undefined;
    const { version, offsetBytes, addressBytes } = encoding;
    const key = `${offset} ${version} ${offsetBytes} ${addressBytes}`;
    let slot = this.#abbreviations.get(key);
    if (slot === undefined) {
      const { budget } = this;
      const make = (): AbbreviationTable => new AbbreviationTable({ section, offset, budget }, encoding);
      if (!isKept) return make();
      slot = this.cache.slot(
        make,
        () => TABLE_BYTES,
        () => this.#abbreviations.delete(key),
      );
      this.#abbreviations.set(key, slot);
    }
    return slot.get();
  }
}
