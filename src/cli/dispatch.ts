import { PLAIN } from '../report/style.ts';
import type { Command } from './command.ts';
import { COMMANDS } from './commands/index.ts';
import type { Context } from './context.ts';
import { OUTCOME_STATUS } from './exit-status.ts';
import { reportFailure, reportUsage } from './failure.ts';
import type { ParsedValues } from './grammar.ts';
import { withImpliedPid } from './implied-pid.ts';
import { nearestWord } from './nearest.ts';
import { isSession, makeSession } from './session.ts';

/** Does what the command line says and answers the status to exit with; never throws. */
export async function dispatch(base: Context): Promise<number> {
  let context = base;
  try {
    const opening = openingOptions(base.argv);
    context = withCommonOptions(base, opening);
    if (opening.wants === 'version') return await printVersion(context);
    if (opening.wants === 'help') return await runNamed('help', [], context);
    if (opening.unknown !== undefined) return unknownOption(opening.unknown, context);
    return await runWords(opening.rest, context);
  } catch (error) {
    return reportFailure(error, context);
  }
}

/** The command line of a pid alone, or with `--cmd`. */
export const session: Command = makeSession(runNamed);

interface Opening {
  readonly noColor: boolean;
  readonly verbosity: number;
  readonly wants: 'version' | 'help' | undefined;
  readonly unknown: string | undefined;
  /** From the first word that is not an option of the whole program. */
  readonly rest: readonly string[];
}

/** Reads the options before the command, which are the same for all of them. */
function openingOptions(argv: readonly string[]): Opening {
  let noColor = false;
  let verbosity = 0;
  for (const [index, word] of argv.entries()) {
    const rest = argv.slice(index);
    if (/^-v+$/.test(word)) verbosity += word.length - 1;
    else if (word === '--verbose') verbosity += 1;
    else if (word === '--no-color') noColor = true;
    else {
      const wants = OPENING_WISHES[word];
      const isOption = word.startsWith('-') && wants === undefined && !/^--cmd(=|$)/.test(word);
      return { noColor, verbosity, wants, unknown: isOption ? word : undefined, rest };
    }
  }
  return { noColor, verbosity, wants: undefined, unknown: undefined, rest: [] };
}

const OPENING_WISHES: Readonly<Record<string, 'version' | 'help'>> = {
  '-h': 'help',
  '--help': 'help',
  '-V': 'version',
  '--version': 'version',
};

const OPENING_FLAGS: readonly string[] = ['--verbose', '--no-color', '--help', '--version'];

function unknownOption(typed: string, context: Context): number {
  const nearest = nearestWord(typed, OPENING_FLAGS);
  const hint = nearest === undefined ? '' : `\n(Did you mean ${nearest}?)`;
  reportUsage(`unknown option '${typed}'${hint}`, '--help', context);
  return OUTCOME_STATUS.usage;
}

async function printVersion(context: Context): Promise<number> {
  const { VERSION } = await import('./version.ts');
  context.out(`${VERSION}\n`);
  return OUTCOME_STATUS.complete;
}

async function runWords(words: readonly string[], context: Context): Promise<number> {
  const [name, ...rest] = words;
  if (name === undefined) return await runWithoutWords(context);
  const isPid = /^[0-9]+$/.test(name);
  if ((isSession(words) && !Object.hasOwn(COMMANDS, name)) || (isPid && rest.every(isCommonOption)))
    return await runParsed(session, words, context);
  // A pid with options of `stack` stands for `stack`.
  if (isPid) return await runNamed('stack', words, context);
  return await runNamed(name, rest, context);
}

async function runWithoutWords(context: Context): Promise<number> {
  if (context.ask === undefined) return await runNamed('ps', [], context);
  const { pickProcess } = await import('./picker.ts');
  const pid = await pickProcess(context.ask, context);
  return pid === undefined ? OUTCOME_STATUS.complete : await runParsed(session, [`${pid}`], context);
}

/** Whether a word is one of the options that every command has. */
function isCommonOption(word: string): boolean {
  return /^-v+$/.test(word) || OPENING_FLAGS.includes(word) || word === '-h';
}

async function runNamed(name: string, words: readonly string[], context: Context): Promise<number> {
  const load = Object.hasOwn(COMMANDS, name) ? COMMANDS[name] : undefined;
  if (load === undefined) {
    const nearest = nearestWord(name, Object.keys(COMMANDS));
    const hint = nearest === undefined ? '' : `\n(Did you mean ${nearest}?)`;
    reportUsage(
      `unknown command '${name}'${hint}`,
      context.session?.isPrompt === true ? 'help' : '--help',
      context,
    );
    return OUTCOME_STATUS.usage;
  }
  const command = await load();
  const { session: given } = context;
  return await runParsed(
    command,
    given === undefined ? words : withImpliedPid(command, words, given.pid),
    context,
  );
}

async function runParsed(command: Command, words: readonly string[], context: Context): Promise<number> {
  const { parseCommandLine } = await import('./grammar.ts');
  const parsed = parseCommandLine(command, words);
  switch (parsed.kind) {
    case 'help':
      context.out(await helpOf(command, context));
      return OUTCOME_STATUS.complete;
    case 'usage':
      reportUsage(parsed.message, `${command.name} --help`.trimStart(), context);
      return OUTCOME_STATUS.usage;
    case 'values':
      return await runCommand(command, parsed.values, withCommonOptions(context, parsed));
  }
}

async function helpOf(command: Command, context: Context): Promise<string> {
  const { helpFrameOf, helpPage } = await import('./help/help-page.ts');
  return helpPage(command, helpFrameOf(context));
}

async function runCommand(command: Command, values: ParsedValues, context: Context): Promise<number> {
  try {
    const outcome = await command.run(values, context);
    return typeof outcome === 'number' ? outcome : OUTCOME_STATUS[outcome];
  } catch (error) {
    return command.reportFailure?.(error, context) ?? reportFailure(error, context);
  }
}

/** The options before and after the command add up: colours are off when either says so, the greater `-v` counts. */
function withCommonOptions(
  context: Context,
  { noColor, verbosity }: { readonly noColor: boolean; readonly verbosity: number },
): Context {
  return {
    ...context,
    verbosity: Math.max(context.verbosity, verbosity),
    ...(noColor ? { style: PLAIN, hasEmoji: false } : {}),
  };
}
