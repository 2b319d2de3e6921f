import type { ThreadTrack } from '../cpython/sweep/thread-track.ts';
import type { FrameTable } from '../profile/frame-table.ts';
import type { StackTree } from '../profile/stack-tree.ts';
import type { LiveTarget } from '../target/live-target.ts';
import type { NativeStacks, UnwoundStack } from '../target/native/native-stacks.ts';
import { MergedStacks, type MergeNative, type ShownPython } from './merged-stacks.ts';
import { NativeWalks } from './native-walks.ts';
import type { PendingStacks } from './pending-stacks.ts';

/** The tables of a profile that native calls become a part of. */
export interface NativeTables {
  readonly frames: FrameTable;
  readonly stacks: StackTree;
  readonly pending: PendingStacks;
}

/** A stack that was found last for a thread. */
interface LastStack {
  readonly walk: UnwoundStack;
  readonly python: ShownPython;
  readonly id: number;
}

/** The native calls of the threads of one process. */
export class SampledNative implements Disposable {
  readonly walks: NativeWalks;
  readonly #stacks: NativeStacks;
  readonly #merged: MergedStacks;
  readonly #pending: PendingStacks;
  readonly #last = new Map<ThreadTrack, LastStack>();
  /** The states of each OS thread that has several: one for each interpreter that has run on it. */
  #sharing: ReadonlyMap<number, readonly ThreadTrack[]> = new Map();

  constructor(target: LiveTarget, tables: NativeTables, process: number, merge: MergeNative) {
    this.#stacks = target.openNativeStacks();
    this.#pending = tables.pending;
    this.walks = new NativeWalks(target, this.#stacks);
    this.#merged = new MergedStacks({ native: this.#stacks, merge, tables, process });
  }

  /** The tree of the Python frames that native calls are merged with. */
  get pythonStacks(): StackTree {
    return this.#merged.pythonStacks;
  }

  /** The pending stack of a thread that was looked at. */
  stackOf(track: ThreadTrack, osThreadId: number | undefined, python: ShownPython): number {
    const walk =
      osThreadId === undefined || this.#isShared(osThreadId) ? undefined : this.walks.of(osThreadId);
    if (walk === undefined) return this.#merged.idOf(python, undefined);
    const last = this.#last.get(track);
    if (last?.walk === walk && isSame(last.python, python)) return last.id;
    const id = this.#merged.idOf(python, { frames: track.frames, walk });
    this.#last.set(track, { walk, python, id });
    return id;
  }

  /** The pending stack of a task that waits. */
  stackOfWaiting(stack: number): number {
    return this.#merged.idOf({ stack, own: 0, marker: -1 }, undefined);
  }

  /** Takes up which threads there are, by their ids. */
  update(tracks: ReadonlyMap<ThreadTrack, number | undefined>): void {
    for (const track of this.#last.keys()) if (!tracks.has(track)) this.#last.delete(track);
    const byThread = new Map<number, ThreadTrack[]>();
    for (const [track, id] of tracks)
      if (id !== undefined) byThread.set(id, [...(byThread.get(id) ?? []), track]);
    this.walks.update(byThread);
    this.#sharing = new Map([...byThread].filter(([, states]) => states.length > 1));
  }

  /** Interpreters that run nested on one thread divide its native calls between them; that is not done here. */
  #isShared(osThreadId: number): boolean {
    const states = this.#sharing.get(osThreadId) ?? [];
    return states.filter(({ frames }) => frames.depth > 0).length > 1;
  }

  /** Names what was seen, as long as the files are open that tell it. */
  [Symbol.dispose](): void {
    this.#pending.settleWaiting();
    this.#stacks[Symbol.dispose]();
  }
}

function isSame(one: ShownPython, other: ShownPython): boolean {
  return one.stack === other.stack && one.own === other.own && one.marker === other.marker;
}
