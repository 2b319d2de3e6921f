import type { Departure } from '../model/agent.ts';
import { listSocketInodes } from '../platform/descriptor-files.ts';
import type { TargetDirectory } from '../platform/target-directory.ts';
import type { Tasks } from '../target/tasks.ts';
import type { Farewell } from '../wire/answers.ts';
import { removeAgentDirectory } from './agent-place.ts';
import { pauseFor } from './pause-for.ts';

/** The thread ends a moment after it has said farewell. */
const LEAVING_MS = 2000;
const LOOK_EVERY_MS = 2;

/** Waits until nothing of an agent that has said farewell is left in the process, and counts from outside what is. */
export async function watchDeparture(
  tasks: Tasks,
  farewell: Farewell,
  directory: TargetDirectory,
): Promise<Departure> {
  const { removed, kept, running, modulesAdded } = farewell;
  let left = countLeft(tasks, farewell, directory);
  for (let waited = 0; isSomething(left) && waited < LEAVING_MS; waited += LOOK_EVERY_MS) {
    await pauseFor(LOOK_EVERY_MS);
    left = countLeft(tasks, farewell, directory);
  }
  if (left.files > 0) {
    // A program that has given up the rights of the user it began as cannot remove what it made.
    removeAgentDirectory(directory);
    left = countLeft(tasks, farewell, directory);
  }
  return { removed, kept, running, modulesAdded, left };
}

function isSomething({ threads, sockets, files }: Departure['left']): boolean {
  return threads + sockets + files > 0;
}

function countLeft(
  tasks: Tasks,
  { threadId, sockets }: Farewell,
  directory: TargetDirectory,
): Departure['left'] {
  const open = listSocketInodes(tasks.pid);
  return {
    threads: threadId !== undefined && tasks.read().has(threadId) ? 1 : 0,
    sockets: sockets.filter((inode) => open.has(inode)).length,
    files: directory.isThere ? 1 : 0,
  };
}
