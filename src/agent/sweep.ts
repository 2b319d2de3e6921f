import { listProcessIds } from '../platform/process-files.ts';
import { TargetDirectory } from '../platform/target-directory.ts';
import type { LiveTarget } from '../target/live-target.ts';
import type { Tasks } from '../target/tasks.ts';
import { beginningFor, placesOf, removeAgentDirectory } from './agent-place.ts';
import { AGENT_FILES } from './bootstrap.ts';
import { isAwaitingRequest } from './injection/remote-debug.ts';

/** As `makeAgentDirectory()` names them. */
const DIRECTORY_NAME = /^pyflight-(\d+)-[0-9a-f]{1,8}$/u;
/** Longer than a lease: whoever is still on the way in touches its directory more often. */
const ABANDONED_MS = 30_000;

/**
 * Makes ready to remove what was left when a pyflight was killed on the way in, or a process with an agent: directories of this target and of
 * processes that have ended, that nobody serves or has touched for a while.
 * What the target has yet to run stays, by what it has been asked for when this is called.
 */
export function sweepLater(target: LiveTarget): () => void {
  const mayTakeOwn = !isAwaitingRequest(target);
  return () => sweep(target.tasks, mayTakeOwn);
}

function sweep(tasks: Tasks, mayTakeOwn: boolean): void {
  const { uid, bases } = placesOf(tasks);
  const beginning = beginningFor(tasks);
  let alive: ReadonlySet<number> | undefined;
  const mayGo = (name: string): boolean => {
    const pid = DIRECTORY_NAME.exec(name)?.[1];
    if (pid === undefined) return false;
    if (name.startsWith(beginning)) return mayTakeOwn;
    alive ??= new Set(listProcessIds());
    return !alive.has(Number(pid));
  };
  for (const base of bases) {
    for (const directory of TargetDirectory.find({ pid: tasks.pid, base, uid }, mayGo)) {
      using _ = directory;
      if (isAbandoned(directory)) removeAgentDirectory(directory);
    }
  }
}

function isAbandoned(directory: TargetDirectory): boolean {
  return directory.ageMs > ABANDONED_MS && directory.isUnserved(AGENT_FILES.socket);
}
