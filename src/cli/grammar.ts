import { Argument, CommanderError, Help, Option, Command as Parser } from 'commander';
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
import { chooseTarget, processIdOf, type TargetChoice } from './target-choice.ts';
import { USUAL_COLUMNS, wrap } from './wrapping.ts';

/** Where the help goes and how wide it may be. */
export interface HelpFrame {
  readonly programName: string;
  readonly columns: number | undefined;
}

/** Values as they were parsed, by the names of options and arguments. */
export type ParsedValues = Readonly<Record<string, Value>>;

type Value = boolean | number | string | readonly string[] | undefined | TargetChoice;

/** What came of reading a command line. */
export type Parsed =
  | {
      readonly kind: 'values';
      readonly values: ParsedValues;
      readonly noColor: boolean;
      readonly verbosity: number;
    }
  | { readonly kind: 'help'; readonly text: string }
  /** What is wrong with the command line, in a sentence. */
  | { readonly kind: 'usage'; readonly message: string };

/** Narrower than commander's own 40, so that help still wraps on a terminal of 40 columns. */
const NARROWEST_HELP_COLUMN = 12;

/** What commander leaves free before a term and behind it. */
const ITEM_GAPS = 4;

/** Reads the words after a command's name by its declaration. */
export function parseCommandLine(command: Command, words: readonly string[], frame: HelpFrame): Parsed {
  let output = '';
  const values = new Map<string, Value>();
  const parser = makeParser(command, frame, values).configureOutput({
    writeOut: (text) => {
      output += text;
    },
    writeErr: (text) => {
      output += text;
    },
    getOutHelpWidth: () => frame.columns ?? 80,
  });
  try {
    parser.parse(normalised(command, words), { from: 'user' });
    readArguments(command, parser.args, values);
  } catch (error) {
    if (error instanceof BadArgumentError) return { kind: 'usage', message: error.message };
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === 'commander.helpDisplayed') return { kind: 'help', text: output };
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

/** Renders what `--help` prints. */
export function helpOf(command: Command, frame: HelpFrame): string {
  const parsed = parseCommandLine(command, ['--help'], frame);
  return parsed.kind === 'help' ? parsed.text : '';
}

/** A term and what it means beside it, or below it where there is no room for a column. */
function formatItem(term: string, termColumns: number, meaning: string, help: Help): string {
  const columns = help.helpWidth ?? USUAL_COLUMNS;
  if (columns - termColumns - ITEM_GAPS >= NARROWEST_HELP_COLUMN)
    return Help.prototype.formatItem.call(help, term, termColumns, meaning, help);
  return [`  ${term}`, ...wrap(meaning, '      ', columns)].join('\n');
}

function makeParser(command: Command, frame: HelpFrame, values: Map<string, Value>): Parser {
  const parser = new Parser(`${frame.programName} ${command.name}`.trimEnd())
    .description(`${command.summary}.`)
    .helpOption('-h, --help', 'Show this help')
    .allowExcessArguments(false)
    .configureHelp({
      minWidthToWrap: NARROWEST_HELP_COLUMN,
      optionTerm: (option) => option.flags.replace(' [=seconds]', '[=seconds]'),
      formatItem,
    })
    .exitOverride();
  for (const [name, spec] of Object.entries(command.arguments))
    parser.addArgument(new Argument(argumentTerm(name, spec), spec.help));
  for (const [name, spec] of Object.entries(optionsOf(command))) {
    values.set(name, initialValue(spec));
    for (const option of parserOptionsOf(name, spec)) {
      parser.addOption(option);
      parser.on(`option:${option.name()}`, (given: string | undefined) => {
        values.set(name, nextValue(spec, values.get(name), given ?? option.name()));
      });
    }
  }
  const examples = command.examples.flatMap(([line, effect]) => [
    `  ${frame.programName} ${line}`,
    ...wrap(effect, '      ', frame.columns ?? USUAL_COLUMNS),
  ]);
  if (examples.length > 0) parser.addHelpText('after', ['', 'Examples:', ...examples].join('\n'));
  return parser;
}

function parserOptionsOf(name: string, spec: OptionSpec): readonly Option[] {
  const flag = flagOf(name);
  const short = 'short' in spec && spec.short !== undefined ? `-${spec.short}, ` : '';
  switch (spec.kind) {
    case 'flag':
    case 'count':
      return [new Option(`${short}${flag}`, spec.help)];
    case 'text':
      return [new Option(`${short}${flag} <${spec.valueName}>`, spec.help)];
    case 'choice':
      return [new Option(`${short}${flag} <${name}>`, `${spec.help}: ${spec.choices.join(', ')}`)];
    case 'number':
      return [new Option(`${short}${flag} <${spec.valueName}>`, `${spec.help} (${numberBounds(spec)})`)];
    case 'words':
      return [new Option(`${short}${flag} <${spec.valueNames.join('> <')}>`, spec.help)];
    case 'seconds':
      return [new Option(`${flag} [=seconds]`, `${spec.help} (every ${spec.whenBare} s without a number)`)];
    case 'modes':
      return Object.entries(spec.modes).map(([mode, help]) => new Option(`--${mode}`, help));
  }
}

function initialValue(spec: OptionSpec): Value {
  if (spec.kind === 'flag') return false;
  if (spec.kind === 'count') return 0;
  if (spec.kind === 'number') return spec.whenAbsent;
  return spec.kind === 'choice' ? spec.choices[0] : undefined;
}

/** The value of an option after one more word for it; `given` is its value, or the flag's name where it has none. */
function nextValue(
  spec: OptionSpec,
  before: Value,
  given: string,
): boolean | number | string | readonly string[] {
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
    case 'number':
      return numberOf(spec, given);
    case 'words':
      return wordsOf(spec, given);
  }
}

type NumberSpec = Extract<OptionSpec, { readonly kind: 'number' }>;
type WordsSpec = Extract<OptionSpec, { readonly kind: 'words' }>;

function numberOf(spec: NumberSpec, given: string): number {
  const number = Number(given);
  const isNumber = /^-?[0-9]+$/.test(given);
  if (isNumber && (number === spec.all || (number >= spec.least && number <= spec.most))) return number;
  throw new BadArgumentError(`Cannot use ${given} as ${spec.valueName}: it must be ${numberBounds(spec)}`);
}

/** `1 to 6, or -1 for all; 2 without it`. */
export function numberBounds({ least, most, all, whenAbsent }: NumberSpec): string {
  const bounds = most === Number.MAX_SAFE_INTEGER ? `${least} or more` : `${least} to ${most}`;
  return `${bounds}${all === undefined ? '' : `, or ${all} for all`}; ${whenAbsent} without it`;
}

/** Between words that were typed apart. */
const WORD_END = '\0';

function wordsOf({ valueNames }: WordsSpec, given: string): readonly string[] {
  const words = given.split(/[\0:\s]+/u).filter((word) => word !== '');
  if (words.length === valueNames.length) return words;
  throw new BadArgumentError(
    `Cannot use ${words.join(' ')} here: name ${valueNames.join(' and ')}, with a blank between`,
  );
}

function secondsOf(given: string): number {
  const seconds = Number(given);
  if (/^[0-9.]+$/.test(given) && seconds >= 0.05 && seconds <= 86_400) return seconds;
  throw new BadArgumentError(`Cannot use ${given} as a number of seconds: it must lie within 0.05 and 86400`);
}

/** With a core there is no pid, so that the words begin with the next argument. */
function readArguments(command: Command, words: readonly string[], values: Map<string, Value>): void {
  const specs = Object.entries(command.arguments);
  const left = [...words];
  for (const [name, spec] of specs) {
    const isCore = spec.kind === 'target' && values.get('core') !== undefined && specs.length > 1;
    const word = isCore ? undefined : spec.kind === 'rest' ? undefined : left.shift();
    values.set(name, spec.kind === 'rest' ? left.splice(0) : argumentValue(spec, word, values));
  }
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
  const joined = withWordsJoined(specs, words);
  const end = joined.indexOf('--');
  return joined.map((word, index) => {
    if (!word.startsWith('--') || (end !== -1 && index >= end)) return word;
    const [typed = '', ...value] = word.split('=');
    const flag = fullFlag(typed, [...flags, '--help']);
    const bareValue = bareValues.get(flag);
    if (value.length === 0 && bareValue !== undefined) return `${flag}=${bareValue}`;
    return [flag, ...value].join('=');
  });
}

/** Makes one word of those that belong to one flag; an option in their place ends them. */
function withWordsJoined(
  specs: readonly (readonly [string, OptionSpec])[],
  words: readonly string[],
): readonly string[] {
  const counts = new Map(
    specs.flatMap(([name, spec]): readonly (readonly [string, number])[] => {
      if (spec.kind !== 'words') return [];
      const count = spec.valueNames.length;
      return [
        [flagOf(name), count],
        ...(spec.short === undefined ? [] : [[`-${spec.short}`, count] as const]),
      ];
    }),
  );
  const left = [...words];
  const joined: string[] = [];
  for (let word = left.shift(); word !== undefined; word = left.shift()) {
    joined.push(word);
    const count = counts.get(word);
    if (count === undefined) continue;
    const values: string[] = [];
    // One that has a colon or a blank in it is all of them.
    const isWhole = () => /[:\s]/u.test(values[0] ?? '');
    while (values.length < count && !isWhole() && left[0] !== undefined && !left[0].startsWith('-'))
      values.push(left.shift() ?? '');
    if (values.length > 0) joined.push(values.join(WORD_END));
  }
  return joined;
}

function fullFlag(typed: string, flags: readonly string[]): string {
  if (flags.includes(typed)) return typed;
  const meant = flags.filter((flag) => flag.startsWith(typed));
  if (meant.length > 1) throw new BadArgumentError(`Cannot tell what ${typed} means: ${meant.join(' or ')}`);
  return meant[0] ?? typed;
}
