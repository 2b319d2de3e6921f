import { readdirSync, readFileSync } from 'node:fs';
import { setTimeout as wait } from 'node:timers/promises';
import { openProcessMemory } from '../../src/platform/process-memory.ts';
import { pauseProcess } from '../../src/platform/process-pause.ts';
import { NativeStacks, type UnwoundThread } from '../../src/target/native/native-stacks.ts';
import { StackCopier } from '../../src/target/native/stack-copies.ts';

/** The native stacks of all threads of any process, by thread id, as a snapshot with native frames makes them. */
export async function unwindProcess(pid: number): Promise<ReadonlyMap<number, UnwoundThread>> {
  await untilAllSleep(pid);
  using memory = openProcessMemory(pid);
  using stacks = NativeStacks.ofProcess(pid, memory);
  const copier = new StackCopier(pid, memory);
  const pause = pauseProcess(pid);
  const copies = copier.copy(pause);
  pause.resume();
  return stacks.unwind(copies, pause.threadIds);
}

/** Waits until every thread is in a system call. */
async function untilAllSleep(pid: number): Promise<void> {
  const tasks = `/proc/${pid}/task`;
  const isAwake = (id: string) => readFileSync(`${tasks}/${id}/syscall`, 'latin1').startsWith('running');
  while (readdirSync(tasks).some(isAwake)) await wait(1);
}
