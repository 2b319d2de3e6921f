import type { GreenletThread } from '../../src/model/greenlet.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import type { GroundTruth, TrueFrame } from './ground-truth.ts';
import { seenFrame, trueFrame } from './seen-threads.ts';

/** A suspended greenlet as the target described it. */
interface TrueGreenlet {
  /** `id()` of the greenlet. */
  readonly address: number;
  readonly type: string;
  readonly parent: number | null;
  /** `get_ident()` of its thread; `null` when that has ended. */
  readonly thread: number | null;
  /** Innermost first. */
  readonly frames: readonly TrueFrame[];
}

/** What `suspended-greenlets.py` says of its greenlets, in words that the snapshot has too, by address. */
export function trueGreenlets({ facts }: GroundTruth): readonly TrueGreenlet[] {
  const { greenlets }: { readonly greenlets?: readonly TrueGreenlet[] } = facts;
  if (greenlets === undefined) throw new RangeError('the target said nothing of greenlets');
  return greenlets
    .map((each) => ({ ...each, frames: each.frames.map(trueFrame) }))
    .toSorted((a, b) => a.address - b.address);
}

/** The greenlets of a snapshot in the same words. */
export function seenGreenlets({ greenlets = [] }: Pick<Snapshot, 'greenlets'>): readonly TrueGreenlet[] {
  return greenlets.flatMap(describeThread).toSorted((a, b) => a.address - b.address);
}

function describeThread({ pthreadId, greenlets }: GreenletThread): readonly TrueGreenlet[] {
  return greenlets.map(({ address, typeName, parent, frames }) => ({
    address,
    type: typeName ?? 'unknown',
    parent: parent ?? null,
    thread: pthreadId ?? null,
    frames: frames.map(seenFrame),
  }));
}
