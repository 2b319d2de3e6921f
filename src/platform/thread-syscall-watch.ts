import { closeSync, openSync, readSync } from 'node:fs';
import { isGone, isRefused, silently } from './errno.ts';
import { parseSyscall, type SyscallState } from './proc/syscall.ts';

/** Larger than any line of the file. */
const BUFFER = Buffer.alloc(512);

/** Watches in which system call a thread is, with its file kept open: for those who ask thousands of times a second. */
export class ThreadSyscallWatch implements Disposable {
  #file: number | undefined;

  constructor(pid: number, threadId: number) {
    this.#file = silently(() => openSync(`/proc/${pid}/task/${threadId}/syscall`, 'r'));
  }

  /** Reads what the thread does; `undefined` when it has gone, or where the kernel does not let us know. */
  read(): SyscallState | undefined {
    if (this.#file === undefined) return undefined;
    try {
      const length = readSync(this.#file, BUFFER, 0, BUFFER.length, 0);
      return length === 0 ? undefined : parseSyscall(BUFFER.toString('latin1', 0, length));
    } catch (error) {
      if (isGone(error) || isRefused(error)) return undefined;
      throw error;
    }
  }

  [Symbol.dispose](): void {
    if (this.#file !== undefined) closeSync(this.#file);
    this.#file = undefined;
  }
}
