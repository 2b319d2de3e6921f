import { existsSync, readdirSync, readlinkSync, statSync } from 'node:fs';
import { NoSuchProcessError, ProcessExitedError } from '../base/errors.ts';
import { decodeOsString } from '../base/os-string.ts';
import { errnoNameOf, isGone, isRefused } from './errno.ts';
import { type Container, parseCgroup } from './proc/cgroup.ts';
import { parseCommandLine } from './proc/cmdline.ts';
import { parseEnvironment } from './proc/environ.ts';
import { type MemoryMapping, parseMaps } from './proc/maps.ts';
import { type MappingUse, parseSmaps } from './proc/smaps.ts';
import { isEndedState, parseStat, type TaskStat, TICKS_PER_SECOND } from './proc/stat.ts';
import { parseStatus, type TaskStatus } from './proc/status.ts';
import { parseUptime } from './proc/uptime.ts';
import { explainRefusal } from './refusal.ts';
import { readSystemText } from './system-file.ts';
import { listThreadIds, readThreadStat } from './thread-files.ts';

/** Every process that our /proc shows, in ascending order. */
export function listProcessIds(): readonly number[] {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/u.test(name))
    .map(Number)
    .sort((a, b) => a - b);
}

/**
 * Reads the state, parent and times of a process.
 * @throws {NoSuchProcessError} as every reader of this file, or {@link ProcessExitedError}, {@link NotPermittedError}
 */
export function readStat(pid: number): TaskStat {
  return parseStat(readFileOf(pid, 'stat'));
}

/** Reads the users, capabilities and tracer of a process. */
export function readStatus(pid: number): TaskStatus {
  return parseStatus(readFileOf(pid, 'status'));
}

/** Reads the mappings of a process; those of a living thread when its main thread has ended before the others. */
export function readMaps(pid: number): readonly MemoryMapping[] {
  const text = readFileOf(pid, 'maps');
  if (text !== '' || readStat(pid).isKernelThread) return parseMaps(text);
  const threadId = findLivingThread(pid);
  if (threadId === undefined) throw new ProcessExitedError(pid);
  return parseMaps(readFileOf(pid, `task/${threadId}/maps`));
}

/** Reads how much of each mapping is in memory; `undefined` where the kernel does not count that. */
export function readMappingUses(pid: number): readonly MappingUse[] | undefined {
  try {
    return parseSmaps(readFileOf(pid, 'smaps'));
  } catch (error) {
    if (error instanceof NoSuchProcessError && existsSync(`/proc/${pid}/stat`)) return undefined;
    throw error;
  }
}

/** Reads the arguments of a process, its own name first; none for a kernel thread or a zombie. */
export function readCommandLine(pid: number): readonly string[] {
  return parseCommandLine(readFileOf(pid, 'cmdline'));
}

/** Reads the environment that a process was started with; what it has changed since is not in it. */
export function readProcessEnvironment(pid: number): ReadonlyMap<string, string> {
  return parseEnvironment(readFileOf(pid, 'environ'));
}

/**
 * Reads the path of the program that a process runs, in the target's own view where it has another one, and without
 * the kernel's mark ` (deleted)`; `undefined` for a kernel thread or a zombie, which have none.
 */
export function readExecutablePath(pid: number): string | undefined {
  try {
    return readLinkText(`/proc/${pid}/exe`).replace(/ \(deleted\)$/u, '');
  } catch (error) {
    if (errnoNameOf(error) !== 'ENOENT') throw processError(pid, error);
    readStat(pid);
    return undefined;
  }
}

/** Reads how large the stack of the main thread of a process may grow, in bytes; `undefined` for without limit. */
export function readStackLimit(pid: number): number | undefined {
  // Max stack size             8388608              unlimited            bytes
  const limit = /^Max stack size\s+(\d+)/mu.exec(readFileOf(pid, 'limits'))?.[1];
  return limit === undefined ? undefined : Number(limit);
}

/** Reads which container a process is in; `undefined` for none that we can tell. */
export function readContainer(pid: number): Container | undefined {
  return parseCgroup(readFileOf(pid, 'cgroup'));
}

/** In which ways the target sees another system than we do; `undefined` where that could not be read. */
export interface Isolation {
  readonly hasOwnMountNamespace: boolean | undefined;
  readonly hasOwnPidNamespace: boolean | undefined;
  /** Its root directory is another one than ours: a container, or a plain chroot. */
  readonly hasOwnRoot: boolean | undefined;
}

/** Reads what the target shares with us. */
export function readIsolation(pid: number): Isolation {
  return {
    hasOwnMountNamespace: differs(pid, 'ns/mnt', readLinkText),
    hasOwnPidNamespace: differs(pid, 'ns/pid', readLinkText),
    hasOwnRoot: differs(pid, 'root/', (path) => {
      const { dev, ino } = statSync(path, { bigint: true });
      return `${dev} ${ino}`;
    }),
  };
}

/**
 * Tells when a process began, to about 20 ms, by the clock that files are stamped with. Counted back from now, as the
 * wall clock of the boot (btime) knows whole seconds only.
 */
export function processStartTime(pid: number): Date {
  const { startTicks } = readStat(pid);
  const ageSeconds = parseUptime(readSystemText('/proc/uptime')) - startTicks / TICKS_PER_SECOND;
  return new Date(Date.now() - ageSeconds * 1000);
}

/** A thread whose memory can be read: the main thread, mostly; `undefined` when all have ended. */
export function findLivingThread(pid: number): number | undefined {
  return listThreadIds(pid).find((threadId) => {
    const stat = readThreadStat(pid, threadId);
    return stat !== undefined && !isEndedState(stat.state);
  });
}

/** Turns what node:fs throws for a file of a process into the error that says what it means for that process. */
function processError(pid: number, error: unknown): unknown {
  if (errnoNameOf(error) === 'ESRCH') return new ProcessExitedError(pid, { cause: error });
  if (isGone(error)) return new NoSuchProcessError(pid, { cause: error });
  return isRefused(error) ? explainRefusal(pid, error) : error;
}

function readFileOf(pid: number, name: string): string {
  try {
    return readSystemText(`/proc/${pid}/${name}`);
  } catch (error) {
    throw processError(pid, error);
  }
}

function readLinkText(path: string): string {
  return decodeOsString(readlinkSync(path, { encoding: 'buffer' }));
}

function differs(pid: number, name: string, identify: (path: string) => string): boolean | undefined {
  try {
    return identify(`/proc/${pid}/${name}`) !== identify(`/proc/self/${name}`);
  } catch (error) {
    if (isRefused(error)) return undefined;
    throw processError(pid, error);
  }
}
