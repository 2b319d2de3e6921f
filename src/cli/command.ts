import type { Context } from './context.ts';
import type { Outcome } from './exit-status.ts';
import type { TargetChoice } from './target-choice.ts';

/** What a word can be completed to at the prompt: names of commands, files, and what lives in the process. */
export type CompletionKind = 'command' | 'file' | 'thread' | 'module' | 'class' | 'name';

/** An option as data. Parsing, help and the documents come from it; its name is the key, `noBlock` for `--no-block`. */
export type OptionSpec = OptionForm & {
  /** Other ways to type it, as another tool has them: `-nm`. */
  readonly also?: readonly string[];
};

type OptionForm =
  | {
      readonly kind: 'flag';
      readonly short?: string;
      readonly help: string;
      /** What follows it is a command line of its own, whose options are not ours. */
      readonly endsOptions?: true;
    }
  /** A flag that counts how often it was given. */
  | { readonly kind: 'count'; readonly short: string; readonly help: string }
  | {
      readonly kind: 'text';
      readonly short?: string;
      readonly valueName: string;
      readonly help: string;
      readonly completes?: CompletionKind;
    }
  | {
      readonly kind: 'choice';
      readonly short?: string;
      readonly choices: readonly [string, ...string[]];
      readonly help: string;
    }
  /** A whole number within bounds; `all` is what stands for no bound at all, as -1. */
  | {
      readonly kind: 'number';
      readonly short?: string;
      readonly valueName: string;
      readonly least: number;
      readonly most: number;
      readonly all?: number;
      readonly whenAbsent: number;
      readonly help: string;
    }
  /** Several words behind one flag, `-c <module> <class>`; they may also be one, joined by a colon or a blank. */
  | {
      readonly kind: 'words';
      readonly short?: string;
      readonly valueNames: readonly [string, ...string[]];
      readonly help: string;
      readonly completes?: readonly CompletionKind[];
    }
  /** A time, as `--watch` (then `whenBare`) or `--watch=0.5`; never the word after it. */
  | { readonly kind: 'seconds'; readonly whenBare: number; readonly help: string }
  /** Flags that write one value, of which the last one counts: flag and help of each. */
  | {
      readonly kind: 'modes';
      readonly modes: Readonly<Record<string, string>>;
      /** Letters for some of them. */
      readonly shorts?: Readonly<Record<string, string>>;
    };

/** An argument as data. */
export type ArgumentSpec =
  | { readonly kind: 'pid'; readonly help: string }
  /** A pid, or with `--core` a core file in its place; the command gets all options of `CORE_OPTIONS` with it. */
  | { readonly kind: 'target'; readonly help: string }
  /** The same, or neither of them: what is no number belongs to the next argument. */
  | { readonly kind: 'optional-target'; readonly help: string }
  | { readonly kind: 'word'; readonly help: string; readonly completes?: CompletionKind }
  | { readonly kind: 'optional-word'; readonly help: string; readonly completes?: CompletionKind }
  /** All words that are left, none among them; the last argument of a command. */
  | { readonly kind: 'rest'; readonly help: string; readonly completes?: readonly CompletionKind[] };

/** What is done to a process, from nothing on (docs/json.md). */
export type Level = 'L0' | 'L1' | 'L2' | 'L3' | 'L4';

/** Options by name. */
export type OptionSpecs = Readonly<Record<string, OptionSpec>>;

/** Arguments by name, in their order. */
export type ArgumentSpecs = Readonly<Record<string, ArgumentSpec>>;

type OptionValue<Spec extends OptionSpec> = Spec extends { kind: 'flag' }
  ? boolean
  : Spec extends { kind: 'count' }
    ? number
    : Spec extends { kind: 'text' }
      ? string | undefined
      : Spec extends { kind: 'choice'; choices: readonly (infer Choice)[] }
        ? Choice
        : Spec extends { kind: 'number' }
          ? number
          : Spec extends { kind: 'words' }
            ? readonly string[] | undefined
            : Spec extends { kind: 'seconds' }
              ? number | undefined
              : Spec extends { kind: 'modes'; modes: infer Modes }
                ? keyof Modes | undefined
                : never;

type ArgumentValue<Spec extends ArgumentSpec> = Spec extends { kind: 'pid' }
  ? number
  : Spec extends { kind: 'target' }
    ? TargetChoice
    : Spec extends { kind: 'optional-target' }
      ? TargetChoice | undefined
      : Spec extends { kind: 'word' }
        ? string
        : Spec extends { kind: 'rest' }
          ? readonly string[]
          : string | undefined;

/** What `run` gets: the value of each declared option and argument, by its name. */
export type Values<Options extends OptionSpecs, Arguments extends ArgumentSpecs> = {
  readonly [Name in keyof Options | keyof Arguments]:
    | (Name extends keyof Options ? OptionValue<Options[Name]> : never)
    | (Name extends keyof Arguments ? ArgumentValue<Arguments[Name]> : never);
};

/** A command: data that its grammar, its help and the documents come from, and the few lines that do it. */
export interface Command<
  Options extends OptionSpecs = OptionSpecs,
  Arguments extends ArgumentSpecs = ArgumentSpecs,
> {
  readonly name: string;
  readonly summary: string;
  /** What it does to the process; the lowest of them when an option decides. */
  readonly level?: Level;
  /** What makes it do more, in words, and the level that it has then. */
  readonly raised?: { readonly by: string; readonly level: Level };
  readonly arguments: Arguments;
  readonly options: Options;
  /** Command lines without the program's name, each with what it does. */
  readonly examples: readonly (readonly [commandLine: string, effect: string])[];
  /** Why it prints no document, of a command that does not. */
  readonly withoutJson?: string;
  /** Says how it failed in words of its own; the table of `advice.ts` speaks otherwise. */
  reportFailure?(error: unknown, context: Context): number | undefined;
  /** Does it; answers how it went, or the exit status itself where another command says it. */
  // A method, which compares its parameters both ways, so that commands of any options fit one table.
  run(values: Values<Options, Arguments>, context: Context): Promise<Outcome | number>;
}

/** The options that every command has. */
const COMMON_OPTIONS = {
  noColor: { kind: 'flag', help: 'No colours, even on a terminal' },
  verbose: { kind: 'count', short: 'v', help: 'Say more; repeat it for more still' },
} as const satisfies OptionSpecs;

/** Where the files of a core are looked for. */
export const LIBRARY_OPTIONS = {
  libSearchPath: {
    kind: 'text',
    valueName: 'directories',
    completes: 'file',
    help: 'Of a core: look for libraries there first, `:` between directories',
  },
  libSearchRoot: {
    kind: 'text',
    valueName: 'directory',
    completes: 'file',
    help: 'Of a core: look for libraries below it first',
  },
} as const satisfies OptionSpecs;

/** The options that every command has which takes a core file in the place of a pid. */
export const CORE_OPTIONS = {
  core: {
    kind: 'text',
    valueName: 'file',
    completes: 'file',
    help: 'Look into this core file instead of a process',
  },
  executable: {
    kind: 'text',
    valueName: 'file',
    completes: 'file',
    help: 'Of a core: its program, where it is elsewhere now',
  },
  ...LIBRARY_OPTIONS,
} as const satisfies OptionSpecs;

/** All options of a command: its own, those of its argument, and those that every command has. */
export function optionsOf({ options, arguments: words }: Command): OptionSpecs {
  const takesCores = Object.values(words).some(isTarget);
  return { ...options, ...(takesCores ? CORE_OPTIONS : {}), ...COMMON_OPTIONS };
}

/** Whether an argument says what to look into. */
export function isTarget({ kind }: ArgumentSpec): boolean {
  return kind === 'target' || kind === 'optional-target';
}

/** How an argument stands in the grammar of its command: `<pid>`, `[executable]`. */
export function argumentTerm(name: string, spec: ArgumentSpec): string {
  const { kind } = spec;
  if (isTarget(spec)) return '[pid]';
  if (kind === 'rest') return `[${name}...]`;
  return kind === 'optional-word' ? `[${name}]` : `<${name}>`;
}

/** Declares a command; the types of what `run` gets follow from its options and arguments. */
export function defineCommand<const Options extends OptionSpecs, const Arguments extends ArgumentSpecs>(
  command: Command<Options, Arguments>,
): Command<Options, Arguments> {
  return command;
}

/** The flag of an option's name: `--no-block` of `noBlock`. */
export function flagOf(name: string): string {
  return `--${name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}
