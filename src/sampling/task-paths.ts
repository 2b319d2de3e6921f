import type { Address } from '../base/address.ts';
import type { PageCache } from '../base/page-cache.ts';
import { type PathTask, type TaskPath, TaskPathReader } from '../cpython/asyncio/task-path.ts';
import type { ObjectReader } from '../cpython/objects/object-reader.ts';
import { WalkedFrames } from '../cpython/sweep/walked-frames.ts';
import { type WordStamp, WordStamps } from '../cpython/sweep/word-stamps.ts';
import type { FrameTable } from '../profile/frame-table.ts';
import { EMPTY_STACK, type StackTree } from '../profile/stack-tree.ts';
import { type CodeBook, NO_FRAME } from './code-book.ts';
import { TaskLabels } from './task-labels.ts';

/** A task and those that wait for it, as stacks of a profile. */
export interface KnownPath {
  readonly task: Address;
  readonly loop: Address | undefined;
  /** It is on the stack of a thread. */
  readonly isExecuting: boolean;
  /** Where the frame of its coroutine lies. */
  readonly coroutineFrame: number | undefined;
  /** The tasks that wait for it, the outermost first. */
  readonly awaiters: readonly Address[];
  /** Those and the task itself, without its calls. */
  readonly root: number;
  /** The same with its calls, as far as they are suspended. */
  readonly whole: number;
}

interface Entry extends KnownPath {
  readonly stamp: WordStamp | undefined;
  readonly readNs: number;
  /** The sweep in which it was compared last. */
  sweep: number;
}

/** What paths are read with. */
export interface TaskPathParts {
  /** Reads by way of `pages`. */
  readonly objects: ObjectReader;
  readonly pages: PageCache;
  readonly stamps: WordStamps;
  readonly book: CodeBook;
  readonly frames: FrameTable;
  readonly stacks: StackTree;
}

/** Lists of callbacks may change while their length stays: so long is that not noticed. */
const TRUSTED_NS = 2_000_000_000;
/** Types are not looked at anew before. */
const TYPES_LAST_NS = 100_000_000;
/** A path that changes each time while it is read is given up. */
const MOST_READINGS = 3;
/** More paths are not remembered. */
const MOST_PATHS = 20_000;

/** The paths of tasks, each read once for as long as it stays the same. */
export class TaskPaths {
  readonly #parts: TaskPathParts;
  readonly #labels: TaskLabels;
  readonly #entries = new Map<Address, Entry>();
  #nowNs = 0;
  #sweep = 0;
  #forgotNs = Number.NEGATIVE_INFINITY;

  constructor(parts: TaskPathParts) {
    this.#parts = parts;
    this.#labels = new TaskLabels(parts.frames);
  }

  beginSweep(nowNs: number): void {
    this.#nowNs = nowNs;
    this.#sweep += 1;
    if (this.#entries.size > MOST_PATHS) this.#entries.clear();
    if (nowNs - this.#forgotNs < TYPES_LAST_NS) return;
    this.#forgotNs = nowNs;
    this.#parts.objects.forget();
  }

  /** The path of a task as it is now; `undefined` for what is none, and for one that changed each time while it was read. */
  find(task: Address): KnownPath | undefined {
    const known = this.#entries.get(task);
    return known?.sweep === this.#sweep ? known : this.findAll([task])[0];
  }

  /** The same of several tasks: those that have not changed cost one call together, the others a few. */
  findAll(tasks: readonly Address[]): readonly (KnownPath | undefined)[] {
    const changed = this.#findChanged(tasks);
    this.#readAll(changed);
    return tasks.map((task) => this.#entries.get(task));
  }

  #findChanged(tasks: readonly Address[]): readonly Address[] {
    const stamped: Entry[] = [];
    for (const task of tasks) {
      const entry = this.#entries.get(task);
      if (entry?.stamp !== undefined && this.#nowNs - entry.readNs < TRUSTED_NS) stamped.push(entry);
    }
    const same = this.#parts.stamps.areSame(stamped.flatMap(({ stamp }) => stamp ?? []));
    const unchanged = new Set<Address>();
    for (const [at, entry] of stamped.entries()) {
      if (same[at] !== true) continue;
      entry.sweep = this.#sweep;
      unchanged.add(entry.task);
    }
    return tasks.filter((task) => !unchanged.has(task));
  }

  #readAll(tasks: readonly Address[]): void {
    const { pages, objects, stamps } = this.#parts;
    for (const task of tasks) this.#entries.delete(task);
    let left = tasks;
    for (let reading = 0; reading < MOST_READINGS && left.length > 0; reading += 1) {
      const needed = pages.touchedPages();
      pages.clear();
      pages.prefetch(needed);
      const reader = new TaskPathReader(objects);
      const read = left.flatMap((task) => {
        const path = reader.read(task);
        return path === undefined ? [] : [{ task, path, stamp: this.#stampOf(path) }];
      });
      const same = stamps.areSame(read.map(({ stamp }) => stamp ?? NOTHING_STAMPED));
      left = read.filter((_, at) => same[at] !== true).map(({ task }) => task);
      for (const [at, { task, path, stamp }] of read.entries())
        if (same[at] === true) this.#keep(this.#entryOf(path, task, stamp));
    }
  }

  #stampOf({ words }: TaskPath): WordStamp | undefined {
    return words === undefined ? undefined : WordStamps.take(this.#parts.pages, words);
  }

  #keep(entry: Entry | undefined): void {
    if (entry !== undefined) this.#entries.set(entry.task, entry);
  }

  #entryOf(path: TaskPath, task: Address, stamp: WordStamp | undefined): Entry | undefined {
    const { stacks } = this.#parts;
    let root = EMPTY_STACK;
    let whole = EMPTY_STACK;
    for (const each of path.tasks) {
      root = stacks.child(whole, this.#labels.frameOf(each));
      const calls = this.#callsOf(root, each);
      if (calls === undefined) return undefined;
      whole = calls;
    }
    return {
      task,
      loop: path.loop,
      isExecuting: path.isExecuting,
      coroutineFrame: path.coroutineFrame,
      awaiters: path.tasks.slice(0, -1).map(({ address }) => address),
      root,
      whole,
      stamp,
      readNs: this.#nowNs,
      sweep: this.#sweep,
    };
  }

  /** The stack that the suspended calls of a task make of another; `undefined` when code of theirs could not be read. */
  #callsOf(below: number, { frames }: PathTask): number | undefined {
    const { book, stacks } = this.#parts;
    const walked = new WalkedFrames();
    for (const { address, code, lastInstruction, tlbcIndex } of frames)
      walked.add(address, code ?? 0, lastInstruction, tlbcIndex ?? 0);
    walked.endWalk();
    book.check(walked, 0);
    let stack = below;
    for (let at = 0; at < walked.depth; at += 1) {
      const frame = book.frameOf(walked, at);
      if (frame === NO_FRAME) return undefined;
      stack = stacks.child(stack, frame);
    }
    return stack;
  }
}

const NOTHING_STAMPED: WordStamp = { ranges: [] };
