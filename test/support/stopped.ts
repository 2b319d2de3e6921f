import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';

/** The state of a thread in its `stat`, behind its name, which may hold anything. */
const STOPPED = /\) T [^)]*$/u;

/** Stops a process as a shell does, wherever its threads are, and waits until all of them stand still. */
export async function stopEverywhere(pid: number): Promise<void> {
  process.kill(pid, 'SIGSTOP');
  const tasks = `/proc/${pid}/task`;
  while (!readdirSync(tasks).every((id) => STOPPED.test(readFileSync(`${tasks}/${id}/stat`, 'latin1'))))
    await wait(1);
}
