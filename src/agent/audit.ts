import { appendToAudit, readOwnUser } from '../platform/audit-file.ts';
import { processStartTime } from '../platform/process-files.ts';
import type { Request } from '../wire/protocol.ts';

/** Operations that change nothing and run no code: they would only fill the file. */
const UNWRITTEN: ReadonlySet<string> = new Set([
  'ping',
  'hello',
  'status',
  'names',
  'console-names',
  'cancel',
]);

/** Writes down who has attached to a process and what was run in it, before it is done: a line of JSON each. */
export class Audit {
  readonly #pid: number;
  readonly #started: string;
  #isWritten = true;

  constructor(pid: number) {
    this.#pid = pid;
    this.#started = processStartTime(pid).toISOString();
  }

  /** Whether all could be written so far. */
  get isComplete(): boolean {
    return this.#isWritten;
  }

  /** Writes that something is done, with what it was asked with. */
  // {"time":"2026-11-29T11:02:15.123Z","user":"root","uid":0,"pid":4242,"started":"…","op":"evaluate","path":"cache"}
  write(request: Request): void {
    if (UNWRITTEN.has(request.op)) return;
    const { uid, name, sudoUser } = readOwnUser();
    const line = JSON.stringify({
      time: new Date().toISOString(),
      user: name,
      uid,
      sudoUser,
      pid: this.#pid,
      started: this.#started,
      ...request,
    });
    this.#isWritten = appendToAudit(line) && this.#isWritten;
  }
}
