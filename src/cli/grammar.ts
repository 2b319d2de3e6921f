import { Argument, CommanderError, Option, Command as Parser } from 'commander';
import { BadArgumentError } from '../base/errors.ts';
import {
  type ArgumentSpec,
  argumentTerm,
  CORE_OPTIONS,
  type Command,
  flagOf,
  isTarget,
  type OptionSpec,
  optionsOf,
} from './command.ts';
import { type NumberSpec, numberBounds, optionRows } from './help/option-rows.ts';
import { chooseTarget, processIdOf, type TargetChoice } from './target-choice.ts';

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
  | { readonly kind: 'help' }
  /** What is wrong with the command line, in a sentence. */
  | { readonly kind: 'usage'; readonly message: string };

/** Reads the words after a command's name by its declaration. */
export function parseCommandLine(command: Command, words: readonly string[]): Parsed {
  const refused = command.withoutJson === undefined ? undefined : words.find(isJsonWish);
  if (refused !== undefined)
    return { kind: 'usage', message: `${command.name} has no ${refused}: ${command.withoutJson}` };
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
    readArguments(command, parser.args, values);
  } catch (error) {
    if (error instanceof BadArgumentError) return { kind: 'usage', message: error.message };
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === 'commander.helpDisplayed') return { kind: 'help' };
    if (error.code === 'commander.excessArguments')
      return { kind: 'usage', message: tooManyWords(command, parser.args, words) };
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

/** Not how many words there were: at a prompt nobody has typed the pid. */
function tooManyWords(command: Command, args: readonly string[], words: readonly string[]): string {
  const excess = args.slice(Object.keys(command.arguments).length).join(' ');
  const times = bareValuesOf(command);
  const bare = words.find((word, index) => times.has(word) && /^[0-9.]+$/u.test(words[index + 1] ?? ''));
  const time = words[words.indexOf(bare ?? '') + 1];
  const hint = bare === undefined ? '' : `\n(The time of ${bare} is joined to it: ${bare}=${time})`;
  return `too many words: ${excess}${hint}`;
}

/** Options that take a time, each with the one that it has without. */
function bareValuesOf(command: Command): ReadonlyMap<string, number> {
  return new Map(
    Object.entries(optionsOf(command)).flatMap(([name, spec]) =>
      spec.kind === 'seconds' ? [[flagOf(name), spec.whenBare] as const] : [],
    ),
  );
}

function isJsonWish(word: string): boolean {
  return word === '--json' || word === '--jsonl';
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
        values.set(name, nextValue([name, spec], values.get(name), given ?? option.name()));
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
  if (spec.kind === 'number') return spec.whenAbsent;
  return spec.kind === 'choice' ? spec.choices[0] : undefined;
}

/** The value of an option after one more word for it; `given` is its value, or the flag's name where it has none. */
function nextValue(
  [name, spec]: readonly [string, OptionSpec],
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
      throw new BadArgumentError(
        `Cannot use ${given} as ${flagOf(name)}: choose one of ${spec.choices.join(', ')}`,
      );
    case 'seconds':
      return secondsOf(given);
    case 'number':
      return numberOf(spec, given);
    case 'words':
      return wordsOf(spec.valueNames, given);
  }
}

function numberOf(spec: NumberSpec, given: string): number {
  const number = Number(given);
  const isNumber = /^-?[0-9]+$/.test(given);
  if (isNumber && (number === spec.all || (number >= spec.least && number <= spec.most))) return number;
  throw new BadArgumentError(`Cannot use ${given} as ${spec.valueName}: it must be ${numberBounds(spec)}`);
}

/** Between words that were typed apart. */
const WORD_END = '\0';

/** Parts words that belong together, with blanks or colons between them. */
export function wordsOf(valueNames: readonly string[], given: string): readonly string[] {
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
    const isCore = isTarget(spec) && values.get('core') !== undefined && specs.length > 1;
    const isLeftOut = spec.kind === 'optional-target' && !/^[0-9]+$/.test(left[0] ?? '');
    const word = isCore || isLeftOut ? undefined : spec.kind === 'rest' ? undefined : left.shift();
    values.set(name, spec.kind === 'rest' ? left.splice(0) : argumentValue(spec, word, values));
  }
}

/** The options that choose a core belong to the choice, and not to the command. */
function argumentValue(spec: ArgumentSpec, word: string | undefined, values: Map<string, Value>): Value {
  if (spec.kind === 'pid') return processIdOf(word ?? '');
  if (!isTarget(spec)) return word;
  const given = Object.keys(CORE_OPTIONS).map((name): [string, string | undefined] => {
    const value = values.get(name);
    values.delete(name);
    return [name, typeof value === 'string' ? value : undefined];
  });
  const isNone = word === undefined && given.every(([, value]) => value === undefined);
  if (spec.kind === 'optional-target' && isNone) return undefined;
  return chooseTarget(word, Object.fromEntries(given));
}

/**
 * Writes out what commander does not know: beginnings of long options, as Python's argparse takes them (`--loc` for
 * `--locals`), and `--watch` without its time, which must not take the word after it.
 */
function normalised(command: Command, words: readonly string[]): readonly string[] {
  const specs = Object.entries(optionsOf(command));
  const bareValues = bareValuesOf(command);
  const flags = specs.flatMap(([name, spec]) =>
    spec.kind === 'modes' ? Object.keys(spec.modes).map((mode) => `--${mode}`) : [flagOf(name)],
  );
  const ended = withEndOfOptions(specs, words);
  const own = ended.includes('--') ? ended.slice(0, ended.indexOf('--')) : ended;
  const joined = [...withWordsJoined(specs, own.map(renamed(specs))), ...ended.slice(own.length)];
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

/** Ends the options behind a flag that is followed by a command line of its own. */
function withEndOfOptions(
  specs: readonly (readonly [string, OptionSpec])[],
  words: readonly string[],
): readonly string[] {
  const last = new Set(
    specs.flatMap(([name, spec]) =>
      spec.kind === 'flag' && spec.endsOptions === true ? [flagOf(name), `-${spec.short ?? ''}`] : [],
    ),
  );
  const at = words.findIndex((word) => word === '--' || last.has(word));
  return at === -1 || words[at] === '--' ? words : [...words.slice(0, at + 1), '--', ...words.slice(at + 1)];
}

/** Other spellings of flags, and `_` in the place of `-` in long ones. */
function renamed(specs: readonly (readonly [string, OptionSpec])[]): (word: string) => string {
  const others = new Map(
    specs.flatMap(([name, { also = [] }]) => also.map((other) => [other, flagOf(name)] as const)),
  );
  return (word) => {
    const [flag = '', ...value] = word.split('=');
    const usual = others.get(flag) ?? (flag.startsWith('--') ? flag.replaceAll('_', '-') : flag);
    return [usual, ...value].join('=');
  };
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
