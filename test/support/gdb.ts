import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Interpreter } from './interpreters.ts';

/** A call as gdb shows it. */
export interface GdbFrame {
  readonly pc: number;
  readonly name: string | null;
  readonly isInlined: boolean;
  /** Where its symbol begins in memory. */
  readonly start: number | null;
  readonly file: string | null;
  readonly line: number | null;
}

/** The calls of a thread as gdb shows them, innermost first. */
export interface GdbStack {
  readonly threadId: number;
  readonly frames: readonly GdbFrame[];
}

const SCRIPT = fileURLToPath(new URL('../programs/gdb-frames.py', import.meta.url));

/** Tells whether gdb is installed and runs Python. */
export function hasGdb(): boolean {
  const { stdout } = spawnSync('gdb', ['-nx', '-batch', '-ex', 'python print("yes")'], { encoding: 'utf8' });
  return stdout?.includes('yes') === true;
}

/** Asks gdb for the stacks of all threads of a process, which it stops meanwhile. */
export function stacksByGdb(pid: number, { root, path }: Interpreter): readonly GdbStack[] {
  const settings = ['set debuginfod enabled off'];
  if (root !== undefined) {
    const directories = [join(root, 'usr/lib/debug'), '/usr/lib/debug'];
    settings.push(`set sysroot ${root}`, `set debug-file-directory ${directories.join(':')}`);
  }
  const first = settings.flatMap((setting) => ['-iex', setting]);
  // In another root it does not find the program by itself.
  const program = root === undefined ? [] : [path];
  return stacksOf([...first, ...program, '-p', `${pid}`]);
}

/** Asks gdb for the stacks of all threads in a core file. */
export function coreStacksByGdb(path: string, program: string): readonly GdbStack[] {
  return stacksOf(['-iex', 'set debuginfod enabled off', program, path]);
}

function stacksOf(what: readonly string[]): readonly GdbStack[] {
  const args = ['-q', '-nx', '-batch', ...what, '-x', SCRIPT];
  const { stdout } = spawnSync('gdb', args, { encoding: 'utf8', maxBuffer: 2 ** 26 });
  const lines = stdout.split('\n').filter((line) => line.startsWith('STACK '));
  return lines.map((line) => JSON.parse(line.slice('STACK '.length)));
}
