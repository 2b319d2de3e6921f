import { closeSync, openSync, writeSync } from 'node:fs';
import { ProcessExitedError, UnwritableMemoryError } from '../base/errors.ts';
import type { MemoryWrite } from '../base/ports.ts';
import { errnoNameOf, isGone, isRefused } from './errno.ts';
import { findLivingThread } from './process-files.ts';
import { explainRefusal } from './refusal.ts';

/**
 * Writes into the memory of a live process through /proc/PID/mem. That reaches pages which the process itself may not
 * write, its code among them: who decides what is written decides where, and looks at the mappings before.
 */
export class MemoryWriter implements Disposable {
  readonly #pid: number;
  #fd: number;

  private constructor(pid: number, fd: number) {
    this.#pid = pid;
    this.#fd = fd;
  }

  /** @throws {NotPermittedError | ProcessExitedError} as the names say */
  static open(pid: number): MemoryWriter {
    const threadId = findLivingThread(pid);
    if (threadId === undefined) throw new ProcessExitedError(pid);
    try {
      return new MemoryWriter(pid, openSync(`/proc/${pid}/task/${threadId}/mem`, 'r+'));
    } catch (error) {
      if (isGone(error)) throw new ProcessExitedError(pid, { cause: error });
      throw isRefused(error) ? explainRefusal(pid, error) : error;
    }
  }

  /**
   * Writes one after the other, in the order given. The target may see some of them before the others.
   * @throws {UnwritableMemoryError} when nothing is mapped there; those before it are written then
   */
  write(writes: readonly MemoryWrite[]): void {
    for (const write of writes) this.#writeOne(write);
  }

  #writeOne({ address, bytes }: MemoryWrite): void {
    if (this.#fd < 0) throw new TypeError('Cannot write to memory that was closed');
    try {
      const count = writeSync(this.#fd, bytes, 0, bytes.length, address);
      if (count === 0) throw new ProcessExitedError(this.#pid);
      if (count < bytes.length) throw new UnwritableMemoryError(address, bytes.length);
    } catch (error) {
      const name = errnoNameOf(error);
      if (name === 'EIO' || name === 'EFAULT')
        throw new UnwritableMemoryError(address, bytes.length, { cause: error });
      if (name === 'ESRCH') throw new ProcessExitedError(this.#pid, { cause: error });
      throw error;
    }
  }

  [Symbol.dispose](): void {
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#fd = -1;
  }
}
