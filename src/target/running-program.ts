import { InspectorError, ProcessExitedError, ProcessReplacedError } from '../base/errors.ts';
import { readStat } from '../platform/process-files.ts';

/** A process and the program that it runs. execve(2) keeps the id and the start time, and replaces all else. */
export class RunningProgram {
  readonly pid: number;
  readonly #startTicks: number;
  readonly #stackStart: number | undefined;

  constructor(pid: number) {
    const { startTicks, stackStart } = readStat(pid);
    this.pid = pid;
    this.#startTicks = startTicks;
    this.#stackStart = stackStart;
  }

  /**
   * Looks into the process and answers what was found, if it still runs the same program then.
   * @throws {ProcessReplacedError} when it does not, whatever came of the look
   */
  during<Answer>(look: () => Answer): Answer {
    let answer: Answer;
    try {
      answer = look();
    } catch (error) {
      if (error instanceof InspectorError) this.#check(error);
      throw error;
    }
    this.#check();
    return answer;
  }

  #check(cause?: InspectorError): void {
    const { startTicks, stackStart } = this.#readStat(cause);
    // The id was given to another process, which a new program has in common with a new start.
    if (startTicks !== this.#startTicks) throw new ProcessExitedError(this.pid, { cause });
    const isKnown = stackStart !== undefined && this.#stackStart !== undefined;
    if (isKnown && stackStart !== this.#stackStart) throw new ProcessReplacedError(this.pid, { cause });
  }

  /** A process that has ended after the look was still there during it. */
  #readStat(cause: InspectorError | undefined): { startTicks: number; stackStart: number | undefined } {
    try {
      return readStat(this.pid);
    } catch (error) {
      if (!(error instanceof InspectorError)) throw error;
      if (cause !== undefined) throw cause;
      return { startTicks: this.#startTicks, stackStart: undefined };
    }
  }
}
