import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory for cores, which goes with the test. */
export class CoreDirectory implements Disposable {
  readonly path = mkdtempSync(join(tmpdir(), 'pyflight-cores-'));

  [Symbol.dispose](): void {
    rmSync(this.path, { recursive: true });
  }
}

/** Whether the kernel of this machine writes a core to where the program runs, rather than to somebody else. */
export function kernelWritesCores(): boolean {
  const pattern = readFileSync('/proc/sys/kernel/core_pattern', 'utf8');
  return !pattern.startsWith('|') && !pattern.includes('/');
}

/** Whether there is a program of that name. */
export function hasTool(name: string): boolean {
  return spawnSync('/bin/sh', ['-c', 'command -v "$1"', 'sh', name]).status === 0;
}

/** How a program is run that is to end with a core. */
export interface CrashOptions {
  /** Hexadecimal: what of the memory is written; that of the machine when left out. */
  readonly filter?: string;
  /** In units of 512 bytes, as `ulimit -c` of the shell; unlimited when left out. */
  readonly limit?: number;
  /** Its environment; ours when left out. */
  readonly environment?: NodeJS.ProcessEnv;
}

/** Runs a program until the kernel writes its core, whose path it gives. */
export function crash(
  { path }: CoreDirectory,
  command: readonly string[],
  { filter, limit, environment = process.env }: CrashOptions = {},
): string {
  const filtered = filter === undefined ? '' : `echo ${filter} > /proc/self/coredump_filter;`;
  const place = mkdtempSync(join(path, 'crash-'));
  const script = `ulimit -c ${limit ?? 'unlimited'}; ${filtered} cd "$1"; shift; exec "$@"`;
  const run = spawnSync('/bin/sh', ['-c', script, 'sh', place, ...command], {
    encoding: 'utf8',
    env: environment,
  });
  const [core] = readdirSync(place).filter((name) => name.startsWith('core'));
  if (core === undefined) throw new Error(`${command.join(' ')} left no core: ${run.signal} ${run.stderr}`);
  return join(place, core);
}

/** Has gdb write a core of a process that runs on. */
export function gcore({ path }: CoreDirectory, pid: number): string {
  const run = spawnSync('gcore', ['-o', join(path, 'gcore'), `${pid}`], { encoding: 'utf8' });
  if (run.status !== 0) throw new Error(`gcore ended with ${run.status}: ${run.stderr}`);
  return join(path, `gcore.${pid}`);
}

/** What gdb makes of a core. */
export interface GdbCore {
  readonly threads: readonly { readonly threadId: number; readonly registers: readonly string[] }[];
  readonly signal: Readonly<Record<string, number>>;
  /** As `info auxv` prints it, by number. */
  readonly auxiliaryVector: Readonly<Record<string, number>>;
  readonly mappings: readonly {
    readonly start: number;
    readonly end: number;
    readonly offset: number;
    readonly path: string;
  }[];
  /** Hexadecimal, `null` for what gdb cannot read. */
  readonly memory: readonly (string | null)[];
}

/** A stretch of memory to ask gdb for. */
export type GdbRange = readonly [start: number, sizeBytes: number];

/** Asks gdb about a core of a program. */
export function gdbCore(program: string, core: string, ranges: readonly GdbRange[]): GdbCore {
  const args = ['-q', '-nx', '-batch', program, core, '-x', 'test/programs/gdb-core.py'];
  const { stdout, stderr } = spawnSync('gdb', args, {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    env: { ...process.env, RANGES: JSON.stringify(ranges), DEBUGINFOD_URLS: '' },
  });
  const line = stdout.split('\n').find((each) => each.startsWith('CORE '));
  if (line === undefined) throw new Error(`gdb said nothing: ${stderr}`);
  return JSON.parse(line.slice('CORE '.length));
}
