import { existsSync } from 'node:fs';
import { basename, join } from 'node:path';
import type { NativeFrame, NativeModule } from '../../src/model/native-frame.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { addr2line } from './addr2line.ts';
import { type GdbFrame, type GdbStack, stacksByGdb } from './gdb.ts';
import type { Interpreter } from './interpreters.ts';
import type { Scene } from './matrix.ts';

/** The native stacks of all threads of a target, by thread id and name, as we and as gdb show them, a line for each call. */
export interface StacksInWords {
  readonly seen: Readonly<Record<string, readonly string[]>>;
  readonly told: Readonly<Record<string, readonly string[]>>;
}

/** Looks at a target that rests, with gdb and with pyflight. */
export async function stacksInWords(scene: Scene, interpreter: Interpreter): Promise<StacksInWords> {
  const expected = stacksByGdb(scene.truth.pid, interpreter);
  return compareStacks(await scene.snapshot({ native: 'all-threads' }), expected, interpreter);
}

/** Puts what a snapshot of all native threads shows beside what gdb has seen of the same target at rest. */
export function compareStacks(
  { threads, nativeThreads = [] }: Snapshot,
  expected: readonly GdbStack[],
  { root }: Pick<Interpreter, 'root'>,
): StacksInWords {
  const names = new Map(threads.map(({ osThreadId, pythonName }) => [osThreadId, pythonName]));
  const title = (id: number | undefined) => `${id} ${names.get(id) ?? ''}`;
  const byGdb = new Map(expected.map(({ threadId, frames }) => [threadId, frames]));
  const seen = [...threads, ...nativeThreads].map(({ osThreadId, native }) => [
    title(osThreadId),
    inWords(native?.frames ?? [], byGdb.get(osThreadId ?? -1) ?? [], root),
  ]);
  const told = expected.map(({ threadId, frames }) => [title(threadId), inWordsOfGdb(frames)]);
  return { seen: Object.fromEntries(seen), told: Object.fromEntries(told) };
}

/** The calls of a stack in words that gdb and we both have, each as a line. */
function inWordsOfGdb(frames: readonly GdbFrame[]): readonly string[] {
  return frames.map(({ pc, name, isInlined, file, line }) =>
    words(pc, plainName(name), isInlined, placeOf(file, line)),
  );
}

/** The same of ours; where gdb is known to have other words for the same thing, its words. */
function inWords(
  frames: readonly NativeFrame[],
  stackOfGdb: readonly GdbFrame[],
  root: string | undefined,
): readonly string[] {
  return frames.map((frame, at) => {
    const byGdb = stackOfGdb[at];
    const name = byGdb !== undefined && isSameFunction(frame, byGdb) ? byGdb.name : frame.symbol;
    const place = byGdb !== undefined && isSamePlace(frame, byGdb, root) ? byGdb : frame;
    return words(frame.pc, plainName(name), frame.isInlined, placeOf(place.file, place.line));
  });
}

function words(pc: number, name: string, isInlined: boolean, place: string): string {
  return `${pc.toString(16)} ${name}${isInlined ? ' (inlined)' : ''} ${place}`;
}

function isSameFunction(frame: NativeFrame, byGdb: GdbFrame): boolean {
  const { pc, symbol, symbolOffset, isInlined } = frame;
  if (byGdb.pc !== pc || symbol === undefined) return false;
  // Of several names of one address gdb takes another one.
  if (!isInlined && symbolOffset !== undefined && byGdb.start === pc - symbolOffset) return true;
  // Debugging information has no linkage name for what only one file knows; gdb adds the scopes around the plain one.
  if (byGdb.name?.endsWith(`::${symbol}`) === true) return true;
  // gdb makes names of Rust out of scopes, types and numbers: `slice::{impl#0}::sort_by_key<i32>`, the compiler made
  // `slice::<impl [T]>::sort_by_key`.
  return frame.file?.endsWith('.rs') === true && rustFunction(symbol) === rustFunction(byGdb.name ?? '');
}

/** The last parts of a name of Rust: the function, and which closure of it. */
function rustFunction(name: string): string {
  const parts = withoutTypes(name)
    .replaceAll(/\{\{closure\}\}|\{closure#\d+\}/gu, '{closure}')
    .split('::');
  return parts.slice(parts.findLastIndex((part) => part !== '{closure}')).join('::');
}

function withoutTypes(name: string): string {
  const rest = name.replaceAll(/<[^<>]*>/gu, '');
  return rest === name ? name : withoutTypes(rest);
}

/** gdb passes over lines that are no statement of their own; addr2line does not, and then it agrees with us. */
function isSamePlace(frame: NativeFrame, byGdb: GdbFrame, root: string | undefined): boolean {
  const { pc, file, line, module, moduleAddress } = frame;
  if (byGdb.pc !== pc || module === undefined || moduleAddress === undefined) return false;
  if (file === undefined || placeOf(file, line) === placeOf(byGdb.file, byGdb.line)) return false;
  const lookup = moduleAddress - 1;
  const answers = addr2line(fileWithLines(module, root), [lookup]).get(lookup) ?? [];
  return answers.some((answer) => answer.endsWith(`/${placeOf(file, line)}`));
}

/** The debug file of a module in another root, where addr2line does not look by itself, or the module. */
function fileWithLines({ path, buildId = '' }: NativeModule, root = '/'): string {
  const debugFile = join(root, 'usr/lib/debug/.build-id', buildId.slice(0, 2), `${buildId.slice(2)}.debug`);
  return existsSync(debugFile) ? debugFile : path;
}

/** Without the version of the symbol. */
function plainName(name: string | null | undefined): string {
  return (name ?? '???').replace(/@.*$/u, '');
}

/** Files by their last part: gdb puts the directory before them and takes `..` out. */
function placeOf(file: string | null | undefined, line: number | null | undefined): string {
  return file === undefined || file === null ? '-' : `${basename(file)}:${line ?? 0}`;
}
