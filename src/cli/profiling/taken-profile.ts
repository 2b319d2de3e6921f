import type { Profile, Sampling, SamplingOptions } from '../../api/index.ts';
import { formatCount } from '../../base/quantities.ts';
import type { Context } from '../context.ts';
import { endAtInterrupt } from '../ending.ts';
import { followWindows, type WindowFollower } from './followed-windows.ts';

/** How often the line about the progress is written anew. */
const PROGRESS_MS = 200;

/** Lets sampling go on until it ends or somebody ends it, and shows meanwhile how it goes. */
export async function takeProfile(
  sampling: Sampling,
  { durationSeconds }: SamplingOptions,
  context: Context,
  follower?: WindowFollower,
): Promise<Profile> {
  const release = endAtInterrupt(context, () => sampling.stop());
  const { status } = context;
  const show = (): void => status?.show(progressLine(sampling, durationSeconds, follower?.state()));
  const timer = status && setInterval(show, PROGRESS_MS);
  try {
    return await (follower === undefined ? sampling.ended : followWindows(sampling, follower));
  } finally {
    clearInterval(timer);
    status?.show('');
    release();
  }
}

function progressLine(
  { progress }: Sampling,
  durationSeconds: number | undefined,
  more: readonly string[] = [],
): string {
  const { sweeps, samples, torn, unreadable, elapsedNs } = progress;
  const seconds = elapsedNs / 1e9;
  const rate = seconds === 0 ? 0 : Math.round(sweeps / seconds);
  const of = durationSeconds === undefined ? '' : ` of ${durationSeconds} s`;
  const lost = torn + unreadable;
  return [
    `${seconds.toFixed(1)} s${of}`,
    `${formatCount(samples)} samples`,
    `${formatCount(rate)} Hz`,
    ...(lost === 0 ? [] : [`${formatCount(lost)} lost`]),
    ...more,
  ].join(' · ');
}
