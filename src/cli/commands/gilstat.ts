import type { GilAccount, GilOptions, GilReport } from '../../api/index.ts';
import { BadArgumentError } from '../../base/errors.ts';
import { formatNanoseconds, formatShare } from '../../base/quantities.ts';
import { gilReportToJson } from '../../report/gil-json.ts';
import { gilReportLines } from '../../report/gil-layout.ts';
import { secondsOf } from '../calls/stream-options.ts';
import { defineCommand } from '../command.ts';
import type { Context } from '../context.ts';
import { endAtInterrupt } from '../ending.ts';
import type { Outcome } from '../exit-status.ts';
import { type JsonMode, jsonOption, jsonText } from '../json-output.ts';
import { outLines } from '../out-lines.ts';

/** `pyflight gilstat <pid>`: who holds the GIL, and who waits for it. */
export const gilstat = defineCommand({
  name: 'gilstat',
  summary: 'Tell at intervals which threads held the GIL and which waited for it, and how long',
  level: 'L0',
  raised: { by: '--exact', level: 'L3' },
  arguments: {
    pid: { kind: 'pid', help: 'Process to look at' },
    words: {
      kind: 'rest',
      help: 'on [take_ms] [hold_ms] [interval_s] [max_threads], or off: as PyFlightProfiler has it (on 10 10 5 500)',
    },
  },
  options: {
    duration: {
      kind: 'text',
      short: 'd',
      valueName: 'time',
      help: 'End after that time: 30, 5m (until Ctrl-C)',
    },
    interval: { kind: 'text', valueName: 'time', help: 'What lies between two reports: 1, 500ms (5 s)' },
    take: { kind: 'text', valueName: 'time', help: 'Tell of waits that take longer: 50ms (10 ms)' },
    hold: { kind: 'text', valueName: 'time', help: 'Tell of holds that take longer: 50ms (10 ms)' },
    threads: {
      kind: 'number',
      valueName: 'count',
      least: 1,
      most: 100_000,
      whenAbsent: 500,
      help: 'Show so many threads at most',
    },
    rate: {
      kind: 'number',
      short: 'r',
      valueName: 'hertz',
      least: 10,
      most: 100_000,
      whenAbsent: 10_000,
      help: 'Looks at the GIL per second',
    },
    exact: {
      kind: 'flag',
      help: 'Count each take and drop by breakpoints in take_gil and drop_gil, which take longer with it',
    },
    exhaustive: { kind: 'flag', help: 'Search all memory for the interpreter; slow' },
    json: jsonOption('gilstat'),
  },
  examples: [
    ['gilstat 4242', 'a report every five seconds, until Ctrl-C'],
    [
      'gilstat 4242 -d 10 --hold 50ms --take 200ms',
      'ten seconds; only what is really long is told one by one',
    ],
    ['gilstat 4242 on 5 5', 'as PyFlightProfiler has it: thresholds of 5 ms'],
  ],

  async run({ pid, words, json, threads, exhaustive, ...typed }, context) {
    const [switched, ...numbers] = words;
    if (switched === 'off' && numbers.length === 0) {
      context.note(
        'gilstat looks from outside: it is off as soon as it ends, and leaves nothing in the process',
      );
      return 'complete';
    }
    if (switched !== undefined && switched !== 'on')
      throw new BadArgumentError(`Cannot switch gilstat ${switched}: it is on, with numbers behind, or off`);
    const wish = switchedOn(numbers, { mostThreads: threads, options: optionsOf({ ...typed, exhaustive }) });
    (await context.api.attach(pid, { native: false, exhaustive }))[Symbol.dispose]();
    return await watchGils({ ...wish, pid, json }, context);
  },
});

/** What was typed of the options. */
interface GilWords {
  readonly duration: string | undefined;
  readonly interval: string | undefined;
  readonly take: string | undefined;
  readonly hold: string | undefined;
  readonly rate: number;
  readonly exact: boolean;
  readonly exhaustive: boolean;
}

interface GilWish {
  readonly options: GilOptions;
  readonly mostThreads: number;
}

const SHORTEST_INTERVAL_SECONDS = 0.05;

function optionsOf({ duration, interval, take, hold, rate, exact, exhaustive }: GilWords): GilOptions {
  const intervalSeconds = interval === undefined ? undefined : secondsOf(interval);
  if (intervalSeconds !== undefined && intervalSeconds < SHORTEST_INTERVAL_SECONDS)
    throw new BadArgumentError(`Cannot use ${interval} as --interval: it must be 50ms or more`);
  return {
    rateHz: rate,
    exact,
    exhaustive,
    ...(duration === undefined ? {} : { durationSeconds: secondsOf(duration) }),
    ...(intervalSeconds === undefined ? {} : { intervalSeconds }),
    ...(take === undefined ? {} : { longWaitMs: secondsOf(take) * 1000 }),
    ...(hold === undefined ? {} : { longHoldMs: secondsOf(hold) * 1000 }),
  };
}

/** The numbers behind `on`, as many as there are, in the place of options. */
function switchedOn(numbers: readonly string[], { options, mostThreads }: GilWish): GilWish {
  const [take, hold, interval, threads] = numbers.map(positive);
  if (numbers.length > 4)
    throw new BadArgumentError(
      'Cannot use more than four numbers: take_ms, hold_ms, interval_s, max_threads',
    );
  return {
    mostThreads: threads ?? mostThreads,
    options: {
      ...options,
      ...(take === undefined ? {} : { longWaitMs: take }),
      ...(hold === undefined ? {} : { longHoldMs: hold }),
      ...(interval === undefined ? {} : { intervalSeconds: interval }),
    },
  };
}

function positive(given: string): number {
  const number = Number(given);
  if (Number.isInteger(number) && number > 0) return number;
  throw new BadArgumentError(`Cannot use ${given} behind on: it must be a whole number above 0`);
}

async function watchGils(
  {
    pid,
    json,
    options,
    mostThreads,
  }: GilWish & { readonly pid: number; readonly json: JsonMode | undefined },
  context: Context,
): Promise<Outcome> {
  const manner = {
    style: context.style,
    width: context.columns,
    mostThreads,
    isWhole: context.verbosity > 0,
  };
  if (options.durationSeconds === undefined) context.note('press Control-C to end');
  const print = (report: GilReport): void => {
    if (json === undefined) outLines([...gilReportLines(report, manner), ''], context);
    else
      context.out(
        jsonText(
          gilReportToJson(report),
          { command: 'gilstat', level: options.exact === true ? 'L3' : 'L0', pid },
          'jsonl',
          context,
        ),
      );
  };
  const sampling = await context.api.startGilSampling(pid, options, print);
  const release = endAtInterrupt(context, () => sampling.stop());
  try {
    return tellEnd(await sampling.ended, pid, context);
  } finally {
    release();
  }
}

function tellEnd(
  { endedBecause, durationNs, samplerCpuNs }: GilAccount,
  pid: number,
  { note }: Context,
): Outcome {
  const cost = `looking took ${formatShare(samplerCpuNs, durationNs)} of a core`;
  if (endedBecause === 'target-ended' || endedBecause === 'target-replaced') {
    const what = endedBecause === 'target-ended' ? 'ended' : 'began to run another program';
    note(`process ${pid} ${what} after ${formatNanoseconds(durationNs)}; ${cost}`);
    return 'gone';
  }
  note(`${formatNanoseconds(durationNs)}; ${cost}`);
  return 'complete';
}
