import { setTimeout as wait } from 'node:timers/promises';
import {
  type Inspection,
  type SamplingAccount,
  type SamplingOptions,
  startSampling,
} from '../../src/api/index.ts';
import type { Scene } from './matrix.ts';
import { type SeenStack, seenStacks } from './profile-shares.ts';

/** Seconds that a thread has spent in each function, by their names. */
export type SpentTimes = ReadonlyMap<string, number>;

/** How long a thread of the target has been in each function, as it keeps it in a dict of its own, `SPENT`. */
export function spentTimes(inspection: Inspection): SpentTimes {
  const { value } = inspection.global({ module: '__main__', path: ['SPENT'], depth: 'all', whole: true });
  if (value.kind !== 'mapping') throw new RangeError(`SPENT is a ${value.kind}`);
  return new Map(
    value.entries.map(({ key, value: spent }) => [
      key.kind === 'str' ? key.value : '',
      spent.kind === 'float' ? spent.value : Number.NaN,
    ]),
  );
}

/** The part that each function has of all that was spent. */
export function sharesOf(spent: SpentTimes): SpentTimes {
  const all = [...spent.values()].reduce((sum, seconds) => sum + seconds, 0);
  return new Map([...spent].map(([name, seconds]) => [name, seconds / all]));
}

/** What was spent between two moments. */
function spentBetween(before: SpentTimes, after: SpentTimes): SpentTimes {
  return new Map([...after].map(([name, seconds]) => [name, seconds - (before.get(name) ?? Number.NaN)]));
}

/** What was seen of a target, and the shares of what it has spent meanwhile. */
interface BesideWhatWasSpent {
  readonly account: SamplingAccount;
  readonly stacks: readonly SeenStack[];
  readonly shares: SpentTimes;
}

/** Samples a target that keeps what it spends; answers what was seen, and the shares of what it has spent meanwhile. */
export async function sampledBeside(
  { truth, inspection }: Scene,
  options: SamplingOptions,
): Promise<BesideWhatWasSpent> {
  const sampling = startSampling(truth.pid, options);
  while (sampling.progress.sweeps === 0) await wait(1);
  const before = spentTimes(inspection);
  const profile = await sampling.ended;
  return {
    account: profile.account,
    stacks: seenStacks(profile),
    shares: sharesOf(spentBetween(before, spentTimes(inspection))),
  };
}
