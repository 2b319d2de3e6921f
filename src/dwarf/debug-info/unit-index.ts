import { MalformedInputError } from '../../base/errors.ts';
import { parseIfSound } from '../../base/read-if-sound.ts';
import { readAddressTable } from './address-table.ts';
import type { DebugFile } from './debug-file.ts';
import { visitFunctions } from './function-index.ts';
import { RangeIndex, RangeList } from './range-index.ts';
import { rootCode, visitRanges } from './range-list.ts';
import { Unit } from './unit.ts';
import type { UnitHeader } from './unit-header.ts';

/** Ranges beyond this number are left out; the largest programs have some hundred thousand. */
const MAX_RANGES = 1 << 21;

/** Units that do not say where their code is are searched for functions up to this size together: about half a second. */
const MAX_SEARCHED_BYTES = 16 << 20;

/** Finds the units of a file that may hold an address, and reads no more for it than it must. */
export class UnitIndex {
  readonly #file: DebugFile;
  #table: RangeIndex | undefined;
  #scan: Scan | undefined;
  #searched: RangeIndex | undefined;

  constructor(file: DebugFile) {
    this.#file = file;
  }

  /** Units that may hold an address, the likeliest first, each once. */
  *unitsAt(address: number): Generator<Unit> {
    this.#table ??= indexTable(this.#file);
    const seen = new Set<number>();
    yield* this.#units(this.#table.find(address), seen);
    // Compilers leave units out of the table, and some do not write one.
    this.#scan ??= scanUnits(this.#file);
    yield* this.#units(this.#scan.ranges.find(address), seen);
    this.#searched ??= searchUnits(this.#file, this.#scan.withoutRanges);
    yield* this.#units(this.#searched.find(address), seen);
  }

  *#units(offsets: readonly number[], seen: Set<number>): Generator<Unit> {
    for (const offset of offsets) {
      if (seen.has(offset)) continue;
      seen.add(offset);
      const unit = this.#file.unitAt(offset);
      if (unit !== undefined) yield unit;
    }
  }
}

function indexTable(file: DebugFile): RangeIndex {
  const found = new RangeList();
  const section = file.section('aranges');
  if (section !== undefined) readAddressTable(section, found);
  return new RangeIndex(found);
}

interface Scan {
  /** Offsets of units by address. */
  readonly ranges: RangeIndex;
  /** Offsets of the units that do not say where their code is: mostly they have none. */
  readonly withoutRanges: readonly number[];
}

function scanUnits(file: DebugFile): Scan {
  const found = new RangeList();
  const withoutRanges: number[] = [];
  let searchedBytes = 0;
  for (const header of readableHeaders(file)) {
    if (header.kind === 'type' || header.kind === 'unknown') continue;
    if (addRanges(new Unit(file, header, undefined, false), found)) continue;
    searchedBytes += header.end - header.offset;
    if (searchedBytes <= MAX_SEARCHED_BYTES) withoutRanges.push(header.offset);
  }
  return { ranges: new RangeIndex(found), withoutRanges };
}

/** The headers up to the first damaged one, behind which nobody knows where the next begins. */
function* readableHeaders(file: DebugFile): Generator<UnitHeader> {
  try {
    yield* file.headers();
  } catch (error) {
    if (!(error instanceof MalformedInputError)) throw error;
  }
}

/** Adds the ranges of a unit; `false` when it does not say any. A damaged unit costs only itself. */
function addRanges(unit: Unit, found: RangeList): boolean {
  const code = parseIfSound(() => {
    const root = rootCode(unit);
    visitRanges(unit, root, (start, end) => {
      found.add(start, end, unit.header.offset);
      return found.starts.length >= MAX_RANGES;
    });
    return root;
  });
  return code === undefined || code.rangesForm !== 0 || code.highForm !== 0;
}

/** Finds where the code of units is by their functions; of a damaged one, as far as it is sound. */
function searchUnits(file: DebugFile, offsets: readonly number[]): RangeIndex {
  const found = new RangeList();
  for (const offset of offsets) {
    parseIfSound(() => {
      const unit = file.unitAt(offset);
      if (unit !== undefined) visitFunctions(unit, 'scopes', (start, end) => found.add(start, end, offset));
    });
  }
  return new RangeIndex(found);
}
