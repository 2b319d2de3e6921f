import { functionOf } from '../profile/by-function.ts';
import type { FrameLabels } from '../profile/frame-label.ts';
import { FrameTable } from '../profile/frame-table.ts';
import type { Profile, ProfileFrame } from '../profile/profile.ts';
import { EMPTY_STACK } from '../profile/stack-tree.ts';

/** The frame table says so of what is no address. */
const NO_ADDRESS = -1;
/** The function table says so of what is of no library. */
const NO_RESOURCE = -1;

/** The tables of one thread: only what its own samples refer to is in them. */
export class GeckoTables {
  readonly #profile: Pick<Profile, 'frames' | 'stacks'>;
  readonly #labels: FrameLabels;
  readonly #categoryOf: (frame: ProfileFrame) => number;
  readonly #texts = new Map<string, number>();
  readonly #stacks = new Map<number, number>();
  readonly #frames = new Map<number, number>();
  readonly #functions = new FrameTable();
  readonly #stackRows: { frame: number; prefix: number | null; category: number }[] = [];
  readonly #frameRows: { func: number; line: number | null; category: number }[] = [];

  constructor(
    profile: Pick<Profile, 'frames' | 'stacks'>,
    labels: FrameLabels,
    categoryOf: (frame: ProfileFrame) => number,
  ) {
    this.#profile = profile;
    this.#labels = labels;
    this.#categoryOf = categoryOf;
  }

  /** The index of a text, which is added when it is new. */
  textIndex(text: string): number {
    const known = this.#texts.get(text);
    if (known !== undefined) return known;
    this.#texts.set(text, this.#texts.size);
    return this.#texts.size - 1;
  }

  /** The index of a stack, which is added with its callers when it is new; `null` of the empty one. */
  stackIndex(stack: number): number | null {
    const { parents, frames } = this.#profile.stacks;
    const unknown: number[] = [];
    let node = stack;
    for (; node !== EMPTY_STACK && !this.#stacks.has(node); node = parents[node] ?? EMPTY_STACK)
      unknown.push(node);
    let prefix = this.#stacks.get(node) ?? null;
    for (const each of unknown.reverse()) {
      const frame = this.#frameIndex(frames[each] ?? 0);
      this.#stackRows.push({ frame, prefix, category: this.#frameRows[frame]?.category ?? 0 });
      prefix = this.#stackRows.length - 1;
      this.#stacks.set(each, prefix);
    }
    return prefix;
  }

  /** The members of the thread that are tables, for what has been asked for until now. */
  get members(): object {
    return {
      stackTable: {
        length: this.#stackRows.length,
        frame: this.#stackRows.map(({ frame }) => frame),
        prefix: this.#stackRows.map(({ prefix }) => prefix),
        category: this.#stackRows.map(({ category }) => category),
        subcategory: this.#stackRows.map(() => 0),
      },
      frameTable: this.#frameTable(),
      funcTable: this.#funcTable(),
      resourceTable: { length: 0, lib: [], name: [], host: [], type: [] },
      nativeSymbols: { length: 0, libIndex: [], address: [], name: [], functionSize: [] },
      // The last, since the others add to it.
      stringArray: [...this.#texts.keys()],
    };
  }

  #frameIndex(index: number): number {
    const known = this.#frames.get(index);
    if (known !== undefined) return known;
    const frame = this.#profile.frames[index];
    if (frame === undefined)
      throw new RangeError(`Cannot write frame ${index}: the profile has no such frame`);
    this.#frameRows.push({
      func: this.#functions.indexOf(functionOf(frame)),
      line: frame.line > 0 ? frame.line : null,
      category: this.#categoryOf(frame),
    });
    this.#frames.set(index, this.#frameRows.length - 1);
    return this.#frameRows.length - 1;
  }

  #frameTable(): object {
    const none = this.#frameRows.map(() => null);
    return {
      length: this.#frameRows.length,
      address: this.#frameRows.map(() => NO_ADDRESS),
      inlineDepth: this.#frameRows.map(() => 0),
      category: this.#frameRows.map(({ category }) => category),
      subcategory: this.#frameRows.map(() => 0),
      func: this.#frameRows.map(({ func }) => func),
      nativeSymbol: none,
      innerWindowID: none,
      implementation: none,
      line: this.#frameRows.map(({ line }) => line),
      column: none,
    };
  }

  #funcTable(): object {
    const functions = this.#functions.frames;
    return {
      length: functions.length,
      name: functions.map((frame) => this.textIndex(this.#labels.name(frame))),
      isJS: functions.map(() => false),
      relevantForJS: functions.map(() => false),
      resource: functions.map(() => NO_RESOURCE),
      fileName: functions.map((frame) =>
        frame.file === '' ? null : this.textIndex(this.#labels.path(frame)),
      ),
      lineNumber: functions.map(({ firstLine }) => (firstLine > 0 ? firstLine : null)),
      columnNumber: functions.map(() => null),
    };
  }
}
