import type { ArgumentSpec, Command, CompletionKind, OptionSpec } from '../command.ts';
import { flagOf, isTarget, optionsOf } from '../command.ts';
import { parseTypedLine } from '../shell-words.ts';

/** What the words of one kind can be that begin so; the words of the command before it tell it apart, if need be. */
export type WordSource = (beginning: string, before: readonly string[]) => Promise<readonly string[]>;

/** Where completions come from. A kind that is missing is not offered. */
export interface CompletionSources {
  readonly commands: Readonly<Record<string, () => Promise<Command>>>;
  readonly words: Readonly<Partial<Record<CompletionKind, WordSource>>>;
}

/** Finds what can stand at the end of a line: whole words, and the part that each would replace. */
export async function completionsOf(
  line: string,
  sources: CompletionSources,
): Promise<readonly [words: readonly string[], replaced: string]> {
  const typed = /\S*$/.exec(line)?.[0] ?? '';
  const before = wordsBefore(line.slice(0, line.length - typed.length));
  // In quotes, and behind `|`, the shell would have to be asked.
  if (before === undefined || /['"\\]/.test(typed)) return [[], typed];
  const found = await candidates(typed, before, sources);
  const fitting = [...new Set(found)].filter((word) => word.startsWith(typed)).map(quoteLess);
  const words = fitting.filter((word) => word !== undefined);
  const [only] = words;
  // One that is whole is followed by a blank; a directory, a module and `--option=` go on.
  if (words.length === 1 && only !== undefined && !/[/.=]$/.test(only)) return [[`${only} `], typed];
  return [words, typed];
}

/** What would have to be quoted, or would not be seen as what it is, is not offered. */
function quoteLess(word: string): string | undefined {
  return /^[|>#]|[\s'"\\\p{Cc}\p{Cf}]/u.test(word) ? undefined : word;
}

/** The words before, of which a last `>` stands for where a file goes. */
function wordsBefore(text: string): readonly string[] | undefined {
  try {
    const { words, tail } = parseTypedLine(text);
    if (tail === undefined) return words;
    return tail.operator !== '|' && tail.text === '' ? ['>'] : undefined;
  } catch {
    return undefined;
  }
}

async function candidates(
  typed: string,
  before: readonly string[],
  { commands, words }: CompletionSources,
): Promise<readonly string[]> {
  const [name, ...rest] = before;
  if (name === undefined) return Object.keys(commands);
  const ofKind = async (kind: CompletionKind | undefined, beginning: string): Promise<readonly string[]> =>
    kind === undefined ? [] : ((await words[kind]?.(beginning, rest)) ?? []);
  if (name === '>') return await ofKind('file', typed);
  const command = Object.hasOwn(commands, name) ? await commands[name]?.() : undefined;
  if (command === undefined) return [];
  const options = flagsOf(command);
  const [flag, value] = splitFlag(typed);
  const open = value === undefined ? openOption(rest, options) : { spec: options.get(flag), place: 0 };
  if (open?.spec !== undefined && takesWord(open.spec)) {
    const { spec, place } = open;
    const found =
      spec.kind === 'choice' ? spec.choices : await ofKind(kindAt(spec.completes, place), value ?? typed);
    return value === undefined ? found : found.map((word) => `${flag}=${word}`);
  }
  if (typed.startsWith('-')) return unusedFlags(options, rest);
  const specs = Object.values(command.arguments).filter(isTyped);
  return await ofKind(kindOfArgument(specs, placeOf(rest, options)), typed);
}

/** The option whose value comes next, and which of its values that is. */
function openOption(
  words: readonly string[],
  options: ReadonlyMap<string, OptionSpec>,
): { readonly spec: OptionSpec; readonly place: number } | undefined {
  for (const [place, word] of words.toReversed().entries()) {
    const spec = options.get(word);
    if (spec !== undefined) return place < valueCount(spec) ? { spec, place } : undefined;
  }
  return undefined;
}

function valueCount(spec: OptionSpec): number {
  if (spec.kind === 'words') return spec.valueNames.length;
  return takesWord(spec) || spec.kind === 'number' ? 1 : 0;
}

function kindAt(
  kinds: CompletionKind | readonly CompletionKind[] | undefined,
  place: number,
): CompletionKind | undefined {
  return typeof kinds === 'object' ? kinds[place] : kinds;
}

/** The process is known at the prompt, and not typed. */
function isTyped(spec: ArgumentSpec): boolean {
  return spec.kind !== 'pid' && !isTarget(spec);
}

/** The last argument may take many words. */
function kindOfArgument(specs: readonly ArgumentSpec[], place: number): CompletionKind | undefined {
  const last = specs.at(-1);
  const spec = last?.kind === 'rest' && place >= specs.length ? last : specs[place];
  if (spec === undefined || !('completes' in spec)) return undefined;
  return kindAt(spec.completes, place - specs.indexOf(spec));
}

function splitFlag(typed: string): readonly [flag: string, value: string | undefined] {
  const at = typed.indexOf('=');
  return typed.startsWith('--') && at !== -1 ? [typed.slice(0, at), typed.slice(at + 1)] : [typed, undefined];
}

type WordTaking = Extract<OptionSpec, { readonly kind: 'text' | 'choice' | 'words' }>;

function takesWord(spec: OptionSpec): spec is WordTaking {
  return spec.kind === 'text' || spec.kind === 'choice' || spec.kind === 'words';
}

/** Every flag of a command, long and short, with what it declares. */
function flagsOf(command: Command): ReadonlyMap<string, OptionSpec> {
  return new Map(
    Object.entries(optionsOf(command)).flatMap(([name, spec]): readonly (readonly [string, OptionSpec])[] => {
      if (spec.kind === 'modes') return Object.keys(spec.modes).map((mode) => [`--${mode}`, spec]);
      const short = 'short' in spec && spec.short !== undefined ? [[`-${spec.short}`, spec] as const] : [];
      return [[flagOf(name), spec], ...short];
    }),
  );
}

function unusedFlags(options: ReadonlyMap<string, OptionSpec>, words: readonly string[]): readonly string[] {
  const used = new Set(words.map((word) => options.get(splitFlag(word)[0])));
  return [...options]
    .filter(([flag, spec]) => flag.startsWith('--') && (spec.kind === 'count' || !used.has(spec)))
    .map(([flag]) => flag)
    .concat('--help');
}

/** How many arguments stand there already. */
function placeOf(words: readonly string[], options: ReadonlyMap<string, OptionSpec>): number {
  let place = 0;
  for (const [index, word] of words.entries()) {
    const isValue = openOption(words.slice(0, index), options) !== undefined;
    if (!isValue && !word.startsWith('-')) place += 1;
  }
  return place;
}
