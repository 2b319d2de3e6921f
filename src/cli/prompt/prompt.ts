import { InspectorError } from '../../base/errors.ts';
import type { Context } from '../context.ts';
import { OUTCOME_STATUS } from '../exit-status.ts';
import { reportFailure } from '../failure.ts';
import { nestInterruption } from '../nested-interruption.ts';
import { parseTypedLine } from '../shell-words.ts';
import { type RunCommand, runTypedLine } from '../typed-line.ts';
import { bannerLines } from './banner.ts';
import { completionsOf } from './completion.ts';
import type { LineAnswer, LineReader } from './line-editor.ts';
import { liveWords } from './live-words.ts';
import { openReader } from './open-reader.ts';
import { PromptHistory } from './prompt-history.ts';
import { TargetSession } from './target-session.ts';

/**
 * Runs one command after the other on a process: those that a person types at a prompt, or the lines of standard input.
 * @returns 0 from a prompt, 3 when the process ended, and of lines the status of the first command that failed
 * @throws {InspectorError} when the process cannot be looked at
 */
export async function runPrompt(pid: number, context: Context, runCommand: RunCommand): Promise<number> {
  using session = await TargetSession.open(pid, context);
  const { input } = context;
  if (input.isTerminal) await showBanner(session, context);
  using reader = await openReader(context);
  const prompt = new Prompt(session, { context, reader }, runCommand);
  const forget = context.onInterrupt(() => {
    prompt.leave();
    reader[Symbol.dispose]();
  });
  try {
    return await prompt.run();
  } finally {
    forget();
  }
}

async function showBanner(session: TargetSession, { api, programName, style, columns, out }: Context) {
  const facts = session.inspection?.facts;
  if (facts === undefined) return;
  const { VERSION } = await import('../version.ts');
  const process = await api.findPythonProcess(session.pid).catch(() => undefined);
  const canPause = await api.canPause();
  const banner = { programName, version: VERSION, facts, process, canPause, style, columns };
  out(`${[...bannerLines(banner)].join('\n')}\n`);
}

const LEAVE_HINT = 'Ctrl-C again, Ctrl-D or exit leaves.';

class Prompt {
  readonly #session: TargetSession;
  readonly #context: Context;
  readonly #reader: LineReader;
  readonly #runCommand: RunCommand;
  #isLeft = false;
  #isAboutToLeave = false;
  #firstFailure = 0;

  constructor(
    session: TargetSession,
    { context, reader }: { readonly context: Context; readonly reader: LineReader },
    runCommand: RunCommand,
  ) {
    this.#session = session;
    this.#context = context;
    this.#reader = reader;
    this.#runCommand = runCommand;
  }

  /** Ends it before the next line. */
  leave(): void {
    this.#isLeft = true;
  }

  async run(): Promise<number> {
    const { api, input, style, programName } = this.#context;
    const { COMMANDS } = await import('../commands/index.ts');
    const history = input.isTerminal ? new PromptHistory(await api.openHistory()) : undefined;
    const words = liveWords(this.#session, this.#context);
    const prompt = `${style.bold(`${programName}>`)} `;
    const complete = (line: string) => completionsOf(line, { commands: COMMANDS, words });
    while (!this.#isLeft) {
      const answer = await this.#reader.read({ prompt, history: history?.lines ?? [], complete });
      if (answer.kind === 'line') {
        history?.add(answer.text);
        if (await this.#isLastLine(answer.text)) return OUTCOME_STATUS.gone;
      } else this.#heedKey(answer);
    }
    return input.isTerminal ? OUTCOME_STATUS.complete : this.#firstFailure;
  }

  /** Ctrl-D leaves, and a second Ctrl-C on an empty line. */
  #heedKey(answer: Exclude<LineAnswer, { readonly kind: 'line' }>): void {
    const isEmpty = answer.kind === 'interrupt' && answer.wasEmpty;
    if (answer.kind === 'end' || (isEmpty && this.#isAboutToLeave)) this.leave();
    else if (isEmpty) this.#context.note(LEAVE_HINT);
    this.#isAboutToLeave = isEmpty;
  }

  async #isLastLine(text: string): Promise<boolean> {
    this.#isAboutToLeave = false;
    const status = await this.#runLine(text);
    if (this.#firstFailure === OUTCOME_STATUS.complete) this.#firstFailure = status;
    return await this.#isOver(status);
  }

  /** A command that failed may have met the end of the process, which is said once. */
  async #isOver(status: number): Promise<boolean> {
    if (status === OUTCOME_STATUS.complete) return false;
    const end = await this.#session.findEnd();
    if (end === undefined) return false;
    if (status !== OUTCOME_STATUS.gone) reportFailure(end, this.#context);
    return true;
  }

  /** A prompt outlives Ctrl-C, which is heard when such work is done. */
  #heldBack(): Partial<Pick<Context, 'atOneGo'>> {
    return this.#context.input.isTerminal ? { atOneGo: async (work) => work() } : {};
  }

  /** Ctrl-C ends the command and not the prompt; a second one, which the command does not heed, ends all. */
  async #runLine(text: string): Promise<number> {
    using nested = nestInterruption(this.#context);
    const { interruption } = nested;
    const release = this.#context.takeInterrupts(() => {
      if (!this.#context.input.isTerminal || interruption.status !== undefined) return false;
      interruption.interrupt(OUTCOME_STATUS.interrupted);
      return true;
    });
    const session = {
      pid: this.#session.pid,
      isPrompt: this.#context.input.isTerminal,
      leave: () => this.leave(),
      reader: this.#reader,
    };
    const columns = this.#context.input.columns();
    const context = { ...nested.context, api: this.#session.api, session, columns, ...this.#heldBack() };
    try {
      const line = parseTypedLine(text);
      if (line.words.length === 0 && line.tail === undefined) return OUTCOME_STATUS.complete;
      return await runTypedLine(line, context, this.#runCommand);
    } catch (error) {
      if (!(error instanceof InspectorError)) throw error;
      return reportFailure(error, context);
    } finally {
      release();
    }
  }
}
