import type { Style } from '../../report/style.ts';
import { USUAL_COLUMNS, wrap } from '../../report/wrapping.ts';
import { argumentTerm, type Command, isTarget, type Level, optionsOf } from '../command.ts';
import type { Context } from '../context.ts';
import { optionRows } from './option-rows.ts';
import { termLines } from './term-lines.ts';

/** Where help goes: how commands are called there, and how wide it may be. */
export interface HelpFrame {
  readonly programName: string;
  readonly style: Style;
  readonly columns: number | undefined;
  /** At our prompt commands stand without the program's name and the pid. */
  readonly isPrompt: boolean;
}

/** What is done to a process at each level. */
const LEVEL_MEANINGS: Readonly<Record<Level, string>> = {
  L0: 'reads while the process runs',
  L1: 'stops the process for about a millisecond',
  L2: 'runs our agent inside the process',
  L3: 'hooks functions of the process',
  L4: 'changes the state of the process',
};

/** The frame of help that a command line asks for. */
export function helpFrameOf({ programName, style, columns, session }: Context): HelpFrame {
  return { programName, style, columns, isPrompt: session?.isPrompt === true };
}

/** Renders what `help stack` and `stack --help` print, in the sections of PyFlightProfiler. */
export function helpPage(command: Command, frame: HelpFrame): string {
  const sections = [
    ['USAGE', [...usageLines(command, frame)]],
    ['SUMMARY', [...summaryLines(command, frame)]],
    ['EXAMPLES', [...exampleLines(command, frame)]],
    ['OPTIONS', [...optionLines(command, frame)]],
  ] as const;
  return sections
    .filter(([, lines]) => lines.length > 0)
    .map(([title, lines]) => `${[frame.style.green(`├─ ${title}`), ...lines].join('\n')}\n`)
    .join('\n');
}

/** The process that examples are about. */
const EXAMPLE_PID = '4242';

function* usageLines(command: Command, frame: HelpFrame): Generator<string> {
  const words = Object.entries(command.arguments)
    .filter(([, spec]) => !frame.isPrompt || (spec.kind !== 'pid' && !isTarget(spec)))
    .map(([name, spec]) => argumentTerm(name, spec));
  yield* callLines([command.name, ...words, '[options]'].filter(Boolean).join(' '), frame);
}

function* summaryLines(command: Command, frame: HelpFrame): Generator<string> {
  const columns = frame.columns ?? USUAL_COLUMNS;
  yield* wrap(`${command.summary}.`, '  ', columns);
  for (const sentence of levelSentences(command)) yield* wrap(sentence, '  ', columns);
}

/** Says what a command does to the process, and which options make it do more. */
export function levelSentences({ level, raised, options }: Command): readonly string[] {
  if (level === undefined) return [];
  const without = 'noBlock' in options ? ' (L0 with --no-block)' : '';
  return [
    `Level ${level}: ${LEVEL_MEANINGS[level]}${without}.`,
    ...(raised === undefined
      ? []
      : [`With ${raised.by} level ${raised.level}: ${LEVEL_MEANINGS[raised.level]}.`]),
  ];
}

function* exampleLines({ examples }: Command, frame: HelpFrame): Generator<string> {
  for (const [line, effect] of examples) {
    // A shell's own words are not for the prompt.
    if (frame.isPrompt && line.includes('||')) continue;
    yield* callLines(frame.isPrompt ? line.replace(` ${EXAMPLE_PID}`, '') : line, frame);
    yield* wrap(effect, '      ', frame.columns ?? USUAL_COLUMNS);
  }
}

/** A command line as it is typed. */
function* callLines(line: string, { programName, isPrompt, columns, style }: HelpFrame): Generator<string> {
  const typed = isPrompt ? line : `${programName} ${line}`;
  const [first = '', ...others] = wrap(typed, '    ', columns ?? USUAL_COLUMNS);
  yield `  ${style.green('➜')} ${first.trimStart()}`;
  yield* others;
}

function* optionLines(command: Command, { columns, isPrompt }: HelpFrame): Generator<string> {
  const words = Object.entries(command.arguments).map(([name, spec]): readonly [string, string] => [
    argumentTerm(name, spec),
    spec.help,
  ]);
  const rows = [
    ...(isPrompt ? words.filter(([term]) => term !== '<pid>' && term !== '[pid]') : words),
    ...Object.entries(optionsOf(command)).flatMap(([name, spec]) => optionRows(name, spec)),
    ['-h, --help', 'Show this help'] as const,
  ];
  const indent = Math.max(...rows.map(([term]) => term.length)) + TERM_GAPS;
  const column = { indent, columns: columns ?? USUAL_COLUMNS, narrowest: NARROWEST_MEANING };
  for (const [term, meaning] of rows) yield* termLines(term, meaning, column);
}

/** Narrower than this, meanings go below their terms. */
const NARROWEST_MEANING = 28;

/** What stays free before a term and behind it. */
const TERM_GAPS = 4;
