import { InspectorError, ProcessExitedError, ProcessReplacedError } from '../base/errors.ts';
import { isEndedState, type ProgramMark } from '../platform/proc/stat.ts';
import { findLivingThread, readStat } from '../platform/process-files.ts';
import { ProgramMarkWatch } from '../platform/program-mark-watch.ts';

/** What has become of a process: it runs the same program still, another one, or none as it has ended. */
export type ProgramFate = 'goes-on' | 'replaced' | 'ended';

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

  /** Reads what has become of the process. */
  readFate(): ProgramFate {
    try {
      const stat = readStat(this.pid);
      const isOver = isEndedState(stat.state) && findLivingThread(this.pid) === undefined;
      if (isOver || stat.startTicks !== this.#startTicks) return 'ended';
      return this.#isReplacedIn(stat) ? 'replaced' : 'goes-on';
    } catch (error) {
      if (error instanceof InspectorError) return 'ended';
      throw error;
    }
  }

  /** Whether the process runs this program still, by what its main thread shows, which may have ended before the others. */
  isShownBy(mark: ProgramMark): boolean {
    return !isEndedState(mark.state) && mark.startTicks === this.#startTicks && !this.#isReplacedIn(mark);
  }

  #check(cause?: InspectorError): void {
    const stat = this.#readStat(cause);
    // The id was given to another process, which a new program has in common with a new start.
    if (stat.startTicks !== this.#startTicks) throw new ProcessExitedError(this.pid, { cause });
    if (this.#isReplacedIn(stat)) throw new ProcessReplacedError(this.pid, { cause });
  }

  #isReplacedIn({ stackStart }: Pick<ProgramMark, 'stackStart'>): boolean {
    const isKnown = stackStart !== undefined && this.#stackStart !== undefined;
    return isKnown && stackStart !== this.#stackStart;
  }

  /** A process that has ended after the look was still there during it. */
  #readStat(cause: InspectorError | undefined): Omit<ProgramMark, 'state'> {
    try {
      return readStat(this.pid);
    } catch (error) {
      if (!(error instanceof InspectorError)) throw error;
      if (cause !== undefined) throw cause;
      return { startTicks: this.#startTicks, stackStart: undefined };
    }
  }
}

/** What has become of a program, for those who ask again and again. */
export class ProgramWatch implements Disposable {
  readonly #program: RunningProgram;
  readonly #mark: ProgramMarkWatch;

  constructor(pid: number) {
    this.#program = new RunningProgram(pid);
    this.#mark = new ProgramMarkWatch(pid);
  }

  readFate(): ProgramFate {
    const mark = this.#mark.read();
    return mark !== undefined && this.#program.isShownBy(mark) ? 'goes-on' : this.#program.readFate();
  }

  [Symbol.dispose](): void {
    this.#mark[Symbol.dispose]();
  }
}
