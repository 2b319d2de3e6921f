import { BadArgumentError, KernelThreadError, ZombieProcessError } from '../base/errors.ts';
import { isEndedState } from './proc/stat.ts';
import { findLivingThread, readStat, readStatus } from './process-files.ts';

/**
 * Checks that a process is one that can be looked into at all, before anything is opened or stopped.
 * @throws {BadArgumentError} for a number that is no process id, for a thread of another process, and for ourselves
 * @throws {NoSuchProcessError | KernelThreadError | ZombieProcessError} as the names say
 */
export function checkInspectable(pid: number): void {
  if (!Number.isSafeInteger(pid) || pid <= 0) {
    throw new BadArgumentError(`Cannot inspect process ${pid}: a process id is a whole number above 0`);
  }
  if (pid === process.pid) throw new BadArgumentError(`Cannot inspect process ${pid}: it is pyflight itself`);
  const stat = readStat(pid);
  if (stat.isKernelThread) throw new KernelThreadError(pid, stat.name);
  const { processId } = readStatus(pid);
  if (processId !== pid) {
    throw new BadArgumentError(`Cannot inspect process ${pid}: it is a thread of process ${processId}`);
  }
  // A main thread may end before the others; the process lives on then, and its memory can be read.
  if (isEndedState(stat.state) && findLivingThread(pid) === undefined) throw new ZombieProcessError(pid);
}
