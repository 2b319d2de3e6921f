import { readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { GroundTruth, TrueThread } from './ground-truth.ts';

/** A target that is not where it said after this long has told an untruth. */
const LONGEST_MS = 20_000;
/** `/proc/PID/task/TID/syscall` of a thread in read(2) on its standard input. */
const READS_STDIN = /^(0|63) 0x0 /;

/**
 * Waits until a target stands where its truth says. It says it before it goes there: the announcer has yet to enter
 * read(2), and a thread that parks has yet to sleep. One that was woken counts as running, so once the announcer reads
 * and the others sleep, nobody has anything left to do. Threads that never sleep are named in the facts.
 */
export async function untilSettled({ pid, threads, facts }: GroundTruth): Promise<void> {
  const restless = new Set<unknown>([facts['spinning'] ?? [], facts['churning'] ?? []].flat());
  const resting = threads.filter(({ name, nativeId }) => nativeId !== undefined && !restless.has(name));
  const giveUpAt = Date.now() + LONGEST_MS;
  while (!resting.every((thread) => isSettled(pid, thread))) {
    if (Date.now() > giveUpAt) throw new Error(`target ${pid} did not settle`);
    await wait(1);
  }
}

function isSettled(pid: number, { nativeId, isAnnouncer }: TrueThread): boolean {
  const call = readFileSync(`/proc/${pid}/task/${nativeId}/syscall`, 'latin1');
  return isAnnouncer ? READS_STDIN.test(call) : !call.startsWith('running');
}
