import type { ArgumentSpec, Command, CompletionKind, OptionSpec } from '../command.ts';
import { flagOf, optionsOf } from '../command.ts';
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
  const spec = value === undefined ? options.get(rest.at(-1) ?? '') : options.get(flag);
  if (spec !== undefined && takesWord(spec)) {
    const found = spec.kind === 'choice' ? spec.choices : await ofKind(spec.completes, value ?? typed);
    return value === undefined ? found : found.map((word) => `${flag}=${word}`);
  }
  if (typed.startsWith('-')) return unusedFlags(options, rest);
  const place = placeOf(rest, options);
  return await ofKind(kindOf(Object.values(command.arguments).filter(isTyped)[place]), typed);
}

/** The process is known at the prompt, and not typed. */
function isTyped({ kind }: ArgumentSpec): boolean {
  return kind !== 'pid' && kind !== 'target';
}

function kindOf(spec: ArgumentSpec | undefined): CompletionKind | undefined {
  return spec !== undefined && 'completes' in spec ? spec.completes : undefined;
}

function splitFlag(typed: string): readonly [flag: string, value: string | undefined] {
  const at = typed.indexOf('=');
  return typed.startsWith('--') && at !== -1 ? [typed.slice(0, at), typed.slice(at + 1)] : [typed, undefined];
}

type WordTaking = Extract<OptionSpec, { readonly kind: 'text' | 'choice' }>;

function takesWord(spec: OptionSpec): spec is WordTaking {
  return spec.kind === 'text' || spec.kind === 'choice';
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
    const optionBefore = options.get(words[index - 1] ?? '');
    const isValue = optionBefore !== undefined && takesWord(optionBefore);
    if (!isValue && !word.startsWith('-')) place += 1;
  }
  return place;
}
