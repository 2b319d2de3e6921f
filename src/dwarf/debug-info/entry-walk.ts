import type { Abbreviation } from './abbreviation.ts';
import { AT, FORM } from './dwarf-constants.ts';
import { readForm, skipForm } from './form.ts';
import type { CodeAttributes } from './range-list.ts';
import type { SectionCursor } from './section-cursor.ts';
import type { Unit } from './unit.ts';

/**
 * Walks entries of a unit forward, from one entry through everything below it. Of each it reads only where code lies;
 * nothing is allocated per entry, since units have some ten thousand of them.
 */
export class EntryWalk implements CodeAttributes {
  readonly #unit: Unit;
  readonly #cursor: SectionCursor;
  readonly #abbreviations: ReadonlyMap<number, Abbreviation>;
  #nextDepth = 0;
  #hasChildren = false;
  /** Where the next entry beside this one is, or 0 where this one does not say. */
  #sibling = 0;
  /** Where the current entry is in `.debug_info`. */
  offset = 0;
  /** How deep the current entry is below the one that the walk began at, which has 0. */
  depth = 0;
  tag = 0;
  lowForm = 0;
  low = 0;
  highForm = 0;
  high = 0;
  rangesForm = 0;
  ranges = 0;

  /** @param offset where the first entry is in `.debug_info` */
  constructor(unit: Unit, offset: number) {
    this.#unit = unit;
    this.#abbreviations = unit.abbreviations;
    this.#cursor = unit.cursor(offset);
  }

  /** Whether the current entry says where its code lies. */
  get hasCode(): boolean {
    return this.rangesForm !== 0 || (this.lowForm !== 0 && this.highForm !== 0);
  }

  /** Moves to the next entry, into the current one where it has others below it; `false` at the end. */
  next(): boolean {
    const cursor = this.#cursor;
    for (;;) {
      if (this.offset !== 0 && this.#nextDepth === 0) return false;
      // Compilers leave out the last marks for "no more siblings".
      if (cursor.atEnd) return false;
      const offset = cursor.offset;
      const code = cursor.uleb128();
      if (code !== 0) {
        this.#read(offset, code);
        return true;
      }
      this.#nextDepth -= 1;
      if (this.#nextDepth < 0) return false;
    }
  }

  /** Moves behind everything below the current entry, so that `next()` goes beside or above it. */
  skipChildren(): void {
    if (!this.#hasChildren) return;
    if (this.#sibling !== 0) {
      if (this.#sibling < this.#cursor.offset)
        throw this.#cursor.fail(`entry at ${this.offset} has a sibling before it, at ${this.#sibling}`);
      this.#cursor.seek(this.#sibling);
      this.#nextDepth = this.depth;
      this.#hasChildren = false;
      return;
    }
    const { depth } = this;
    while (this.#nextDepth > depth && !this.#cursor.atEnd) {
      const offset = this.#cursor.offset;
      const code = this.#cursor.uleb128();
      if (code === 0) this.#nextDepth -= 1;
      else {
        this.#read(offset, code);
        this.#jumpToSibling();
      }
    }
  }

  /** Below an entry that is skipped, siblings save steps but are not needed. */
  #jumpToSibling(): void {
    if (this.#sibling > this.#cursor.offset && this.#sibling <= this.#cursor.end) {
      this.#cursor.seek(this.#sibling);
      this.#nextDepth = this.depth;
    }
  }

  #read(offset: number, code: number): void {
    const abbreviation = this.#abbreviations.get(code);
    if (abbreviation === undefined)
      throw this.#cursor.fail(`entry at ${offset} has the unknown abbreviation ${code}`);
    this.offset = offset;
    this.depth = this.#nextDepth;
    this.tag = abbreviation.tag;
    this.#hasChildren = abbreviation.hasChildren;
    if (abbreviation.hasChildren) this.#nextDepth += 1;
    this.#sibling = 0;
    this.lowForm = 0;
    this.highForm = 0;
    this.rangesForm = 0;
    this.#readAttributes(abbreviation);
  }

  #readAttributes({ walk }: Abbreviation): void {
    const cursor = this.#cursor;
    for (const { skipBytes, attribute, isWanted } of walk) {
      if (skipBytes !== 0) cursor.skip(skipBytes);
      if (attribute === undefined) return;
      if (!isWanted) skipForm(cursor, attribute.form, this.#unit.header);
      // The two forms that nearly every wanted attribute has, without an object for the value.
      else if (attribute.form === FORM.addr && this.#unit.header.addressBytes === 8)
        this.#note(attribute.name, FORM.addr, cursor.u64());
      else if (attribute.form === FORM.ref4) this.#note(attribute.name, FORM.ref4, cursor.u32());
      else {
        const { form, value } = readForm(cursor, attribute.form, this.#unit.header, attribute.implicitConst);
        this.#note(attribute.name, form, value);
      }
    }
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
