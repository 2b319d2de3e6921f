import { addressOf, indexedAddress, isAddressForm } from './attribute-values.ts';
import { AT, FORM } from './dwarf-constants.ts';
import { SectionCursor } from './section-cursor.ts';
import type { Unit } from './unit.ts';

/** Where the code of an entry lies, as its attributes say it; form 0 for an attribute that it does not have. */
export interface CodeAttributes {
  readonly lowForm: number;
  readonly low: number;
  readonly highForm: number;
  readonly high: number;
  readonly rangesForm: number;
  readonly ranges: number;
}

/** Takes a range from `start` up to `end`; `true` ends the walk. */
export type RangeVisitor = (start: number, end: number) => boolean;

/** What entries of `.debug_rnglists` say, `DW_RLE_*`. */
const RLE = {
  endOfList: 0,
  baseAddressx: 1,
  startxEndx: 2,
  startxLength: 3,
  offsetPair: 4,
  baseAddress: 5,
  startEnd: 6,
  startLength: 7,
} as const;

/** What a range costs of the budget: about what it takes in an index. */
const RANGE_BYTES = 64;

/** Shows every range of an entry to a visitor; tells whether the visitor ended it. */
export function visitRanges(unit: Unit, code: CodeAttributes, visit: RangeVisitor): boolean {
  if (code.rangesForm !== 0) return visitList(unit, code, visit);
  const low = code.lowForm === 0 ? undefined : addressOf(unit, code.lowForm, code.low);
  if (low === undefined || code.highForm === 0) return false;
  // From DWARF 4 on a high_pc that is no address is the size.
  const high = isAddressForm(code.highForm) ? addressOf(unit, code.highForm, code.high) : low + code.high;
  return high !== undefined && visit(low, high);
}

/** What the attributes of a root entry say of the code of its unit. */
export function rootCode(unit: Unit): CodeAttributes {
  const low = unit.rootValue(AT.lowPc);
  const high = unit.rootValue(AT.highPc);
  const ranges = unit.rootValue(AT.ranges);
  return {
    lowForm: low?.form ?? 0,
    low: low?.value ?? 0,
    highForm: high?.form ?? 0,
    high: high?.value ?? 0,
    rangesForm: ranges?.form ?? 0,
    ranges: ranges?.value ?? 0,
  };
}

function visitList(unit: Unit, code: CodeAttributes, visit: RangeVisitor): boolean {
  const { skeleton } = unit;
  const { budget } = unit.file;
  const isNew = unit.header.version >= 5;
  const section = isNew ? unit.file.section('rnglists') : skeleton.file.section('ranges');
  if (section === undefined) return false;
  const walk = {
    base: baseAddress(unit),
    visit,
    spend: (at: number) => budget.spend(RANGE_BYTES, section, at),
  };
  if (isNew) return visitRnglist(unit, code, walk);
  // Lists of a split unit lie in the program, at offsets from a base that its skeleton has.
  const start = unit.origin === undefined ? 0 : (skeleton.rootValue(AT.gnuRangesBase)?.value ?? 0);
  return visitPairs(new SectionCursor(section, start + code.ranges), skeleton.header.addressBytes, walk);
}

/** What offsets in lists are counted from, unless the list says otherwise. */
function baseAddress(unit: Unit): number {
  const low = unit.skeleton.rootValue(AT.lowPc);
  return low === undefined ? 0 : (addressOf(unit.skeleton, low.form, low.value) ?? 0);
}

interface ListWalk {
  readonly base: number;
  readonly visit: RangeVisitor;
  /** Takes an entry at an offset of the section off the budget. */
  readonly spend: (offset: number) => void;
}

/** A list of DWARF 2 to 4: pairs of offsets up to 0 0; a pair whose first is all ones sets the base. */
function visitPairs(cursor: SectionCursor, addressBytes: 4 | 8, walk: ListWalk): boolean {
  let { base } = walk;
  const allOnes = addressBytes === 4 ? 2 ** 32 - 1 : 2 ** 64;
  for (;;) {
    walk.spend(cursor.offset);
    const start = cursor.unsigned(addressBytes);
    const end = cursor.unsigned(addressBytes);
    if (start === 0 && end === 0) return false;
    if (start === allOnes) base = end;
    else if (walk.visit(base + start, base + end)) return true;
  }
}

function visitRnglist(unit: Unit, code: CodeAttributes, walk: ListWalk): boolean {
  const section = unit.file.section('rnglists');
  if (section === undefined) return false;
  const offset = code.rangesForm === FORM.rnglistx ? listOffset(unit, code.ranges) : code.ranges;
  return offset !== undefined && visitEntries(unit, new SectionCursor(section, offset), walk);
}

/** The offset of a list by its number in the table of the unit. */
function listOffset(unit: Unit, index: number): number | undefined {
  const section = unit.file.section('rnglists');
  if (section === undefined) return undefined;
  const { offsetBytes } = unit.header;
  // Behind the header of the table (DWARF 5, section 7.28): of a split unit there is no other word about the base.
  const tableAt = (unit.origin?.contribution.rnglists ?? 0) + (offsetBytes === 4 ? 12 : 20);
  const base = unit.rootValue(AT.rnglistsBase)?.value ?? tableAt;
  return base + new SectionCursor(section, base + index * offsetBytes).unsigned(offsetBytes);
}

/** A list of DWARF 5. */
function visitEntries(unit: Unit, cursor: SectionCursor, walk: ListWalk): boolean {
  let base: number | undefined = walk.base;
  for (;;) {
    walk.spend(cursor.offset);
    const kind = cursor.u8();
    if (kind === RLE.endOfList) return false;
    if (kind === RLE.baseAddressx) base = indexedAddress(unit, cursor.uleb128());
    else if (kind === RLE.baseAddress) base = cursor.unsigned(unit.header.addressBytes);
    else {
      const { start, end } = readEntryRange(unit, cursor, { kind, base });
      if (start !== undefined && end !== undefined && walk.visit(start, end)) return true;
    }
  }
}

interface EntryRange {
  readonly start: number | undefined;
  readonly end: number | undefined;
}

/** Reads what follows the kind of an entry that is a range; what is not known of it lies in a table that is missing. */
function readEntryRange(
  unit: Unit,
  cursor: SectionCursor,
  { kind, base }: { readonly kind: number; readonly base: number | undefined },
): EntryRange {
  const indexed = (): number | undefined => indexedAddress(unit, cursor.uleb128());
  const plain = (): number => cursor.unsigned(unit.header.addressBytes);
  switch (kind) {
    case RLE.startxEndx:
      return { start: indexed(), end: indexed() };
    case RLE.startEnd:
      return { start: plain(), end: plain() };
    case RLE.startxLength:
      return withLength(indexed(), cursor.uleb128());
    case RLE.startLength:
      return withLength(plain(), cursor.uleb128());
    case RLE.offsetPair:
      return { start: plus(base, cursor.uleb128()), end: plus(base, cursor.uleb128()) };
    default:
      throw cursor.fail(`range list entry ${kind} is unknown`);
  }
}

function withLength(start: number | undefined, length: number): EntryRange {
  return { start, end: plus(start, length) };
}

function plus(base: number | undefined, offset: number): number | undefined {
  return base === undefined ? undefined : base + offset;
}
