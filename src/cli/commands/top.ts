import { BadArgumentError } from '../../base/errors.ts';
import type { LiveSort } from '../../report/top-view.ts';
import { secondsOf } from '../calls/stream-options.ts';
import { defineCommand } from '../command.ts';
import { jsonOption } from '../json-output.ts';
import { possibleModes, SAMPLING_OPTIONS, samplingOptionsOf } from '../profiling/sampling-options.ts';
import { frameFilterOf, VIEW_OPTIONS } from '../profiling/view-options.ts';

/** `pyflight top <pid>`: what a process spends its time on, at this moment. */
export const top = defineCommand({
  name: 'top',
  summary: 'Watch live in which functions or lines a process spends its time',
  level: 'L0',
  arguments: { pid: { kind: 'pid', help: 'Process to sample' } },
  options: {
    ...SAMPLING_OPTIONS,
    delay: { kind: 'text', valueName: 'time', help: 'What lies between two tables: 1, 500ms (1 s)' },
    function: VIEW_OPTIONS.function,
    include: VIEW_OPTIONS.include,
    exclude: VIEW_OPTIONS.exclude,
    sort: {
      kind: 'choice',
      choices: ['own', 'total', 'own-time', 'total-time'],
      help: 'The column that rows are sorted by',
    },
    rows: {
      kind: 'number',
      short: 'n',
      valueName: 'count',
      least: 1,
      most: 10_000,
      whenAbsent: 50,
      help: 'Rows at most, of those that fit',
    },
    count: {
      kind: 'number',
      valueName: 'count',
      least: 1,
      most: 1_000_000,
      all: -1,
      whenAbsent: -1,
      help: 'No screen, but so many tables one below the other, as in a pipe',
    },
    json: jsonOption('top'),
  },
  examples: [
    ['top 4242', 'the lines that run now; ? tells the keys'],
    ['top 4242 -F --idle', 'functions, those that wait too'],
    ['top 4242 --async --idle', 'which tasks of asyncio do'],
    ['top 4242 --gil --delay 5', 'who has had the GIL in the last five seconds'],
    ['top 4242 --count 1 -n 10', 'the ten hottest lines of one second'],
    ['top 4242 --jsonl', 'a document every second, for programs'],
  ],

  async run(
    { pid, delay, function: byFunction, include, exclude, sort, rows, count, json, ...words },
    context,
  ) {
    const { watchTop } = await import('../top/watch-top.ts');
    const isFiltered = include !== undefined || exclude !== undefined;
    const options = samplingOptionsOf(words);
    const view = {
      sort: SORTS[sort],
      mode: options.mode,
      modes: possibleModes(words),
      byFunction,
      byTask: words.async || words.asyncAll ? true : undefined,
      filter: isFiltered ? frameFilterOf({ include, exclude }) : undefined,
      thread: undefined,
      search: '',
      isSearching: false,
      isPaused: false,
      isHelpShown: false,
      skipped: 0,
      delayMs: delay === undefined ? USUAL_DELAY_MS : delayMsOf(delay),
      mostRows: rows,
    };
    return await watchTop({ pid, options, view, count: count === -1 ? undefined : count, json }, context);
  },
});

const USUAL_DELAY_MS = 1000;

/** More often than that nobody sees, and a process is looked at some times in between. */
const SHORTEST_DELAY_MS = 50;
const LONGEST_DELAY_MS = 3_600_000;

function delayMsOf(given: string): number {
  const ms = secondsOf(given) * 1000;
  if (ms >= SHORTEST_DELAY_MS && ms <= LONGEST_DELAY_MS) return ms;
  throw new BadArgumentError(`Cannot use ${given} as --delay: it must lie within 50ms and 1h`);
}

const SORTS = {
  own: 'own',
  total: 'total',
  'own-time': 'ownTime',
  'total-time': 'totalTime',
} as const satisfies Record<string, LiveSort>;
