import type { ObjectView } from '../model/object-view.ts';
import type { ValueExtent } from '../model/value-extent.ts';
import type { JsonObject } from '../report/json-value.ts';
import type { ValueLines, ValueManner } from '../report/value-layout.ts';
import { ALL, boundOf } from './bounds.ts';
import type { Context } from './context.ts';
import type { JsonMode } from './json-output.ts';
import { type MemoryAnswer, outDocument, VALUE_BUDGET } from './memory/memory-question.ts';
import { outLines } from './out-lines.ts';

/** `-x`: how deep values are shown. */
export const EXPAND_OPTION = {
  kind: 'number',
  short: 'x',
  valueName: 'depth',
  least: 1,
  most: 6,
  all: ALL,
  help: 'Levels that have a line for each item',
} as const;

/** The `-x` of what lies so many levels around the values that were asked for. */
export function expandAround(levels: number, expand: number): number {
  return expand === ALL ? ALL : expand + levels;
}

/** How much of a value is wanted for an `-x`, and for `-v`. */
export function extentOf(expand: number, { verbosity }: Context): ValueExtent {
  return { depth: expand === ALL ? 'all' : expand, whole: verbosity > 0 };
}

/** How trees are shown for an `-x`. */
export function treeMannerOf(expand: number, { style }: Context): ValueManner {
  return { depth: boundOf(expand), budget: VALUE_BUDGET, style };
}

/** What memory tells of values, for programs or for people. */
interface ValueAnswer extends MemoryAnswer {
  readonly command: string;
  readonly json: JsonMode | undefined;
  /** Loads what it is made with: most calls want text. */
  readonly toJson: () => Promise<JsonObject>;
  readonly toLines: () => ValueLines;
}

/** Writes what memory tells of values. */
export async function outValues(
  { command, json, toJson, toLines, ...answer }: ValueAnswer,
  context: Context,
): Promise<void> {
  if (json !== undefined) outDocument(command, answer, { document: await toJson(), mode: json }, context);
  else outValueLines(toLines(), context);
}

/** Writes values as text, and says if the budget cut something. */
export function outValueLines({ lines, isCut }: ValueLines, context: Context): void {
  outLines(lines, context);
  if (isCut)
    context.note(
      `note: cut after ${VALUE_BUDGET >> 20} MiB of text; a smaller -x shows all of it, less deep`,
    );
}

/** Says of what computes a value that it was not asked to. */
export function noteDescriptor(view: ObjectView, { note }: Context): void {
  if (view.kind !== 'descriptor') return;
  if (view.type === 'property')
    note('note: a property computes its value, which only code that runs in the process could do');
  if (view.type === 'member' || view.type === 'getset') note('note: only instances have a value for it');
}
