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

/** What a walk does at an entry: pass over it and all below, go into it, or show it. */
export const ACTION = { skip: 0, enter: 1, show: 2 } as const;
/** One of {@link ACTION}. */
export type Action = (typeof ACTION)[keyof typeof ACTION];

/**
 * Which entries a walk shows. `scopes`: functions with code of the unit and its namespaces. `all`: also those in other
 * functions and in types, where GNU C's nested functions and Rust's methods are. `calls`: calls that were inlined into a
 * function, and blocks.
 */
export const WALK = { scopes: 0, all: 1, calls: 2 } as const;
/** One of {@link WALK}. */
export type WalkKind = (typeof WALK)[keyof typeof WALK];

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
  /** Bytes of all attributes together; -1 where that differs from entry to entry. */
  readonly sizeBytes: number;
  /** Where among these the next entry beside it is named, as an offset in the unit of 4 bytes; -1 when it is not so. */
  readonly siblingAt: number;
  /** By kind of walk. */
  readonly actions: readonly [scopes: Action, all: Action, calls: Action];
  /** Where its attributes are in `.debug_abbrev`. */
  readonly attributesAt: number;
}

/** More are refused: compilers use some 20, and every entry of the shape costs all of them. */
const MAX_ATTRIBUTES = 512;

/** What a table takes in memory, about: a compiler writes some 100 abbreviations. */
export const TABLE_BYTES = 16_000;

/** What functions lie in that can be found without looking into other functions and into types. */
const SCOPES: ReadonlySet<number> = new Set<number>([
  TAG.compileUnit,
  TAG.partialUnit,
  TAG.skeletonUnit,
  TAG.namespace,
  TAG.module,
]);

/** Tags of entries that divide the code of a function. */
const CALL_TAGS: ReadonlySet<number> = new Set<number>([
  TAG.inlinedSubroutine,
  TAG.lexicalBlock,
  TAG.tryBlock,
  TAG.catchBlock,
]);

/** The attributes that a walk reads. */
const WANTED: ReadonlySet<number> = new Set<number>([AT.sibling, AT.lowPc, AT.highPc, AT.ranges]);

/** Where a table of abbreviations is, and what reading it costs. */
export interface AbbreviationPlace {
  readonly section: PagedSection;
  readonly offset: number;
  readonly budget: WorkBudget;
}

/**
 * The table at an offset of `.debug_abbrev`; each shape is `code tag has-children (name form)* 0 0`. It is read as far
 * as it is asked for, and of a shape only what a walk over its entries needs.
 */
export class AbbreviationTable {
  readonly #place: AbbreviationPlace;
  readonly #encoding: UnitEncoding;
  readonly #cursor: SectionCursor;
  #isWhole = false;
  /** By code: most are small and without gaps. */
  readonly #known: (Abbreviation | undefined)[] = [];
  readonly #steps = new Map<Abbreviation, readonly WalkStep[]>();

  constructor(place: AbbreviationPlace, encoding: UnitEncoding) {
    this.#place = place;
    this.#encoding = encoding;
    this.#cursor = new SectionCursor(place.section, place.offset);
  }

  /** The shape with that code, the first one where several have it; `undefined` for none. */
  get(code: number): Abbreviation | undefined {
    return this.#known[code] ?? this.#readTo(code);
  }

  /** All attributes of the entries of a shape. */
  attributesOf({ attributesAt }: Abbreviation): readonly AbbreviatedAttribute[] {
    const cursor = new SectionCursor(this.#place.section, attributesAt);
    const attributes: AbbreviatedAttribute[] = [];
    for (;;) {
      const name = cursor.uleb128();
      const form = cursor.uleb128();
      if (name === 0 && form === 0) return attributes;
      attributes.push({ name, form, implicitConst: form === FORM.implicitConst ? cursor.sleb128() : 0 });
    }
  }

  /** The shortest way over an entry of a shape for those who look for places in the code. */
  stepsOver(abbreviation: Abbreviation): readonly WalkStep[] {
    let steps = this.#steps.get(abbreviation);
    if (steps === undefined) {
      steps = stepsOver(this.attributesOf(abbreviation), this.#encoding);
      this.#steps.set(abbreviation, steps);
    }
    return steps;
  }

  #readTo(wanted: number): Abbreviation | undefined {
    const { section, budget } = this.#place;
    const cursor = this.#cursor;
    while (!this.#isWhole) {
      // Some writers leave out the end of the last table.
      const code = cursor.atEnd ? 0 : cursor.uleb128();
      this.#isWhole = code === 0;
      if (this.#isWhole) break;
      const { offset } = cursor;
      const read = readAbbreviation(cursor, this.#encoding);
      budget.spend(4 + 2 * (cursor.offset - offset), section, offset);
      this.#known[code] ??= read;
      if (code === wanted) return read;
    }
    return undefined;
  }
}

/** Reads a shape from its tag on, without an object for each attribute: a table has some thousand of them. */
// biome-ignore lint/complexity/noExcessiveCognitiveComplexity: one loop, since it runs before V8 has compiled it
function readAbbreviation(cursor: SectionCursor, encoding: UnitEncoding): Abbreviation {
  const tag = cursor.uleb128();
  const hasChildren = cursor.u8() !== 0;
  const attributesAt = cursor.offset;
  let sizeBytes = 0;
  let siblingAt = -1;
  let hasLow = false;
  let hasHigh = false;
  let hasRanges = false;
  for (let count = 0; ; count += 1) {
    const name = cursor.uleb128();
    const form = cursor.uleb128();
    if (name === 0 && form === 0) break;
    if (count === MAX_ATTRIBUTES)
      throw cursor.fail(`an abbreviation has more than ${MAX_ATTRIBUTES} attributes`);
    if (form === FORM.implicitConst) cursor.skipLeb128();
    if (name === AT.lowPc) hasLow = true;
    else if (name === AT.highPc) hasHigh = true;
    else if (name === AT.ranges) hasRanges = true;
    else if (name === AT.sibling && sizeBytes >= 0) siblingAt = sizeBytes;
    const isOdd = name === AT.sibling && form !== FORM.ref4;
    const fixed = sizeBytes < 0 || isOdd ? undefined : fixedSizeOf(form, encoding);
    sizeBytes = fixed === undefined ? -1 : sizeBytes + fixed;
  }
  const actions = actionsAt(tag, hasRanges || (hasLow && hasHigh));
  return { tag, hasChildren, sizeBytes, siblingAt, actions, attributesAt };
}

function actionsAt(tag: number, hasCode: boolean): Abbreviation['actions'] {
  const isFunction = tag === TAG.subprogram && hasCode;
  // A block without code of its own may still have calls with code below it.
  const callOrBlock = hasCode ? ACTION.show : tag === TAG.inlinedSubroutine ? ACTION.skip : ACTION.enter;
  return [
    isFunction ? ACTION.show : SCOPES.has(tag) ? ACTION.enter : ACTION.skip,
    isFunction ? ACTION.show : ACTION.enter,
    CALL_TAGS.has(tag) ? callOrBlock : ACTION.skip,
  ];
}

function stepsOver(attributes: readonly AbbreviatedAttribute[], encoding: UnitEncoding): readonly WalkStep[] {
  const steps: WalkStep[] = [];
  let skipBytes = 0;
  for (const attribute of attributes) {
    const { name, form } = attribute;
    const isWanted = WANTED.has(name);
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
