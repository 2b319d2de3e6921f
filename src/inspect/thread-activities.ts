import type { ThreadActivity } from '../model/thread-stack.ts';
import type { Pause, Target } from '../target/target.ts';
import type { OsThread } from './os-threads.ts';

/**
 * Reads what threads do, by the kernel's id of each.
 * @param pause one that the threads stood still in, and perhaps still do
 */
export function readActivities(
  target: Target,
  threads: Iterable<OsThread>,
  pause?: Pause,
): ReadonlyMap<number, ThreadActivity> {
  const activities = new Map<number, ThreadActivity>();
  for (const { id } of threads) if (!activities.has(id)) activities.set(id, target.activityOf(id, pause));
  return activities;
}
