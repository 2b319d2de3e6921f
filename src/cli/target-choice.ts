import { BadArgumentError } from '../base/errors.ts';
import { flagOf } from './command.ts';
import { joinShellWords } from './shell-words.ts';

/** A core file, and where its own files are looked for. */
export interface CoreChoice {
  readonly kind: 'core';
  readonly path: string;
  /** The program that the user named. */
  readonly executable: string | undefined;
  /** Directories to look for libraries in; none when the user named none. */
  readonly libraryPath: readonly string[] | undefined;
  /** A directory below which to look for them. */
  readonly libraryRoot: string | undefined;
}

/** What a command looks into. */
export type TargetChoice = { readonly kind: 'process'; readonly pid: number } | CoreChoice;

/** The options of a core as they were typed. */
export interface CoreWords {
  readonly core?: string | undefined;
  readonly executable?: string | undefined;
  readonly libSearchPath?: string | undefined;
  readonly libSearchRoot?: string | undefined;
}

/** The greatest pid that Linux can give: `PID_MAX_LIMIT` of include/linux/threads.h. */
const MAX_PID = 4_194_304;

/**
 * Reads a process id, which may be hexadecimal as py-spy takes it: `0x1092`.
 * @throws {BadArgumentError} for what no process can have
 */
export function processIdOf(word: string): number {
  const pid = Number(word);
  if (/^(?:[0-9]+|0x[0-9a-f]+)$/i.test(word) && pid >= 1 && pid <= MAX_PID) return pid;
  throw new BadArgumentError(
    `Cannot use ${joinShellWords([word])} as a process id: it is not a number from 1 to ${MAX_PID}`,
  );
}

/**
 * Makes out what to look into: the process of a pid, or the core file of `--core`.
 * @throws {BadArgumentError} for both, neither, and options of cores without a core
 */
export function chooseTarget(pid: string | undefined, { core, ...others }: CoreWords): TargetChoice {
  if (core === undefined) {
    const given = Object.entries(others).find(([, value]) => value !== undefined);
    if (given !== undefined)
      throw new BadArgumentError(`Cannot use ${flagOf(given[0])} without --core: it belongs to a core file`);
    if (pid === undefined)
      throw new BadArgumentError('Cannot look into nothing: name a process id, or a core file with --core');
    return { kind: 'process', pid: processIdOf(pid) };
  }
  if (pid !== undefined)
    throw new BadArgumentError(`Cannot use --core with ${joinShellWords([pid])}: leave out one of them`);
  return chooseCore(core, others);
}

/**
 * Makes out where the files of a core are looked for.
 * @throws {BadArgumentError} for two ways at once
 */
export function chooseCore(path: string, words: CoreWords): CoreChoice {
  const { executable, libSearchPath, libSearchRoot } = words;
  if (libSearchPath !== undefined && libSearchRoot !== undefined)
    throw new BadArgumentError('Cannot use --lib-search-path with --lib-search-root: choose one');
  return {
    kind: 'core',
    path,
    executable,
    libraryPath: libSearchPath?.split(':').filter(Boolean),
    libraryRoot: libSearchRoot,
  };
}
