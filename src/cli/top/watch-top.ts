import type { LiveMoment, SampledMode, Sampling, SamplingAccount, SamplingOptions } from '../../api/index.ts';
import { formatNanoseconds } from '../../base/quantities.ts';
import { topToJson } from '../../report/top-json.ts';
import { topTableLines } from '../../report/top-lines.ts';
import type { TopView } from '../../report/top-view.ts';
import type { Context } from '../context.ts';
import type { Outcome } from '../exit-status.ts';
import { type JsonMode, jsonText } from '../json-output.ts';
import { beginSampling, levelOfSampling } from '../profiling/sampled-root.ts';
import { borrowTerminal } from '../prompt/open-reader.ts';
import { SamplingFeed } from './sampling-feed.ts';
import { TopScreen } from './top-screen.ts';

/** What is to be watched, and how. */
export interface TopWish {
  readonly pid: number;
  readonly options: SamplingOptions;
  readonly view: TopView;
  /** How many tables there are to be, one below the other; left out, there is a screen where one can be. */
  readonly count: number | undefined;
  readonly json: JsonMode | undefined;
}

/** On a screen something is to be seen sooner than after the whole delay. */
const FIRST_SCREEN_MS = 250;

/** Watches a process that is being sampled: on the whole screen, or by tables and documents one after the other. */
export async function watchTop(wish: TopWish, context: Context): Promise<Outcome> {
  const { pid, view, count, json } = wish;
  const { LiveProfile } = await context.api.profiles();
  const isScreenWanted = json === undefined && count === undefined && context.columns !== undefined;
  using lent = isScreenWanted ? await borrowTerminal(context) : undefined;
  // Of a thread that has ended only the moment in which it did is shown.
  const options = { ...wish.options, forgetsEnded: true };
  const sampling = await beginSampling({ pid, options }, context);
  const { delayMs } = view;
  using feed = new SamplingFeed(sampling, {
    delayMs,
    makeLive: () => new LiveProfile(),
    firstMs: lent === undefined ? delayMs : Math.min(delayMs, FIRST_SCREEN_MS),
    onInterrupt: context.onInterrupt,
  });
  if (lent === undefined) return await printMoments(feed, wish, context);
  const { terminal } = lent;
  // What there is to note was noted at the start, and would be written across the screen.
  const silent = { ...context, note: () => undefined };
  const sampleIn = (mode: SampledMode, before: Sampling): Promise<Sampling> =>
    beginSampling({ pid, options: inMode(options, mode, before) }, silent);
  const end = await new TopScreen({ terminal, feed, sampleIn, style: context.style, pid }, view).run();
  if (end.kind !== 'ended') return end.kind === 'left' ? 'complete' : 'interrupted';
  const room = Math.floor(terminal.size().rows / 2);
  // The screen is gone, and with it what was seen last.
  if (end.moment !== undefined)
    print(end.moment, { ...wish, view: { ...end.view, mostRows: room } }, context);
  return tellEnd(end.account, pid, context);
}

/** The same sampling in another mode, for as long as is left of the one before. */
function inMode(options: SamplingOptions, mode: SampledMode, { progress }: Sampling): SamplingOptions {
  const { durationSeconds } = options;
  if (durationSeconds === undefined) return { ...options, mode };
  return { ...options, mode, durationSeconds: Math.max(durationSeconds - progress.elapsedNs / 1e9, 0.1) };
}

async function printMoments(feed: SamplingFeed, wish: TopWish, context: Context): Promise<Outcome> {
  const { count = Number.POSITIVE_INFINITY, pid } = wish;
  let printed = 0;
  for (;;) {
    const event = await feed.next();
    if (event.kind === 'interrupted') return 'interrupted';
    if (event.kind === 'failed') throw event.error;
    if (event.kind === 'ended') return tellEnd(event.account, pid, context);
    if (event.kind !== 'moment') continue;
    print(event.moment, wish, context);
    printed += 1;
    if (printed >= count) return event.moment.whole.counts.samples === 0 ? 'no-match' : 'complete';
  }
}

/** A document a line, whichever was asked for: it is a stream. */
function print(moment: LiveMoment, { pid, options, view, json }: TopWish, context: Context): void {
  const { style, columns, out } = context;
  if (json !== undefined)
    out(
      jsonText(
        topToJson(moment, view),
        { command: 'top', level: levelOfSampling(options), pid },
        'jsonl',
        context,
      ),
    );
  else out(`${[...topTableLines({ moment, view }, { style, columns })].join('\n')}\n\n`);
}

function tellEnd({ endedBecause, durationNs }: SamplingAccount, pid: number, { note }: Context): Outcome {
  if (endedBecause !== 'target-ended' && endedBecause !== 'target-replaced') return 'complete';
  const what = endedBecause === 'target-ended' ? 'ended' : 'began to run another program';
  note(`process ${pid} ${what} after ${formatNanoseconds(durationNs)}`);
  return 'gone';
}
