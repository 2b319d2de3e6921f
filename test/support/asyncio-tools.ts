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

/** The command line that runs a tool of an interpreter on a process of ours, in the root of the interpreter. */
export function cpythonTool({ command, root }: Interpreter, args: readonly string[]): readonly string[] {
  const whole = [...command, '-S', '-B', ...args];
  if (root === undefined) return whole;
  for (const place of [root, 'proc']) mkdirSync(join(root, place), { recursive: true });
  return ['unshare', '-m', 'sh', '-c', IN_ROOT, 'sh', root, ...whole];
}

/** The tasks that `python -m asyncio ps` lists, by address: one that several await has several lines. */
export function tasksByPs(interpreter: Interpreter, pid: number): ReadonlySet<number> {
  const [first = '', ...rest] = cpythonTool(interpreter, ['-m', 'asyncio', 'ps', `${pid}`]);
  const { stdout } = spawnSync(first, rest, { encoding: 'utf8' });
  return new Set([...stdout.matchAll(/^\d+ +(0x[0-9a-f]+)/gmu)].map(([, address]) => Number(address)));
}

/** What `python -m asyncio pstree` prints. */
export function printedTree(interpreter: Interpreter, pid: number): string {
  const [first = '', ...rest] = cpythonTool(interpreter, ['-m', 'asyncio', 'pstree', `${pid}`]);
  return spawnSync(first, rest, { encoding: 'utf8' }).stdout;
}

/** Which task waits for which in such a tree, by names: `boss > worker-0`; a root stands alone. */
export function edgesOfTree(text: string): ReadonlySet<string> {
  const above: { readonly indent: number; readonly name: string }[] = [];
  const edges = new Set<string>();
  for (const [, lead = '', name = ''] of text.matchAll(/^(.*?)\(T\) (.*)$/gmu)) {
    while ((above.at(-1)?.indent ?? -1) >= lead.length) above.pop();
    const parent = above.at(-1);
    edges.add(parent === undefined ? name : `${parent.name} > ${name}`);
    above.push({ indent: lead.length, name });
  }
  return edges;
}

/** Asks the asyncio tools of an interpreter, 3.14 or later, for the tasks of a process; a text says why they cannot. */
export function tasksByTools(interpreter: Interpreter, pid: number): readonly ToolsTask[] | string {
  const program = join(programsSeenBy(interpreter), 'asyncio-tools.py');
  const [first = '', ...rest] = cpythonTool(interpreter, [program, `${pid}`]);
  const { status, stdout, stderr } = spawnSync(first, rest, { encoding: 'utf8' });
  return status === 0 ? JSON.parse(stdout) : stderr.trim();
}
