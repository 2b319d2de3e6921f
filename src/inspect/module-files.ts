import { posix } from 'node:path';
import type { LoadedModule, ModuleFileState } from '../model/loaded-module.ts';
import type { PathFacts, Target } from '../target/target.ts';

/** A start is known to about 20 ms: a script may be written and run within that. */
const START_TIME_ERROR_MS = 20;

/**
 * Tells what became of the file of a module. When it was imported is not known, and nothing in memory says which contents
 * were read; so all that is told is whether the file was written since the process began.
 */
export function fileStateOf(
  target: Target,
  { file, kind }: Pick<LoadedModule, 'file' | 'kind'>,
): ModuleFileState | undefined {
  if (file === undefined) return undefined;
  // Names such as <frozen importlib._bootstrap> mean no file.
  if (file.startsWith('<')) return 'unknown';
  // Compiled code is written when it is first imported; what changes is its source.
  const source = kind === 'bytecode' ? target.pathFacts(sourceOfBytecode(file)) : undefined;
  const facts = source ?? target.pathFacts(file);
  if (facts !== undefined) return stateOf(facts, target.filesAsOf);
  return isInArchive(target, file) ? 'archive' : missingState(target, file);
}

/** `x.py` of `x.pyc` and of `__pycache__/x.cpython-311.opt-1.pyc`. */
export function sourceOfBytecode(path: string): string {
  const { dir, base } = posix.parse(path);
  if (posix.basename(dir) !== '__pycache__') return path.replace(/[co]$/u, '');
  return posix.join(posix.dirname(dir), base.replace(/(\.[\w-]+)?(\.opt-\w+)?\.py[co]$/u, '.py'));
}

function stateOf({ modifiedAt, changedAt }: PathFacts, since: Date): ModuleFileState {
  const limit = since.getTime() + START_TIME_ERROR_MS;
  if (modifiedAt.getTime() > limit) return 'changed';
  return changedAt.getTime() > limit ? 'replaced' : 'same';
}

/** What is relative cannot be looked for in a core. */
function missingState({ surroundings }: Target, file: string): ModuleFileState {
  return surroundings === undefined && !file.startsWith('/') ? 'unknown' : 'gone';
}

/** Something above it is a file: a zip, an egg. */
function isInArchive(target: Target, file: string): boolean {
  for (let path = posix.dirname(file); path !== '/' && path !== '.'; path = posix.dirname(path)) {
    const facts = target.pathFacts(path);
    if (facts !== undefined) return facts.kind === 'file';
  }
  return false;
}
