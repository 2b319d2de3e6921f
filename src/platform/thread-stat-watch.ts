import { KeptFile } from './kept-file.ts';
import { parseStat, type TaskStat } from './proc/stat.ts';

/** Watches the state and times of a thread, with its file kept open. */
export class ThreadStatWatch implements Disposable {
  readonly #file: KeptFile;

  constructor(pid: number, threadId: number) {
    this.#file = new KeptFile(`/proc/${pid}/task/${threadId}/stat`);
  }

  /** Reads them; `undefined` when the thread has gone, or where the kernel does not let us know. */
  read(): TaskStat | undefined {
    const line = this.#file.readLine();
    return line === undefined ? undefined : parseStat(line);
  }

  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]();
  }
}
