import { formatSeconds } from '../base/quantities.ts';
import { cutToWidth } from './display-width.ts';
import type { Style } from './style.ts';

import type { TopView } from './top-view.ts';
import { wrap } from './wrapping.ts';

const KEYS: readonly (readonly [keys: string, effect: string])[] = [
  ['1 2 3 4', 'sort by that column'],
  ['← → s S', 'sort by the next column'],
  ['L', 'functions, or lines'],
  ['a', 'tasks of asyncio, or their calls (--async)'],
  ['m', 'on a CPU, idle too, with the GIL, waiting for it, exceptions'],
  ['t', 'each thread apart, or all together'],
  ['↑ ↓', 'another thread; scroll where all are together'],
  ['PgUp PgDn', 'scroll'],
  ['/', 'search names and files'],
  ['c', 'end the search'],
  ['p', 'pause what is shown, not the sampling'],
  ['r', 'begin anew'],
  ['+ -', 'refresh more often, less often'],
  ['q Ctrl-C', 'leave'],
];

/** Renders the page that says what can be typed, and what the numbers mean. */
export function* topHelpLines(
  { delayMs }: TopView,
  { style, columns }: { readonly style: Style; readonly columns: number },
): Generator<string> {
  const widest = Math.max(...KEYS.map(([keys]) => keys.length)) + 2;
  const meanings = [
    `OWN, TOTAL: the share of the last ${formatSeconds(delayMs / 1000)} in which it was the innermost call, or anywhere in the stack; beyond 100 % when several threads were there.`,
    'OWN TIME, TOTAL TIME: the same since the beginning.',
  ];
  for (const [keys, effect] of KEYS) {
    const line = cutToWidth(`${keys.padEnd(widest)}${effect}`, columns);
    yield style.bold(line.slice(0, widest)) + line.slice(widest);
  }
  yield '';
  for (const meaning of meanings) yield* wrap(meaning, '', columns);
}
