import { AgentPlaceError } from '../base/errors.ts';
import { listProcessIds, readStatus } from '../platform/process-files.ts';
import { directoryObstacle, TargetDirectory } from '../platform/target-directory.ts';
import type { LiveTarget } from '../target/live-target.ts';
import { AGENT_FILES } from './bootstrap.ts';
import { isAwaitingRequest } from './injection/remote-debug.ts';

/** As `makeAgentDirectory()` names them. */
const DIRECTORY_NAME = /^pyflight-(\d+)-[0-9a-f]{1,8}$/u;
/** Longer than a lease: whoever is still on the way in touches its directory more often. */
const ABANDONED_MS = 30_000;
const TOUCH_EVERY_MS = 5000;

/**
 * Makes the directory of an agent in the target's file system, at the first place that takes it with these files.
 * @throws {AgentPlaceError} when none does
 */
export function makeAgentDirectory(
  target: LiveTarget,
  filesFor: (path: string) => Readonly<Record<string, string>>,
): TargetDirectory {
  const { uid, bases } = placesOf(target);
  const name = `${beginningFor(target)}${Math.floor(Math.random() * 2 ** 32).toString(16)}`;
  const attempts: string[] = [];
  for (const base of bases) {
    try {
      return makeWithFiles({ pid: target.pid, base, uid }, name, filesFor);
    } catch (error) {
      attempts.push(`${base}: ${directoryObstacle(error)}`);
    }
  }
  throw new AgentPlaceError(target.pid, attempts);
}

/** Finds the directories that agents of this target may be in. */
export function findAgentDirectories(target: LiveTarget): readonly TargetDirectory[] {
  const { uid, bases } = placesOf(target);
  return bases.flatMap((base) => TargetDirectory.find({ pid: target.pid, base, uid }, beginningFor(target)));
}

/** Takes what is left away when nobody serves it: the target was killed, or runs another program. */
export function removeAgentDirectory(directory: TargetDirectory): void {
  directory.remove(Object.values(AGENT_FILES));
}

/**
 * Removes what was left when a pyflight was killed on the way in, or a process with an agent: directories of this target and of
 * processes that have ended, that nobody serves or has touched for a while.
 */
export function sweepAgentDirectories(target: LiveTarget): void {
  const { uid, bases } = placesOf(target);
  const beginning = beginningFor(target);
  let alive: ReadonlySet<number> | undefined;
  for (const base of bases) {
    for (const directory of TargetDirectory.find({ pid: target.pid, base, uid }, 'pyflight-')) {
      using _ = directory;
      if (!isAbandoned(directory)) continue;
      alive ??= new Set(listProcessIds());
      const isOfTarget = directory.name.startsWith(beginning);
      const mayGo = isOfTarget ? !isAwaitingRequest(target) : !alive.has(pidOf(directory));
      if (mayGo) removeAgentDirectory(directory);
    }
  }
}

function isAbandoned(directory: TargetDirectory): boolean {
  return (
    DIRECTORY_NAME.test(directory.name) &&
    directory.ageMs > ABANDONED_MS &&
    directory.isUnserved(AGENT_FILES.socket)
  );
}

function pidOf({ name }: TargetDirectory): number {
  return Number(DIRECTORY_NAME.exec(name)?.[1]);
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
): TargetDirectory {
  const directory = TargetDirectory.make(place, name);
  try {
    for (const [file, text] of Object.entries(filesFor(directory.path))) directory.write(file, text);
    return directory;
  } catch (error) {
    removeAgentDirectory(directory);
    directory[Symbol.dispose]();
    throw error;
  }
}

function placesOf({ pid }: LiveTarget): { readonly uid: number; readonly bases: readonly string[] } {
  const uid = readStatus(pid).effectiveUid;
  return { uid, bases: ['/tmp', '/var/tmp', `/run/user/${uid}`, '/dev/shm'] };
}

/** By the id that the target knows itself by: two containers may share a directory, and then the peer tells. */
function beginningFor({ pid, facts }: LiveTarget): string {
  return `pyflight-${facts.innerPid ?? pid}-`;
}
