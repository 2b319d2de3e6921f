import { escapeForTerminal, escapeLines } from '../base/escaping.ts';
import type { Collection, Evaluation } from '../model/agent.ts';
import { objectTree } from './object-tree.ts';
import { labelledLines, type ValueLines, type ValueManner } from './value-layout.ts';

/** Renders what an expression has come to: EXPR, TYPE, VALUE, as PyFlightProfiler does. */
export function evaluationLines(
  expression: string,
  { typeName, value }: Evaluation,
  manner: ValueManner,
): ValueLines {
  const { style } = manner;
  const shown =
    value.kind === 'view' ? objectTree(value.view, manner) : { lines: reprLines(value), isCut: false };
  return {
    lines: [
      ...labelledLines('EXPR:', [escapeForTerminal(expression)], style),
      ...labelledLines('TYPE:', [`<class '${escapeForTerminal(typeName)}'>`], style),
      ...labelledLines('VALUE:', shown.lines, style),
    ],
    isCut: shown.isCut,
  };
}

/** The lines of a value in its own words. */
export function reprLines({
  text,
  omitted,
}: {
  readonly text: string;
  readonly omitted: number;
}): readonly string[] {
  const lines = escapeLines(text).split('\n');
  return omitted === 0 ? lines : [...lines, `... ${omitted} more characters; -v shows more`];
}

/** Says what a run of the garbage collector has found. */
export function collectionLine({ collected, uncollectable, seconds }: Collection): string {
  const total = collected.reduce((sum, count) => sum + count, 0);
  const parts = collected.map((count, generation) => `generation ${generation}: ${count}`).join(', ');
  const time = `${(seconds * 1000).toFixed(1)} ms`;
  return `${total} unreachable objects were found (${parts}) in ${time}; ${uncollectable} cannot be collected`;
}
