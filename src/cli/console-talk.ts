import type { AgentConsole, ConsoleOutcome } from '../api/index.ts';
import { BadArgumentError } from '../base/errors.ts';
import { escapeLines } from '../base/escaping.ts';
import type { Context } from './context.ts';
import type { Outcome } from './exit-status.ts';
import type { LineReader } from './prompt/line-editor.ts';

/** Runs what is typed at a Python prompt, until `exit()` or the end of the input. */
export async function converse(opened: AgentConsole, reader: LineReader, context: Context): Promise<Outcome> {
  const { note, input } = context;
  if (input.isTerminal) note(escapeLines(opened.banner));
  const history: string[] = [];
  const complete = (line: string) => completionsOf(opened, line);
  let outcome: Outcome = 'complete';
  let source = '';
  for (;;) {
    const answer = await reader.read({ prompt: source === '' ? '>>> ' : '... ', history, complete });
    // Behind the last block of a script there is no empty line.
    if (answer.kind === 'end') return source.trim() === '' ? outcome : await runOnce(opened, source, context);
    if (answer.kind === 'interrupt') {
      note('KeyboardInterrupt');
      source = '';
      continue;
    }
    if (answer.text.trim() !== '') history.push(answer.text);
    source = source === '' ? answer.text : `${source}\n${answer.text}`;
    if (source.trim() === '') {
      source = '';
      continue;
    }
    const { state } = await runStatement(opened, source, context);
    if (state === 'ended') return outcome;
    if (state !== 'incomplete') source = '';
    // A person has seen it; a script is told by the status.
    if (state === 'failed' && !input.isTerminal) outcome = 'failed';
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
