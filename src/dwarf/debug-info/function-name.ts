import { type EntryPlace, referenceOf, stringOf } from './attribute-values.ts';
import { AT } from './dwarf-constants.ts';
import { type Entry, readEntry } from './entry.ts';

/** What a function is called. */
export interface FunctionName {
  /** As in the source, without what it lies in. */
  readonly name: string | undefined;
  /** As the linker knows it, where that differs: `_ZN3foo3barEv`. */
  readonly linkageName: string | undefined;
}

/** From a call over its abstract function and declaration there are three steps; a circle has no end. */
const MAX_STEPS = 16;

/** Finds the name of a function or inlined call, through the entries that it is an instance of. */
export function functionNameOf(place: EntryPlace, entry: Entry): FunctionName {
  let at = { place, entry };
  let name: string | undefined;
  let linkageName: string | undefined;
  for (let step = 0; step < MAX_STEPS; step += 1) {
    const { unit } = at.place;
    const { attributes } = at.entry;
    name ??= stringOf(unit, attributes.get(AT.name));
    linkageName ??= stringOf(unit, attributes.get(AT.linkageName) ?? attributes.get(AT.mipsLinkageName));
    if (name !== undefined && linkageName !== undefined) break;
    const next = referenceOf(unit, attributes.get(AT.abstractOrigin) ?? attributes.get(AT.specification));
    if (next === undefined) break;
    at = { place: next, entry: readEntry(next.unit, next.offset) };
  }
  return { name, linkageName };
}
