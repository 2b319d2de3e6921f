import { execFileSync, spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { NativeFrame } from '../../src/model/native-frame.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';

const SOURCE = fileURLToPath(new URL('../programs/held-call.c', import.meta.url));

/** Where held-call.c calls what it is given, and where it calls the function that does. */
export const HELD_LINES = { hidden: 8, exported: 13 } as const;

/** How held-call.c is compiled. */
export interface HeldLibrary {
  readonly directory: string;
  readonly name: string;
  readonly flags?: readonly string[];
}

/** Compiles held-call.c to a library with debugging information and a build id, and says where it is. */
export function compileHeld({ directory, name, flags = [] }: HeldLibrary): string {
  const path = join(directory, name);
  const usual = ['-g', '-O1', '-fno-optimize-sibling-calls', '-shared', '-fPIC', '-Wl,--build-id=sha1'];
  run('gcc', [...usual, ...flags, '-o', path, SOURCE], directory);
  return path;
}

/** Compiles it with other names, and so with other code at the same places. */
export function compileOther(wanted: HeldLibrary): string {
  const flags = ['-DEXPORTED=other_exported', '-DHIDDEN=other_hidden', ...(wanted.flags ?? [])];
  return compileHeld({ ...wanted, flags });
}

/** Runs a tool that must succeed. */
export function run(program: string, words: readonly string[], directory?: string): string {
  return execFileSync(program, words, {
    encoding: 'utf8',
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

/** Tells whether a tool is installed. */
export function hasTool(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).error === undefined;
}

/** The calls of the library on the main thread's stack, innermost first. */
export function heldFrames({ threads }: Snapshot, path: string): readonly NativeFrame[] {
  const main = threads.find(({ isMainThread }) => isMainThread);
  return main?.native?.frames.filter(({ module }) => module?.path === path) ?? [];
}

/** The build id of a file, as readelf says it. */
export function buildIdOf(path: string): string {
  return /Build ID: ([0-9a-f]+)/u.exec(run('readelf', ['-n', path]))?.[1] ?? '';
}
