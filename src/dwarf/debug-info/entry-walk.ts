import { type Abbreviation, type AbbreviationTable, ACTION, type WalkKind } from './abbreviation.ts';
import { AT, FORM, TAG } from './dwarf-constants.ts';
import { readForm, skipForm } from './form.ts';
import type { CodeAttributes } from './range-list.ts';
import type { SectionCursor } from './section-cursor.ts';
import type { Unit } from './unit.ts';

/** What is read of a unit at first, then twice as much each time: a function mostly lies within the first part. */
const FIRST_PART_BYTES = 64 << 10;
const MAX_PART_BYTES = 4 << 20;

/** More than an entry has whose attributes have fixed sizes: there are 512 of 16 bytes at most. */
const MAX_FIXED_BYTES = 16 << 10;

/** No entry lies so deep. V8 keeps larger numbers, and fields that had one, outside of the object: a new one for each use. */
const NOWHERE = 2 ** 30;

/**
 * Walks the entries below one of a unit, forward, and shows those that its kind is about: of each where its code lies.
 * A unit has some ten thousand others, over which it steps in one loop that hardly calls anything: a first answer is
 * over before V8 has compiled it for speed.
 */
export class EntryWalk implements CodeAttributes {
  readonly #unit: Unit;
  readonly #kind: WalkKind;
  readonly #cursor: SectionCursor;
  readonly #table: AbbreviationTable | undefined;
  /** The shapes that were met so far, by their codes. */
  readonly #shapes: (Abbreviation | undefined)[] = [];
  /** A part of the unit, and where it begins in `.debug_info`. */
  #bytes: Uint8Array = new Uint8Array();
  #start = 0;
  /** From here on another part is needed. */
  #partLimit = -1;
  #partBytes = FIRST_PART_BYTES;
  /** Where the next entry is, and how deep. */
  #next: number;
  #nextDepth = 1;
  /** What is not deeper ends the walk. */
  #floor = 0;
  /** What is deeper is passed over, until the walk is back at it. */
  #skipDepth = NOWHERE;
  /** Where the next entry beside the one that was read last is, or 0 where that is not said. */
  #sibling = 0;
  /** Where the current entry is in `.debug_info`. */
  offset = 0;
  /** How deep the current entry is below the one that the walk began at, which has 0. */
  depth = 0;
  /** Whether the current entry is a call that was inlined. */
  isCall = false;
  lowForm = 0;
  low = 0;
  highForm = 0;
  high = 0;
  rangesForm = 0;
  ranges = 0;

  /** @param offset where the entry is in `.debug_info` below which the walk looks */
  constructor(unit: Unit, offset: number, kind: WalkKind) {
    this.#unit = unit;
    this.#kind = kind;
    this.#table = unit.abbreviations;
    this.#cursor = unit.cursor(offset);
    const top = this.#shapeOf(this.#cursor.uleb128(), offset);
    this.#next = this.#readAttributes(top, this.#cursor.offset);
    if (!top.hasChildren) this.#nextDepth = 0;
  }

  /** Moves to the next entry of its kind, first those below the current one; `false` at the end. */
  // biome-ignore lint/complexity/noExcessiveCognitiveComplexity: one loop that hardly calls anything, see above
  next(): boolean {
    const { end } = this.#unit.header;
    const kind = this.#kind;
    const shapes = this.#shapes;
    let bytes = this.#bytes;
    let depth = this.#nextDepth;
    let offset = this.#next;
    // Compilers leave out the last marks for "no more siblings".
    while (depth > this.#floor && offset < end) {
      if (offset > this.#partLimit) bytes = this.#readPart(offset);
      let code = bytes[offset - this.#start] ?? 0;
      let behind = offset + 1;
      if (code >= 0x80) {
        code = this.#longCode(offset);
        behind = this.#cursor.offset;
      }
      if (code === 0) {
        depth -= 1;
        if (depth <= this.#skipDepth) this.#skipDepth = NOWHERE;
        offset = behind;
        continue;
      }
      const shape = shapes[code] ?? this.#shapeOf(code, offset);
      const isSkipped = depth > this.#skipDepth;
      const action = isSkipped ? ACTION.skip : shape.actions[kind];
      if (action === ACTION.show) {
        this.offset = offset;
        this.depth = depth;
        this.isCall = shape.tag === TAG.inlinedSubroutine;
        this.#next = this.#readAttributes(shape, behind);
        this.#nextDepth = shape.hasChildren ? depth + 1 : depth;
        return true;
      }
      if (shape.sizeBytes < 0) behind = this.#readAttributes(shape, behind);
      else if (shape.hasChildren) this.#sibling = this.#siblingIn(shape, behind);
      if (shape.sizeBytes >= 0) behind += shape.sizeBytes;
      if (!shape.hasChildren) offset = behind;
      else if (action === ACTION.skip && this.#leadsForward(offset, behind, isSkipped))
        offset = this.#sibling;
      else {
        offset = behind;
        if (action === ACTION.skip && !isSkipped) this.#skipDepth = depth;
        depth += 1;
      }
    }
    if (offset > end) throw this.#cursor.fail(`the last entry of the unit reaches ${offset}, behind its end`);
    this.#nextDepth = this.#floor;
    return false;
  }

  /** Passes over everything below the current entry, so that `next()` goes beside or above it. */
  skipChildren(): void {
    if (this.#nextDepth === this.depth) return;
    if (!this.#leadsForward(this.offset, this.#next, false)) this.#skipDepth = this.depth;
    else {
      this.#next = this.#sibling;
      this.#nextDepth = this.depth;
    }
  }

  /** Ends the walk where everything below the current entry ends. */
  stayBelow(): void {
    this.#floor = this.depth;
  }

  /** Whether the sibling saves steps; below an entry that is skipped a wrong one does not matter. */
  #leadsForward(offset: number, behind: number, isSkipped: boolean): boolean {
    const sibling = this.#sibling;
    if (sibling === 0) return false;
    if (sibling >= behind && sibling <= this.#unit.header.end) return true;
    if (isSkipped) return false;
    const where = sibling < behind ? 'before it' : 'outside';
    throw this.#cursor.fail(`entry at ${offset} has a sibling ${where}, at ${sibling}`);
  }

  #readPart(offset: number): Uint8Array {
    const left = this.#unit.header.end - offset;
    const sizeBytes = Math.min(left, this.#partBytes);
    this.#bytes = this.#unit.bytesFrom(offset, sizeBytes);
    this.#start = offset;
    this.#partLimit = offset + sizeBytes - (sizeBytes === left ? 0 : MAX_FIXED_BYTES);
    this.#partBytes = Math.min(2 * this.#partBytes, MAX_PART_BYTES);
    return this.#bytes;
  }

  #longCode(offset: number): number {
    this.#cursor.seek(offset);
    return this.#cursor.uleb128();
  }

  #shapeOf(code: number, offset: number): Abbreviation {
    const shape = this.#table?.get(code);
    if (shape === undefined)
      throw this.#cursor.fail(`entry at ${offset} has the unknown abbreviation ${code}`);
    this.#shapes[code] = shape;
    return shape;
  }

  /** The sibling that an entry with attributes of fixed sizes names; 0 where it names none. */
  #siblingIn({ siblingAt }: Abbreviation, attributesAt: number): number {
    if (siblingAt < 0) return 0;
    this.#cursor.seek(attributesAt + siblingAt);
    return this.#cursor.u32() + this.#unit.header.offset;
  }

  /** Notes where the code of an entry lies, and tells where it ends. */
  #readAttributes(shape: Abbreviation, attributesAt: number): number {
    const cursor = this.#cursor;
    cursor.seek(attributesAt);
    this.#sibling = 0;
    this.lowForm = 0;
    this.highForm = 0;
    this.rangesForm = 0;
    for (const { skipBytes, attribute, isWanted } of this.#table?.stepsOver(shape) ?? []) {
      if (skipBytes !== 0) cursor.skip(skipBytes);
      if (attribute === undefined) break;
      if (!isWanted) skipForm(cursor, attribute.form, this.#unit.header);
      else {
        const { form, value } = readForm(cursor, attribute.form, this.#unit.header, attribute.implicitConst);
        this.#note(attribute.name, form, value);
      }
    }
    return cursor.offset;
  }

  #note(name: number, form: number, value: number): void {
    switch (name) {
      case AT.sibling:
        // A sibling lies in the same unit; a reference of another kind is of no use here.
        this.#sibling = form === FORM.refAddr ? value : value + this.#unit.header.offset;
        return;
      case AT.lowPc:
        this.lowForm = form;
        this.low = value;
        return;
      case AT.highPc:
        this.highForm = form;
        this.high = value;
        return;
      case AT.ranges:
        this.rangesForm = form;
        this.ranges = value;
    }
  }
}
