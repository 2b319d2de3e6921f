import { KeptFile } from './kept-file.ts';
import { type ProgramMark, parseProgramMark } from './proc/stat.ts';

/** Larger than any line of stat. */
const BUFFER = Buffer.alloc(1024);

/** Watches by its main thread which program a process runs, with the file kept open. */
export class ProgramMarkWatch implements Disposable {
  readonly #file: KeptFile;

  constructor(pid: number) {
    this.#file = new KeptFile(`/proc/${pid}/task/${pid}/stat`);
  }

  /** Reads it; `undefined` when the thread has gone, or where the kernel does not let us know. */
  read(): ProgramMark | undefined {
    const length = this.#file.read(BUFFER);
    return typeof length === 'string' ? undefined : parseProgramMark(BUFFER, length);
  }

  [Symbol.dispose](): void {
    this.#file[Symbol.dispose]();
  }
}
