import { isAboutMemory } from '../base/errors.ts';
import { readInterpreters } from '../cpython/interpreters.ts';
import { type ModuleEntry, readModules } from '../cpython/modules.ts';
import type { LoadedModule, MeantFile, ModuleReport } from '../model/loaded-module.ts';
import type { Problem } from '../model/problem.ts';
import type { LiveTarget } from '../target/live-target.ts';
import type { Target } from '../target/target.ts';
import { fileStateOf } from './module-files.ts';
import { filesNamed, isLoadedFrom, type NamedFile } from './module-places.ts';
import { askOfOneMoment, forget } from './one-moment.ts';

/** Which modules of a process are wanted, and how they are read. */
export interface ModuleOptions {
  /** Only those that were loaded from this file or directory. */
  readonly file?: string;
  /** Only those whose names match: `shop.*`, in which `*` stands for any letters and `?` for one. */
  readonly glob?: string;
  /** Stop the target's threads while its memory is copied (the default). */
  readonly pause?: boolean;
}

/** Reads which modules a process has loaded, and from which files. */
export function takeModules(target: LiveTarget, options: ModuleOptions = {}): ModuleReport {
  const question = () => entriesOf(target);
  if (options.pause !== false) {
    const { answer, pauseNs } = askOfOneMoment(target, question);
    return reportOf(target, { ...answer, pauseNs }, options);
  }
  forget(target);
  return reportOf(target, { ...question(), pauseNs: undefined }, options);
}

/** The same of a process that is gone, from its core file. */
export function takeCoreModules(target: Target, options: Omit<ModuleOptions, 'pause'> = {}): ModuleReport {
  return reportOf(target, { ...entriesOf(target), pauseNs: undefined }, options);
}

interface ReadModules {
  readonly entries: readonly { readonly interpreterId: number; readonly entry: ModuleEntry }[];
  readonly problems: readonly Problem[];
  readonly pauseNs: bigint | undefined;
}

/** The main interpreter is the last one that CPython lists. */
function entriesOf({ memory, runtime, objects }: Target): Omit<ReadModules, 'pauseNs'> {
  const problems: Problem[] = [];
  const entries = readInterpreters(memory, runtime, problems)
    .toReversed()
    .flatMap(({ facts }) => {
      const tell = (message: string) => problems.push({ kind: 'unreadable-object', message });
      try {
        return readModules(objects, facts.address, tell).map((entry) => ({ interpreterId: facts.id, entry }));
      } catch (error) {
        if (!isAboutMemory(error)) throw error;
        tell(`Cannot read the modules of interpreter ${facts.id}: ${error.message}`);
        return [];
      }
    });
  return { entries, problems };
}

function reportOf(
  target: Target,
  { entries, problems, pauseNs }: ReadModules,
  options: ModuleOptions,
): ModuleReport {
  const takenAt = target.now().toISOString();
  const { glob, file } = options;
  const pattern = glob === undefined ? undefined : patternOf(glob);
  const loaded = entries
    .filter(({ entry }) => pattern === undefined || pattern.test(entry.name))
    .map(({ interpreterId, entry }) => moduleOf(interpreterId, entry));
  const { wanted, meant } =
    file === undefined ? { wanted: loaded, meant: undefined } : loadedFrom(target, loaded, file);
  const modules = wanted.map((module) => ({ ...module, fileState: fileStateOf(target, module) }));
  return { process: target.facts, takenAt, pauseNs, modules, meant, problems };
}

/** Of the files that a path may mean, the first counts from which something is loaded. */
function loadedFrom(
  target: Target,
  loaded: readonly LoadedModule[],
  file: string,
): { readonly wanted: readonly LoadedModule[]; readonly meant: MeantFile | undefined } {
  const files = filesNamed(target, file);
  const wantedOf = (each: NamedFile) => loaded.filter((module) => isLoadedFrom(target, module, each));
  const found = files.find((each) => wantedOf(each).length > 0) ?? files[0];
  if (found === undefined) return { wanted: [], meant: undefined };
  const other = files.find((each) => each !== found && each.identities.size > 0)?.path;
  return { wanted: wantedOf(found), meant: { from: found.from, path: found.path, other } };
}

function patternOf(glob: string): RegExp {
  const source = glob
    .replaceAll(/[.+^$(){}|[\]\\]/gu, '\\$&')
    .replaceAll('*', '.*')
    .replaceAll('?', '.');
  return new RegExp(`^${source}$`, 'u');
}

function moduleOf(interpreterId: number, { name, texts, packagePath }: ModuleEntry): LoadedModule {
  const file = texts.get('__file__');
  const ownName = texts.get('__name__');
  return {
    name,
    ownName: ownName === name ? undefined : ownName,
    interpreterId,
    kind: kindOf(file, packagePath),
    file,
    cached: texts.get('__cached__'),
    packagePath,
    fileState: undefined,
  };
}

function kindOf(file: string | undefined, packagePath: readonly string[]): LoadedModule['kind'] {
  if (file === undefined) return packagePath.length > 0 ? 'namespace' : 'builtin';
  if (/\.so(\.|$)/u.test(file)) return 'extension';
  return /\.py[co]$/u.test(file) ? 'bytecode' : 'source';
}
