import type { LoopTurn } from '../model/async-task.ts';

/** A loop is late by some milliseconds whenever it has much to do. */
const LEAST_SECONDS = 0.1;

/** Says since when a loop has not turned, as far as an overdue timer shows it; `undefined` for one that is not late. */
export function overdueLine(turn: LoopTurn | undefined): string | undefined {
  if (turn?.overdueSeconds === undefined || turn.overdueSeconds < LEAST_SECONDS) return undefined;
  const { overdueSeconds, readyCount } = turn;
  const ready =
    readyCount === 0 ? '' : `; ${readyCount} ${readyCount === 1 ? 'callback is' : 'callbacks are'} ready`;
  return `overdue timer by ${overdueSeconds.toFixed(1)} s: the loop has not turned since at least then${ready}`;
}
