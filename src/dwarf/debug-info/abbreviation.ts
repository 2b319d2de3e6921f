import { AT, FORM, TAG } from './dwarf-constants.ts';
import { fixedSizeOf, type UnitEncoding } from './form.ts';
import type { PagedSection } from './paged-section.ts';
import { SectionCursor } from './section-cursor.ts';
import type { WorkBudget } from './work-budget.ts';

/** An attribute that every entry with an abbreviation has. */
export interface AbbreviatedAttribute {
  readonly name: number;
  readonly form: number;
  /** The value of `DW_FORM_implicit_const`, else 0. */
  readonly implicitConst: number;
}

/** A step through the attributes of an entry: bytes of no interest, then an attribute, the last step without one. */
export interface WalkStep {
  readonly skipBytes: number;
  readonly attribute: AbbreviatedAttribute | undefined;
  /** `false` for an attribute that is only in the way, since its size is not fixed. */
  readonly isWanted: boolean;
}

/** What entries of one shape have in common. */
export interface Abbreviation {
  readonly tag: number;
  readonly hasChildren: boolean;
  /** Empty in a table for tags that no code has; see {@link readAbbreviations}. */
  readonly attributes: readonly AbbreviatedAttribute[];
  /** The shortest way over an entry for those who look for places in the code. */
  readonly walk: readonly WalkStep[];
}

/** The abbreviations of a unit by their code. */
export type AbbreviationTable = ReadonlyMap<number, Abbreviation>;

/** More are refused: compilers use some 20, and every entry of the shape costs all of them. */
const MAX_ATTRIBUTES = 512;

const NONE: readonly AbbreviatedAttribute[] = [];

/** Bytes that a table takes in memory, about. */
export function tableBytes(table: AbbreviationTable): number {
  let sizeBytes = 0;
  for (const { attributes, walk } of table.values())
    sizeBytes += 160 + 56 * attributes.length + 88 * walk.length;
  return sizeBytes;
}

/** Tags of entries that may cover code of a function. */
const CODE_TAGS: ReadonlySet<number> = new Set<number>([
  TAG.subprogram,
  TAG.inlinedSubroutine,
  TAG.lexicalBlock,
  TAG.tryBlock,
  TAG.catchBlock,
]);

const CODE_ATTRIBUTES: ReadonlySet<number> = new Set<number>([AT.lowPc, AT.highPc, AT.ranges]);

/** Tells whether entries of that tag may cover code of a function. */
export function mayCoverCode(tag: number): boolean {
  return CODE_TAGS.has(tag);
}

/** Where a table of abbreviations is, and what reading it costs. */
export interface AbbreviationPlace {
  readonly section: PagedSection;
  readonly offset: number;
  readonly budget: WorkBudget;
}

/** Reads the table at an offset of `.debug_abbrev`; each shape is `code tag has-children (name form)* 0 0`. */
export function readAbbreviations(place: AbbreviationPlace, encoding: UnitEncoding): AbbreviationTable {
  const table = new Map<number, Abbreviation>();
  for (const [code, abbreviation] of abbreviationsFrom(place, encoding)) {
    if (table.has(code)) continue;
    // Of other entries than functions and calls nobody asks for more than how long they are.
    table.set(code, mayCoverCode(abbreviation.tag) ? abbreviation : { ...abbreviation, attributes: NONE });
  }
  return table;
}

/** Finds one abbreviation of the table at an offset of `.debug_abbrev`, and reads no further. */
export function findAbbreviation(
  place: AbbreviationPlace,
  encoding: UnitEncoding,
  wantedCode: number,
): Abbreviation | undefined {
  for (const [code, abbreviation] of abbreviationsFrom(place, encoding)) {
    if (code === wantedCode) return abbreviation;
  }
  return undefined;
}

function* abbreviationsFrom(
  { section, offset, budget }: AbbreviationPlace,
  encoding: UnitEncoding,
): Generator<readonly [code: number, abbreviation: Abbreviation]> {
  const cursor = new SectionCursor(section, offset);
  for (;;) {
    // Some writers leave out the end of the last table.
    const code = cursor.atEnd ? 0 : cursor.uleb128();
    if (code === 0) return;
    const tag = cursor.uleb128();
    const hasChildren = cursor.u8() !== 0;
    const attributes = readAttributes(cursor);
    const walk = walkOver({ tag, hasChildren, attributes }, encoding);
    budget.spend(4 + 4 * attributes.length, section, cursor.offset);
    yield [code, { tag, hasChildren, attributes, walk }];
  }
}

function readAttributes(cursor: SectionCursor): readonly AbbreviatedAttribute[] {
  const attributes: AbbreviatedAttribute[] = [];
  for (;;) {
    const name = cursor.uleb128();
    const form = cursor.uleb128();
    if (name === 0 && form === 0) return attributes;
    if (attributes.length === MAX_ATTRIBUTES)
      throw cursor.fail(`an abbreviation has more than ${MAX_ATTRIBUTES} attributes`);
    attributes.push({ name, form, implicitConst: form === FORM.implicitConst ? cursor.sleb128() : 0 });
  }
}

function walkOver(
  { tag, hasChildren, attributes }: Omit<Abbreviation, 'walk'>,
  encoding: UnitEncoding,
): readonly WalkStep[] {
  const coversCode = mayCoverCode(tag);
  const steps: WalkStep[] = [];
  let skipBytes = 0;
  for (const attribute of attributes) {
    const { name, form } = attribute;
    const isWanted = (hasChildren && name === AT.sibling) || (coversCode && CODE_ATTRIBUTES.has(name));
    const fixed = fixedSizeOf(form, encoding);
    if (!isWanted && fixed !== undefined) skipBytes += fixed;
    else {
      steps.push({ skipBytes, attribute, isWanted });
      skipBytes = 0;
    }
  }
  steps.push({ skipBytes, attribute: undefined, isWanted: false });
  return steps;
}
