import type { Profile, Sampling } from '../../api/index.ts';
import { waitOrLess } from '../../base/waiting.ts';

/** Who gets what is found while it is being found. */
export interface WindowFollower {
  /** What lies between two windows. */
  readonly everyMs: number;
  readonly take: (window: Profile) => void;
  /** What the line about the progress says of it, in words. */
  readonly state: () => readonly string[];
}

/** Hands on windows until sampling has ended, also what is left then, which it answers. */
export async function followWindows(
  sampling: Sampling,
  { everyMs, take }: Pick<WindowFollower, 'everyMs' | 'take'>,
): Promise<Profile> {
  const over = new AbortController();
  const end = (): void => over.abort();
  sampling.ended.then(end, end);
  let last: Profile | undefined;
  while (!over.signal.aborted) {
    await waitOrLess(everyMs, over.signal);
    if (over.signal.aborted) break;
    last = await sampling.takeWindow();
    take(last);
  }
  const profile = await sampling.ended;
  // A window that was asked for when it ended was the last one.
  if (profile !== last) take(profile);
  return profile;
}
