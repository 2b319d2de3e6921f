import type { Command } from './command.ts';
import type { HelpFrame } from './grammar.ts';
import { USUAL_COLUMNS, wrap } from './wrapping.ts';

/** What the program does, in a sentence. */
const PURPOSE = 'Looks into running Python processes, with nothing installed inside them.';

const WAYS: readonly (readonly [commandLine: string, effect: string])[] = [
  ['', 'choose a process and see its stacks'],
  ['<pid>', 'see the stacks of a process'],
  ['<pid> --cmd "stack --locals"', 'run one command on it, as PyFlightProfiler does'],
];

/** Renders the page that `--help` prints: the ways to call the program and a line for each command. */
export function* overviewLines(
  commands: readonly Command[],
  { programName, columns }: HelpFrame,
): Generator<string> {
  const width = columns ?? USUAL_COLUMNS;
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

function* entry(term: string, explanation: string, width: number): Generator<string> {
  const isBeside = width >= EXPLANATION_COLUMN + 20;
  if (!isBeside) {
    yield `  ${term}`;
    yield* wrap(explanation, '      ', width);
    return;
  }
  const [first = '', ...others] = wrap(explanation, ' '.repeat(EXPLANATION_COLUMN), width);
  yield `  ${term}`.padEnd(EXPLANATION_COLUMN) + first.trimStart();
  yield* others;
}
