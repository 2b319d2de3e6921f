import type { DebugFile, SectionKind } from './debug-file.ts';
import { AT, FORM } from './dwarf-constants.ts';
import type { FormValue } from './form.ts';
import { SectionCursor } from './section-cursor.ts';
import type { Unit } from './unit.ts';

/** An entry and the unit that it lies in, which may be one of another file. */
export interface EntryPlace {
  readonly unit: Unit;
  readonly offset: number;
}

const STRING_INDEX_FORMS: ReadonlySet<number> = new Set<number>([
  FORM.strx,
  FORM.strx1,
  FORM.strx2,
  FORM.strx3,
  FORM.strx4,
  FORM.gnuStrIndex,
]);

const ADDRESS_INDEX_FORMS: ReadonlySet<number> = new Set<number>([
  FORM.addrx,
  FORM.addrx1,
  FORM.addrx2,
  FORM.addrx3,
  FORM.addrx4,
  FORM.gnuAddrIndex,
]);

/** The text that an attribute means; `undefined` for none, and where the file with it is missing. */
export function stringOf(unit: Unit, value: FormValue | undefined): string | undefined {
  if (value === undefined) return undefined;
  const { form } = value;
  if (STRING_INDEX_FORMS.has(form)) return indexedString(unit, value.value);
  switch (form) {
    case FORM.string:
      return stringAt(unit.file, 'info', value.value);
    case FORM.strp:
      return stringAt(unit.file, 'str', value.value);
    case FORM.lineStrp:
      return stringAt(unit.skeleton.file, 'line_str', value.value);
    case FORM.strpSup:
    case FORM.gnuStrpAlt:
      return unit.file.alternate === undefined
        ? undefined
        : stringAt(unit.file.alternate, 'str', value.value);
    default:
      return undefined;
  }
}

/** Reads a text at an offset of a section. */
export function stringAt(file: DebugFile, kind: SectionKind, offset: number): string | undefined {
  const section = file.section(kind);
  return section === undefined ? undefined : new SectionCursor(section, offset).cString();
}

function indexedString(unit: Unit, index: number): string | undefined {
  const section = unit.file.section('str_offsets');
  if (section === undefined) return undefined;
  const { offsetBytes, version } = unit.header;
  // A split unit has no base of its own: its part begins with a header, which GNU's of DWARF 4 did not have.
  const headerBytes = version < 5 ? 0 : offsetBytes === 4 ? 8 : 16;
  const base =
    unit.rootValue(AT.strOffsetsBase)?.value ?? (unit.origin?.contribution.strOffsets ?? 0) + headerBytes;
  const offset = new SectionCursor(section, base + index * offsetBytes).unsigned(offsetBytes);
  return stringAt(unit.file, 'str', offset);
}

/** Tells whether an attribute means an address, rather than a number that is added to one. */
export function isAddressForm(form: number): boolean {
  return form === FORM.addr || ADDRESS_INDEX_FORMS.has(form);
}

/** The address that an attribute means; `undefined` for none. */
export function addressOf(unit: Unit, form: number, value: number): number | undefined {
  if (form === FORM.addr) return value;
  return ADDRESS_INDEX_FORMS.has(form) ? indexedAddress(unit, value) : undefined;
}

/** The address with that number in the table of the unit in `.debug_addr`. */
export function indexedAddress(unit: Unit, index: number): number | undefined {
  const { skeleton } = unit;
  const section = skeleton.file.section('addr');
  if (section === undefined) return undefined;
  const { addressBytes, offsetBytes, version } = skeleton.header;
  const base =
    skeleton.rootValue(AT.addrBase, AT.gnuAddrBase)?.value ?? (version < 5 ? 0 : offsetBytes === 4 ? 8 : 16);
  return new SectionCursor(section, base + index * addressBytes).unsigned(addressBytes);
}

/** The entry that an attribute refers to; `undefined` for no reference, and where its file or unit is missing. */
export function referenceOf(unit: Unit, value: FormValue | undefined): EntryPlace | undefined {
  if (value === undefined) return undefined;
  switch (value.form) {
    case FORM.ref1:
    case FORM.ref2:
    case FORM.ref4:
    case FORM.ref8:
    case FORM.refUdata:
      return placeIn(unit, unit.header.offset + value.value);
    case FORM.refAddr:
      return placeAround(unit.file, value.value, unit);
    case FORM.refSup4:
    case FORM.refSup8:
    case FORM.gnuRefAlt:
      return unit.file.alternate === undefined ? undefined : placeAround(unit.file.alternate, value.value);
    default:
      return undefined;
  }
}

function placeIn(unit: Unit, offset: number): EntryPlace | undefined {
  const { rootOffset, end } = unit.header;
  return offset >= rootOffset && offset < end ? { unit, offset } : undefined;
}

function placeAround(file: DebugFile, offset: number, likely?: Unit): EntryPlace | undefined {
  const near = likely === undefined ? undefined : placeIn(likely, offset);
  if (near !== undefined) return near;
  const unit = file.unitAround(offset);
  return unit === undefined ? undefined : placeIn(unit, offset);
}
