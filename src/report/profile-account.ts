import { formatShare } from '../base/quantities.ts';
import { accountLines } from '../profile/account-summary.ts';
import type { SamplingAccount } from '../profile/profile.ts';
import type { Style } from './style.ts';
import { wrap } from './wrapping.ts';

/** Where nothing is wrapped: `stderr` of a script. */
const ANY_WIDTH = Number.POSITIVE_INFINITY;

/** Lateness in the median above which times mean little: a tenth of what lies between two sweeps. */
const MOST_LATENESS = 0.1;
/** More torn stacks than this are no accident: the profile leaves out what is fast. */
const MOST_TORN = 0.05;
/** Less of the rate than this was reached. */
const LEAST_RATE = 0.9;

/** A program that stands still for more of the time than this is another one than without us. */
const MOST_PAUSED = 0.05;

/** Renders how a profile came about, a line for each fact, and then what is to be said against it. */
export function* profileAccountLines(
  account: SamplingAccount,
  style: Style,
  columns: number | undefined,
): Generator<string> {
  const rows = accountLines(account);
  const indent = Math.max(...rows.map(({ subject }) => subject.length)) + 2;
  for (const { subject, state } of rows) {
    const [first = '', ...others] = wrap(state, ' '.repeat(indent), columns ?? ANY_WIDTH);
    yield style.faint(subject) + first.slice(subject.length);
    yield* others;
  }
  for (const remark of remarks(account)) {
    for (const line of wrap(remark, '', columns ?? ANY_WIDTH)) yield style.yellow(line);
  }
}

function* remarks(account: SamplingAccount): Generator<string> {
  yield* countRemarks(account);
  if (account.lateness.medianNs > (1e9 / account.rateHz) * MOST_LATENESS)
    yield 'Sweeps began late: times are less exact than the rate suggests.';
  if (account.pausedNs > account.durationNs * MOST_PAUSED)
    yield `The program stood still for ${formatShare(account.pausedNs, account.durationNs)} of the time: a lower rate disturbs it less.`;
}

/** What is to be said against a profile for what was missed and left out. */
export function* countRemarks({
  sweeps,
  missedSweeps,
  samples,
  tornSamples,
}: Pick<SamplingAccount, 'sweeps' | 'missedSweeps' | 'samples' | 'tornSamples'>): Generator<string> {
  if (sweeps < (sweeps + missedSweeps) * LEAST_RATE)
    yield 'Fewer sweeps than asked: the machine or the program leaves no time for more. Ask for a lower rate.';
  if (tornSamples > (samples + tornSamples) * MOST_TORN)
    yield 'Many stacks mixed two moments: calls that are short are seen too seldom.';
}
