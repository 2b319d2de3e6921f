import type { ThreadActivity } from '../model/thread-stack.ts';
import { ThreadSyscallWatch } from '../platform/thread-syscall-watch.ts';
import { threadActivity } from './thread-activity.ts';

/** Watches what a thread does. */
export class ActivityWatch implements Disposable {
  readonly #syscall: ThreadSyscallWatch;

  constructor(pid: number, threadId: number) {
    this.#syscall = new ThreadSyscallWatch(pid, threadId);
  }

  read(): ThreadActivity {
    return threadActivity(this.#syscall.read());
  }

  [Symbol.dispose](): void {
    this.#syscall[Symbol.dispose]();
  }
}
