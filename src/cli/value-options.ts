import type { ObjectView } from '../model/object-view.ts';
import type { ValueManner } from '../report/value-layout.ts';
import type { Context } from './context.ts';
import { VALUE_BUDGET } from './memory-question.ts';

/** What stands for no bound. */
const ALL = -1;

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

/** The depth that `-x` asks for. */
export function depthOf(expand: number): number | 'all' {
  return expand === ALL ? 'all' : expand;
}

/** How trees are shown for an `-x`. */
export function treeMannerOf(expand: number, { style }: Context): ValueManner {
  return { depth: expand === ALL ? Number.POSITIVE_INFINITY : expand, budget: VALUE_BUDGET, style };
}

/** Says that the budget cut something. */
export function noteIfCut(isCut: boolean, { note }: Context): void {
  if (isCut)
    note(`note: cut after ${VALUE_BUDGET >> 20} MiB of text; a smaller -x shows all of it, less deep`);
}

/** Says of what computes a value that it was not asked to. */
export function noteDescriptor(view: ObjectView, { note }: Context): void {
  if (view.kind !== 'descriptor') return;
  if (view.type === 'property')
    note('note: a property computes its value, which only code that runs in the process could do');
  if (view.type === 'member' || view.type === 'getset') note('note: only instances have a value for it');
}
