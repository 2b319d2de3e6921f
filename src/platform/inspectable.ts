import { readlinkSync } from 'node:fs';
import {
  BadArgumentError,
  KernelThreadError,
  NotPermittedError,
  ThreadIdError,
  ZombieProcessError,
} from '../base/errors.ts';
import { errnoNameOf } from './errno.ts';
import { isEndedState } from './proc/stat.ts';
import { findLivingThread, readStat, readStatus } from './process-files.ts';

/**
 * Checks that a process is one that can be looked into at all, before anything is opened or stopped.
 * @throws {BadArgumentError} for a number that is no process id, and for ourselves
 * @throws {NotPermittedError} when /proc is of another pid namespace than system calls are
 * @throws {NoSuchProcessError | KernelThreadError | ThreadIdError | ZombieProcessError} as the names say
 */
export function checkInspectable(pid: number): void {
  if (!Number.isSafeInteger(pid) || pid <= 0) {
    throw new BadArgumentError(`Cannot inspect process ${pid}: a process id is a whole number above 0`);
  }
  if (pid === process.pid) throw new BadArgumentError(`Cannot inspect process ${pid}: it is pyflight itself`);
  if (!isProcOurs()) {
    const state = '/proc shows another pid namespace than the one that we run in';
    throw new NotPermittedError(pid, 'foreign-proc', state);
  }
  const stat = readStat(pid);
  if (stat.isKernelThread) throw new KernelThreadError(pid, stat.name);
  const { processId } = readStatus(pid);
  if (processId !== pid) throw new ThreadIdError(processId, pid);
  // A main thread may end before the others; the process lives on then, and its memory can be read.
  if (isEndedState(stat.state) && findLivingThread(pid) === undefined) throw new ZombieProcessError(pid);
}

/**
 * `unshare --pid` without `--mount-proc` leaves the /proc of the outer namespace in place: what it calls process 7 is
 * then not the process 7 whose memory we would read and which we would stop.
 */
function isProcOurs(): boolean {
  try {
    return readlinkSync('/proc/self') === String(process.pid);
  } catch (error) {
    if (errnoNameOf(error) === 'ENOENT') return false;
    throw error;
  }
}
