import { FORM } from './dwarf-constants.ts';
import type { SectionCursor } from './section-cursor.ts';

/** What the size of values in a unit depends on. */
export interface UnitEncoding {
  readonly version: number;
  /** Of an offset into a section: 4 in 32-bit DWARF, 8 in 64-bit DWARF. */
  readonly offsetBytes: 4 | 8;
  readonly addressBytes: 4 | 8;
}

/** How many bytes the values of a form have, or how that is told. */
type FormSize =
  | number
  | 'address'
  | 'offset'
  | 'unit-reference'
  | 'uleb'
  | 'sleb'
  | 'string'
  | 'block'
  | 'block1'
  | 'block2'
  | 'block4'
  | 'indirect';

const FORM_SIZES: ReadonlyMap<number, FormSize> = new Map<number, FormSize>([
  [FORM.addr, 'address'],
  [FORM.block2, 'block2'],
  [FORM.block4, 'block4'],
  [FORM.data2, 2],
  [FORM.data4, 4],
  [FORM.data8, 8],
  [FORM.string, 'string'],
  [FORM.block, 'block'],
  [FORM.block1, 'block1'],
  [FORM.data1, 1],
  [FORM.flag, 1],
  [FORM.sdata, 'sleb'],
  [FORM.strp, 'offset'],
  [FORM.udata, 'uleb'],
  [FORM.refAddr, 'unit-reference'],
  [FORM.ref1, 1],
  [FORM.ref2, 2],
  [FORM.ref4, 4],
  [FORM.ref8, 8],
  [FORM.refUdata, 'uleb'],
  [FORM.indirect, 'indirect'],
  [FORM.secOffset, 'offset'],
  [FORM.exprloc, 'block'],
  [FORM.flagPresent, 0],
  [FORM.strx, 'uleb'],
  [FORM.addrx, 'uleb'],
  [FORM.refSup4, 4],
  [FORM.strpSup, 'offset'],
  [FORM.data16, 16],
  [FORM.lineStrp, 'offset'],
  [FORM.refSig8, 8],
  [FORM.implicitConst, 0],
  [FORM.loclistx, 'uleb'],
  [FORM.rnglistx, 'uleb'],
  [FORM.refSup8, 8],
  [FORM.strx1, 1],
  [FORM.strx2, 2],
  [FORM.strx3, 3],
  [FORM.strx4, 4],
  [FORM.addrx1, 1],
  [FORM.addrx2, 2],
  [FORM.addrx3, 3],
  [FORM.addrx4, 4],
  [FORM.gnuAddrIndex, 'uleb'],
  [FORM.gnuStrIndex, 'uleb'],
  [FORM.gnuRefAlt, 'offset'],
  [FORM.gnuStrpAlt, 'offset'],
]);

/** Bytes of every value of a form in a unit, where they are all the same. */
export function fixedSizeOf(form: number, encoding: UnitEncoding): number | undefined {
  const size = FORM_SIZES.get(form);
  if (typeof size === 'number') return size;
  if (size === 'address') return encoding.addressBytes;
  if (size === 'offset') return encoding.offsetBytes;
  // DWARF 2 wrote references out of the unit with the size of an address.
  if (size === 'unit-reference') return encoding.version <= 2 ? encoding.addressBytes : encoding.offsetBytes;
  return undefined;
}

/** The value of an attribute as it is written. */
export interface FormValue {
  readonly form: number;
  /** A number or offset; where the bytes of a string or block begin in the section for those. */
  readonly value: number;
  /** Where the value is written, by offset in the section. */
  readonly writtenAt: number;
}

/**
 * Reads a value and moves behind it.
 * @param implicitConst the value in the abbreviation, for `DW_FORM_implicit_const`
 */
export function readForm(
  cursor: SectionCursor,
  form: number,
  encoding: UnitEncoding,
  implicitConst: number,
): FormValue {
  const writtenAt = cursor.offset;
  if (form === FORM.indirect) return readForm(cursor, directForm(cursor), encoding, 0);
  return { form, value: readNumber(cursor, form, encoding, implicitConst), writtenAt };
}

/** Moves behind a value. */
export function skipForm(cursor: SectionCursor, form: number, encoding: UnitEncoding): void {
  const size = FORM_SIZES.get(form);
  switch (size) {
    case 'uleb':
    case 'sleb':
      cursor.skipLeb128();
      return;
    case 'string':
      cursor.skipCString();
      return;
    case 'indirect':
      skipForm(cursor, directForm(cursor), encoding);
      return;
    case 'block':
    case 'block1':
    case 'block2':
    case 'block4':
      skipBlock(cursor, size);
      return;
    default:
      cursor.skip(knownSize(cursor, form, encoding));
  }
}

/** Reads which form an indirect value has; it may not be another indirect one, nor have its value elsewhere. */
function directForm(cursor: SectionCursor): number {
  const form = cursor.uleb128();
  if (form === FORM.indirect || form === FORM.implicitConst)
    throw cursor.fail(`indirect form ${form} has no value`);
  return form;
}

function readNumber(
  cursor: SectionCursor,
  form: number,
  encoding: UnitEncoding,
  implicitConst: number,
): number {
  if (form === FORM.implicitConst) return implicitConst;
  if (form === FORM.flagPresent) return 1;
  const size = FORM_SIZES.get(form);
  if (size === 'uleb') return cursor.uleb128();
  if (size === 'sleb') return cursor.sleb128();
  const fixed = fixedSizeOf(form, encoding);
  if (fixed === 3) return cursor.u24();
  if (fixed !== undefined && fixed <= 8) return cursor.unsigned(fixed);
  const at = cursor.offset;
  skipForm(cursor, form, encoding);
  return at;
}

function skipBlock(cursor: SectionCursor, size: 'block' | 'block1' | 'block2' | 'block4'): void {
  switch (size) {
    case 'block':
      cursor.skip(cursor.uleb128());
      return;
    case 'block1':
      cursor.skip(cursor.u8());
      return;
    case 'block2':
      cursor.skip(cursor.u16());
      return;
    case 'block4':
      cursor.skip(cursor.u32());
      return;
  }
}

function knownSize(cursor: SectionCursor, form: number, encoding: UnitEncoding): number {
  const size = fixedSizeOf(form, encoding);
  if (size === undefined) throw cursor.fail(`form ${form} is unknown`);
  return size;
}
