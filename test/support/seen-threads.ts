import type { Frame } from '../../src/model/frame.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import type { ThreadStack } from '../../src/model/thread-stack.ts';
import type { GroundTruth, TrueFrame, TrueThread } from './ground-truth.ts';

/** A thread in words that both a snapshot and the ground truth have. */
export interface ComparableThread {
  readonly ident: number | undefined;
  readonly nativeId: number | undefined;
  readonly name: string | undefined;
  readonly isMain: boolean;
  readonly frames: readonly TrueFrame[];
}

/** What a snapshot says of its threads, by ident, in the words of the ground truth. */
export function seenThreads({ threads }: Snapshot): readonly ComparableThread[] {
  return threads.map(seenThread).sort(byIdent);
}

/** What the target said of its threads, by ident. */
export function trueThreads({ threads }: Pick<GroundTruth, 'threads'>): readonly ComparableThread[] {
  return threads.map(trueThread).sort(byIdent);
}

/** What a snapshot says of one thread, in the words of the ground truth. */
export function seenThread(thread: ThreadStack): ComparableThread {
  return {
    ident: thread.pthreadId,
    nativeId: thread.innerThreadId ?? thread.osThreadId,
    name: thread.pythonName,
    isMain: thread.isMainThread,
    frames: thread.frames.map(seenFrame),
  };
}

function trueThread({ ident, nativeId, name, isMain, frames }: TrueThread): ComparableThread {
  return { ident, nativeId, name, isMain, frames: frames.map(trueFrame) };
}

/** What a snapshot says of a frame, in the words of the ground truth. */
export function seenFrame({ filename, name, firstLine, qualifiedName, position }: Frame): TrueFrame {
  const facts = { file: filename, name, firstLine, qualifiedName, ...position };
  return withoutAbsent(facts);
}

/** What the target said of a frame, without its variables. */
export function trueFrame({ file, name, firstLine, qualifiedName, line, ...rest }: TrueFrame): TrueFrame {
  const { endLine, column, endColumn } = rest;
  return withoutAbsent({ file, name, firstLine, qualifiedName, line, endLine, column, endColumn });
}

type Optional<T> = { readonly [Key in keyof T]: T[Key] | undefined };

function withoutAbsent(frame: Optional<TrueFrame>): TrueFrame {
  return JSON.parse(JSON.stringify(frame));
}

function byIdent(a: ComparableThread, b: ComparableThread): number {
  return (a.ident ?? 0) - (b.ident ?? 0);
}
