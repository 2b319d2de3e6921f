import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Interpreter } from './interpreters.ts';
import { programsSeenBy } from './target.ts';

/** A task as CPython's own tools see it. */
export interface ToolsTask {
  readonly address: number;
  readonly awaitedBy: readonly number[];
  /** Innermost first. */
  readonly frames: readonly (readonly [qualifiedName: string, line: number])[];
}

/** In a mount namespace of its own: the tools look for the target where we see it, and need a /proc. */
const IN_ROOT = 'mount -t proc proc "$1/proc" && mount --bind "$1" "$1$1" && shift && exec "$@"';

/** Asks the asyncio tools of an interpreter, 3.14 or later, for the tasks of a process; a text says why they cannot. */
export function tasksByTools(interpreter: Interpreter, pid: number): readonly ToolsTask[] | string {
  const { command, root } = interpreter;
  const program = join(programsSeenBy(interpreter), 'asyncio-tools.py');
  const whole = [...command, '-S', '-B', program, `${pid}`];
  if (root !== undefined) mkdirSync(join(root, root), { recursive: true });
  const [first = '', ...rest] =
    root === undefined ? whole : ['unshare', '-m', 'sh', '-c', IN_ROOT, 'sh', root, ...whole];
  const { status, stdout, stderr } = spawnSync(first, rest, { encoding: 'utf8' });
  return status === 0 ? JSON.parse(stdout) : stderr.trim();
}
