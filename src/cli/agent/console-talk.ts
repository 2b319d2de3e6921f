import type { AgentConsole, ConsoleOutcome } from '../../api/index.ts';
import { BadArgumentError, EvaluationCancelledError } from '../../base/errors.ts';
import { escapeLines } from '../../base/escaping.ts';
import type { Context } from '../context.ts';
import type { Outcome } from '../exit-status.ts';
import { reportFailure } from '../failure.ts';
import type { LineAnswer, LineReader, LineWish } from '../prompt/line-editor.ts';

/** Runs what is typed at a Python prompt, until `exit()` or the end of the input. */
export async function converse(opened: AgentConsole, reader: LineReader, context: Context): Promise<Outcome> {
  const { note, input } = context;
  if (input.isTerminal) note(escapeLines(opened.banner));
  const talk = new Talk(opened, context);
  while (!talk.isOver) await talk.take(await reader.read(talk.wish));
  return talk.outcome;
}

/** What was said at a Python prompt so far. */
class Talk {
  /** `exit()` was called, or there is nothing more to read. */
  isOver = false;
  /** A person has seen what failed; a script is told by the status. */
  outcome: Outcome = 'complete';
  readonly #opened: AgentConsole;
  readonly #context: Context;
  readonly #history: string[] = [];
  /** The lines of a statement that wants more of them. */
  #source = '';

  constructor(opened: AgentConsole, context: Context) {
    this.#opened = opened;
    this.#context = context;
  }

  /** How the next line is asked for. */
  get wish(): LineWish {
    return {
      prompt: this.#source === '' ? '>>> ' : '... ',
      history: this.#history,
      complete: (line) => completionsOf(this.#opened, line),
    };
  }

  async take(answer: LineAnswer): Promise<void> {
    switch (answer.kind) {
      case 'line':
        return await this.#takeLine(answer.text);
      case 'interrupt':
        this.#context.note('KeyboardInterrupt');
        this.#source = '';
        return;
      case 'end':
        this.isOver = true;
        // Behind the last block of a script there is no empty line.
        if (this.#source.trim() !== '')
          this.outcome = await runOnce(this.#opened, this.#source, this.#context);
    }
  }

  async #takeLine(text: string): Promise<void> {
    const isBlank = text.trim() === '';
    if (!isBlank) this.#history.push(text);
    if (isBlank && this.#source === '') return;
    this.#source = this.#source === '' ? text : `${this.#source}\n${text}`;
    const state = await this.#run();
    if (state !== 'incomplete') this.#source = '';
    if (state === 'ended') this.isOver = true;
    if (state === 'failed' && !this.#context.input.isTerminal) this.outcome = 'failed';
  }

  /** A person goes on with the console's names while a statement that was called off is in a call of C; a script ends. */
  async #run(): Promise<ConsoleOutcome['state']> {
    try {
      return (await runStatement(this.#opened, this.#source, this.#context)).state;
    } catch (error) {
      const goesOn = error instanceof EvaluationCancelledError && error.goesOn;
      if (!goesOn || !this.#context.input.isTerminal) throw error;
      reportFailure(error, this.#context);
      return 'failed';
    }
  }
}

/** Runs one statement. */
export async function runOnce(opened: AgentConsole, statement: string, context: Context): Promise<Outcome> {
  // A block ends with an empty line, which nobody types here.
  const first = await runStatement(opened, statement, context);
  const last = first.state === 'incomplete' ? await runStatement(opened, `${statement}\n`, context) : first;
  if (last.isInterrupted) return 'interrupted';
  if (last.state === 'incomplete') throw new BadArgumentError('Cannot run the statement: it is incomplete');
  if (last.state === 'ended') return last.code === undefined || last.code === '0' ? 'complete' : 'failed';
  return last.state === 'failed' ? 'failed' : 'complete';
}

/** Ctrl-C interrupts the statement; a second one, which that does not heed, ends the program. */
async function runStatement(
  opened: AgentConsole,
  source: string,
  { takeInterrupts, onInterrupt, out, note }: Context,
): Promise<ConsoleOutcome & { readonly isInterrupted: boolean }> {
  const abort = new AbortController();
  const release = takeInterrupts(() => {
    const isFirst = !abort.signal.aborted;
    abort.abort();
    return isFirst;
  });
  const forget = onInterrupt(() => abort.abort());
  let errors = '';
  try {
    const outcome = await opened.run(source, {
      signal: abort.signal,
      onOutput: (text, stream) => {
        if (stream === 'out') out(escapeLines(text));
        else errors += text;
      },
    });
    return { ...outcome, isInterrupted: abort.signal.aborted };
  } finally {
    release();
    forget();
    if (errors !== '') note(escapeLines(errors.replace(/\n$/u, '')));
  }
}

/** An indentation at the start of a line, else the names that a dotted name can go on with. */
async function completionsOf(
  opened: AgentConsole,
  line: string,
): Promise<readonly [words: readonly string[], replaced: string]> {
  if (line.trim() === '') return [['    '], ''];
  const typed = /[\p{L}\p{N}_.]*$/u.exec(line)?.[0] ?? '';
  const names = await opened.complete(typed);
  return [names, typed.slice(typed.lastIndexOf('.') + 1)];
}
