import type { StreamWish } from '../../api/index.ts';
import { BadArgumentError } from '../../base/errors.ts';
import { ALL } from '../bounds.ts';
import type { OptionSpecs } from '../command.ts';

/** The options of a command that tells of calls one by one, or counts them. */
export const STREAM_OPTIONS = {
  filter: {
    kind: 'text',
    short: 'f',
    valueName: 'expression',
    help: 'Only calls for which it is true: Python about parameters, args, kwargs, target, return_obj, cost (ms), exc, func',
    also: ['--filter-expr'],
  },
  for: { kind: 'text', valueName: 'time', help: 'End after that time: 60s, 5m' },
  maxOverhead: {
    kind: 'text',
    valueName: 'percent',
    help: 'Look at fewer calls rather than take more of one CPU than this (5); none for no limit',
  },
  lazy: { kind: 'flag', help: 'Wait for a module that is not loaded yet' },
} as const satisfies OptionSpecs;

/** `-n`: after how many a command ends. */
export const LIMIT_OPTION = {
  kind: 'number',
  short: 'n',
  valueName: 'count',
  least: 1,
  most: Number.MAX_SAFE_INTEGER,
  all: ALL,
} as const;

/** How many calls are shown at most: an option of commands that show each. */
export const RATE_OPTION = {
  kind: 'number',
  valueName: 'count',
  least: 1,
  most: 1_000_000,
  all: ALL,
  whenAbsent: ALL,
  help: 'Show no more than so many in a second',
} as const;

/** What was typed of {@link STREAM_OPTIONS}. */
export interface StreamWords {
  readonly filter: string | undefined;
  readonly for: string | undefined;
  readonly maxOverhead: string | undefined;
  readonly lazy: boolean;
}

const USUAL_OVERHEAD = 5;

/** What the command line says about a stream, as the library wants it. */
export function streamWishOf(
  words: StreamWords,
): Pick<StreamWish, 'filter' | 'seconds' | 'maxOverhead' | 'lazy'> {
  return {
    filter: words.filter,
    seconds: words.for === undefined ? undefined : secondsOf(words.for),
    maxOverhead: overheadOf(words.maxOverhead),
    lazy: words.lazy,
  };
}

const UNIT_SECONDS: ReadonlyMap<string, number> = new Map([
  ['ms', 0.001],
  ['', 1],
  ['s', 1],
  ['m', 60],
  ['h', 3600],
]);

/** A time as it was typed: `500ms`, `60s`, `5m`, `1.5`. */
export function secondsOf(given: string): number {
  const [, number = '', unit = ''] = /^([0-9]+(?:\.[0-9]+)?)(ms|s|m|h)?$/u.exec(given) ?? [];
  const seconds = Number(number) * (UNIT_SECONDS.get(unit) ?? 0);
  if (seconds > 0) return seconds;
  throw new BadArgumentError(`Cannot use ${given} as a time: write it as 60s, 5m or 1.5`);
}

function overheadOf(given: string | undefined): number | undefined {
  if (given === undefined) return USUAL_OVERHEAD;
  if (given === 'none') return undefined;
  const percent = Number(given.replace(/%$/u, ''));
  if (percent > 0 && percent <= 100) return percent;
  throw new BadArgumentError(
    `Cannot use ${given} as --max-overhead: it must lie within 0 and 100 percent, or be none`,
  );
}
