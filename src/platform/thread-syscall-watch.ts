import { KeptFile } from './kept-file.ts';
import { parseSyscall, type SyscallState } from './proc/syscall.ts';

/** Watches in which system call a thread is, with its file kept open: for those who ask thousands of times a second. */
export class ThreadSyscallWatch implements Disposable {
  readonly #file: KeptFile;

  constructor(pid: number, threadId: number) {
    this.#file = new KeptFile(`/proc/${pid}/task/${threadId}/syscall`);
  }

  /** Reads what the thread does; `undefined` when it has gone, or where the kernel does not let us know. */
  read(): SyscallState | undefined {
    const line = this.#file.readLine();
    return line === undefined ? undefined : parseSyscall(line);
  }

  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]();
  }
}
