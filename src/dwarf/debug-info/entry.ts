import { type FormValue, readForm } from './form.ts';
import type { Unit } from './unit.ts';

/** A debugging information entry with all its attributes, of which the first of a name counts. */
export interface Entry {
  readonly tag: number;
  readonly attributes: ReadonlyMap<number, FormValue>;
}

/**
 * Reads one entry whole, by offset in `.debug_info`.
 * @throws {MalformedInputError} when there is none
 */
export function readEntry(unit: Unit, offset: number): Entry {
  const cursor = unit.cursor(offset);
  const code = cursor.uleb128();
  const table = unit.abbreviations;
  const abbreviation = table?.get(code);
  if (table === undefined || abbreviation === undefined)
    throw cursor.fail(`entry at ${offset} has the unknown abbreviation ${code}`);
  const attributes = new Map<number, FormValue>();
  for (const { name, form, implicitConst } of table.attributesOf(abbreviation)) {
    const value = readForm(cursor, form, unit.header, implicitConst);
    if (!attributes.has(name)) attributes.set(name, value);
  }
  return { tag: abbreviation.tag, attributes };
}
