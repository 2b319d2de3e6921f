import { Argument, CommanderError, Option, Command as Parser } from 'commander';
import { BadArgumentError } from '../base/errors.ts';
import {
  type ArgumentSpec,
  argumentTerm,
  CORE_OPTIONS,
  type Command,
  flagOf,
  type OptionSpec,
  optionsOf,
} from './command.ts';
import { optionRows } from './option-rows.ts';
import { chooseTarget, processIdOf, type TargetChoice } from './target-choice.ts';

/** Values as they were parsed, by the names of options and arguments. */
export type ParsedValues = Readonly<Record<string, Value>>;

type Value = boolean | number | string | undefined | TargetChoice;

/** What came of reading a command line. */
export type Parsed =
  | {
      readonly kind: 'values';
      readonly values: ParsedValues;
      readonly noColor: boolean;
      readonly verbosity: number;
    }
  | { readonly kind: 'help' }
  /** What is wrong with the command line, in a sentence. */
  | { readonly kind: 'usage'; readonly message: string };

/** Reads the words after a command's name by its declaration. */
export function parseCommandLine(command: Command, words: readonly string[]): Parsed {
  let output = '';
  const values = new Map<string, Value>();
  const parser = makeParser(command, values).configureOutput({
    writeOut: () => undefined,
    writeErr: (text) => {
      output += text;
    },
  });
  try {
    parser.parse(normalised(command, words), { from: 'user' });
    for (const [index, [name, spec]] of Object.entries(command.arguments).entries())
      values.set(name, argumentValue(spec, parser.args[index], values));
  } catch (error) {
    if (error instanceof BadArgumentError) return { kind: 'usage', message: error.message };
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === 'commander.helpDisplayed') return { kind: 'help' };
    return { kind: 'usage', message: output.trimEnd().replace(/^error: /, '') };
  }
  const { noColor, verbose, ...own } = Object.fromEntries(values);
  return {
    kind: 'values',
    values: own,
    noColor: noColor === true,
    verbosity: typeof verbose === 'number' ? verbose : 0,
  };
}

function makeParser(command: Command, values: Map<string, Value>): Parser {
  const parser = new Parser(command.name)
    .helpOption('-h, --help')
    .helpCommand(false)
    .allowExcessArguments(false)
    .exitOverride();
  for (const [name, spec] of Object.entries(command.arguments))
    parser.addArgument(new Argument(argumentTerm(name, spec)));
  for (const [name, spec] of Object.entries(optionsOf(command))) {
    values.set(name, initialValue(spec));
    for (const option of parserOptionsOf(name, spec)) {
      parser.addOption(option);
      parser.on(`option:${option.name()}`, (given: string | undefined) => {
        values.set(name, nextValue(spec, values.get(name), given ?? option.name()));
      });
    }
  }
  return parser;
}

function parserOptionsOf(name: string, spec: OptionSpec): readonly Option[] {
  return optionRows(name, spec).map(([flags]) => new Option(flags.replace('[=', ' [=')));
}

function initialValue(spec: OptionSpec): Value {
  if (spec.kind === 'flag') return false;
  if (spec.kind === 'count') return 0;
  return spec.kind === 'choice' ? spec.choices[0] : undefined;
}

/** The value of an option after one more word for it; `given` is its value, or the flag's name where it has none. */
function nextValue(spec: OptionSpec, before: Value, given: string): boolean | number | string {
  switch (spec.kind) {
    case 'flag':
      return true;
    case 'count':
      return (typeof before === 'number' ? before : 0) + 1;
    case 'text':
    case 'modes':
      return given;
    case 'choice':
      if (spec.choices.includes(given)) return given;
      throw new BadArgumentError(`Cannot use ${given} here: choose one of ${spec.choices.join(', ')}`);
    case 'seconds':
      return secondsOf(given);
  }
}

function secondsOf(given: string): number {
  const seconds = Number(given);
  if (/^[0-9.]+$/.test(given) && seconds >= 0.05 && seconds <= 86_400) return seconds;
  throw new BadArgumentError(`Cannot use ${given} as a number of seconds: it must lie within 0.05 and 86400`);
}

/** The options that choose a core belong to the choice, and not to the command. */
function argumentValue(spec: ArgumentSpec, word: string | undefined, values: Map<string, Value>): Value {
  if (spec.kind === 'pid') return processIdOf(word ?? '');
  if (spec.kind !== 'target') return word;
  const given = Object.keys(CORE_OPTIONS).map((name): [string, string | undefined] => {
    const value = values.get(name);
    values.delete(name);
    return [name, typeof value === 'string' ? value : undefined];
  });
  return chooseTarget(word, Object.fromEntries(given));
}

/**
 * Writes out what commander does not know: beginnings of long options, as Python's argparse takes them (`--loc` for
 * `--locals`), and `--watch` without its time, which must not take the word after it.
 */
function normalised(command: Command, words: readonly string[]): readonly string[] {
  const specs = Object.entries(optionsOf(command));
  const bareValues = new Map(
    specs.flatMap(([name, spec]) => (spec.kind === 'seconds' ? [[flagOf(name), spec.whenBare]] : [])),
  );
  const flags = specs.flatMap(([name, spec]) =>
    spec.kind === 'modes' ? Object.keys(spec.modes).map((mode) => `--${mode}`) : [flagOf(name)],
  );
  const end = words.indexOf('--');
  return words.map((word, index) => {
    if (!word.startsWith('--') || (end !== -1 && index >= end)) return word;
    const [typed = '', ...value] = word.split('=');
    const flag = fullFlag(typed, [...flags, '--help']);
    const bareValue = bareValues.get(flag);
    if (value.length === 0 && bareValue !== undefined) return `${flag}=${bareValue}`;
    return [flag, ...value].join('=');
  });
}

function fullFlag(typed: string, flags: readonly string[]): string {
  if (flags.includes(typed)) return typed;
  const meant = flags.filter((flag) => flag.startsWith(typed));
  if (meant.length > 1) throw new BadArgumentError(`Cannot tell what ${typed} means: ${meant.join(' or ')}`);
  return meant[0] ?? typed;
}
