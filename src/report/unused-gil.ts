import type { Profile } from '../profile/profile.ts';

/** Says why a profile of who has the GIL, or waits for it, is empty where mostly nobody needs one; `undefined` of others. */
export function unusedGilRemark({
  account: { mode },
  processes,
}: Pick<Profile, 'account' | 'processes'>): string | undefined {
  const isAboutGil = mode === 'gil' || mode === 'gil-wait';
  if (!isAboutGil || !processes.every(({ python }) => python.isFreeThreaded)) return undefined;
  return `No thread needs the GIL of a free-threaded build, unless it was switched on: leave out --${mode}.`;
}
