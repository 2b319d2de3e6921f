import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import type { GroundTruth } from './ground-truth.ts';

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
  const idsOf = (wanted: (thread: GroundTruth['threads'][number]) => boolean) =>
    threads.filter(wanted).map(({ nativeId }) => String(nativeId));
  const announcers = idsOf(({ isAnnouncer }) => isAnnouncer);
  const exempt = new Set(idsOf(({ name }) => restless.has(name)));
  const giveUpAt = Date.now() + LONGEST_MS;
  while (!isSettled(pid, announcers, exempt)) {
    if (Date.now() > giveUpAt) throw new Error(`target ${pid} did not settle`);
    await wait(1);
  }
}

function isSettled(pid: number, announcers: readonly string[], exempt: ReadonlySet<string>): boolean {
  const tasks = readdirSync(`/proc/${pid}/task`).filter((id) => !exempt.has(id));
  const calls = new Map(tasks.map((id) => [id, readFileSync(`/proc/${pid}/task/${id}/syscall`, 'latin1')]));
  return (
    announcers.every((id) => READS_STDIN.test(calls.get(id) ?? '')) &&
    [...calls.values()].every((call) => !call.startsWith('running'))
  );
}
