import { AgentPlaceError } from '../base/errors.ts';
import type { LastWill } from '../platform/last-will.ts';
import { readStatus } from '../platform/process-files.ts';
import { directoryObstacle, TargetDirectory } from '../platform/target-directory.ts';
import type { Tasks } from '../target/tasks.ts';
import { AGENT_FILES } from './bootstrap.ts';

const TOUCH_EVERY_MS = 5000;

/** The directory of an agent that is to come, and what becomes of it should we be killed. */
export interface MadeDirectory {
  readonly directory: TargetDirectory;
  readonly will: LastWill | undefined;
}

/**
 * Makes the directory of an agent in the target's file system, at the first place that takes it with these files.
 * @throws {AgentPlaceError} when none does
 */
export function makeAgentDirectory(
  tasks: Tasks,
  filesFor: (path: string) => Readonly<Record<string, string>>,
): MadeDirectory {
  const { uid, bases } = placesOf(tasks);
  const name = `${beginningFor(tasks)}${Math.floor(Math.random() * 2 ** 32).toString(16)}`;
  const attempts: string[] = [];
  for (const base of bases) {
    try {
      return makeWithFiles({ pid: tasks.pid, base, uid }, name, filesFor);
    } catch (error) {
      attempts.push(`${base}: ${directoryObstacle(error)}`);
    }
  }
  throw new AgentPlaceError(tasks.pid, attempts);
}

/** Finds the directories that agents of this target may be in, one place after the other; who takes one disposes of it. */
export function* findAgentDirectories(tasks: Tasks): Iterable<TargetDirectory> {
  const { uid, bases } = placesOf(tasks);
  const beginning = beginningFor(tasks);
  for (const base of bases) {
    const place = { pid: tasks.pid, base, uid };
    const found = [...TargetDirectory.find(place, (name) => name.startsWith(beginning))];
    try {
      for (let next = found.shift(); next !== undefined; next = found.shift()) yield next;
    } finally {
      for (const left of found) left[Symbol.dispose]();
    }
  }
}

/** Takes what is left away when nobody serves it: the target was killed, or runs another program. */
export function removeAgentDirectory(directory: TargetDirectory): void {
  directory.remove(Object.values(AGENT_FILES));
}

/** Keeps a directory from being swept as long as its agent is on the way in. */
export function keepYoung(directory: TargetDirectory): Disposable {
  const timer = setInterval(() => directory.touch(), TOUCH_EVERY_MS);
  return { [Symbol.dispose]: () => clearInterval(timer) };
}

function makeWithFiles(
  place: { readonly pid: number; readonly base: string; readonly uid: number },
  name: string,
  filesFor: (path: string) => Readonly<Record<string, string>>,
): MadeDirectory {
  const { socket } = AGENT_FILES;
  const files = Object.values(AGENT_FILES).filter((file) => file !== socket);
  const will = TargetDirectory.writeWill(place, name, { files, socket });
  let directory: TargetDirectory | undefined;
  try {
    directory = TargetDirectory.make(place, name);
    for (const [file, text] of Object.entries(filesFor(directory.path))) directory.write(file, text);
    return { directory, will };
  } catch (error) {
    if (directory !== undefined) removeAgentDirectory(directory);
    directory?.[Symbol.dispose]();
    will?.[Symbol.dispose]();
    throw error;
  }
}

/** Where such directories may lie, and whose they are. */
export function placesOf({ pid }: Tasks): { readonly uid: number; readonly bases: readonly string[] } {
  const uid = readStatus(pid).effectiveUid;
  return { uid, bases: ['/tmp', '/var/tmp', `/run/user/${uid}`, '/dev/shm'] };
}

/** By the id that the target knows itself by: two containers may share a directory, and then the peer tells. */
export function beginningFor({ pid, innerPid }: Tasks): string {
  return `pyflight-${innerPid ?? pid}-`;
}
