import { USUAL_COLUMNS, wrap } from '../../report/wrapping.ts';
import type { Command } from '../command.ts';
import type { HelpFrame } from './help-page.ts';
import { termLines } from './term-lines.ts';

/** What the program does, in a sentence. */
const PURPOSE = 'Looks into running Python processes, with nothing installed inside them.';

const WAYS: readonly (readonly [commandLine: string, effect: string])[] = [
  ['', 'choose a process'],
  ['<pid>', 'open a prompt on a process; or run the commands of standard input'],
  ['<pid> --cmd "stack --locals"', 'run one command on it, as PyFlightProfiler does'],
];

/** Renders what `help` prints: a line for each command, and around them how they are called. */
export function* overviewLines(commands: readonly Command[], frame: HelpFrame): Generator<string> {
  const width = frame.columns ?? USUAL_COLUMNS;
  if (frame.isPrompt) {
    yield frame.style.green('├─ COMMANDS');
    for (const { name, summary } of commands) yield* entry(name, summary, width, PROMPT_COLUMN);
    yield '';
    yield frame.style.green('├─ BEHIND A COMMAND');
    for (const [term, meaning] of BEHIND) yield* entry(term, meaning, width, PROMPT_COLUMN);
    return;
  }
  yield* pageLines(commands, frame.programName, width);
}

const BEHIND: readonly (readonly [term: string, meaning: string])[] = [
  ['-h, --help', 'show all that it can do, as help with its name does'],
  ['| program', 'give what it prints to a program: | less, | grep x'],
  ['> file', 'write it to a file; >> file appends'],
];

function* pageLines(commands: readonly Command[], programName: string, width: number): Generator<string> {
  yield* wrap(PURPOSE, '', width);
  yield '';
  yield 'Usage:';
  for (const [line, effect] of WAYS) yield* entry(`${programName} ${line}`.trimEnd(), effect, width);
  yield* entry(`${programName} <command> [options]`, 'one of these:', width);
  yield '';
  yield 'Commands:';
  for (const { name, summary } of commands) yield* entry(name, summary, width);
  yield '';
  yield 'Options, before or after the command:';
  yield* entry('-v, --verbose', 'say more; repeat it for more still', width);
  yield* entry('--no-color', 'no colours, even on a terminal', width);
  yield* entry('-V, --version', 'show the version', width);
  yield* entry('-h, --help', 'show this page, or that of a command', width);
}

/** Column at which the explanations begin, where the terminal is wide enough. */
const EXPLANATION_COLUMN = 42;

/** The same at the prompt, where the commands stand alone. */
const PROMPT_COLUMN = 15;

function* entry(
  term: string,
  explanation: string,
  width: number,
  column = EXPLANATION_COLUMN,
): Generator<string> {
  yield* termLines(term, explanation, { indent: column, columns: width, narrowest: 20 });
}
