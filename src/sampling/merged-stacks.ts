import { type Address, hex, toAddress } from '../base/address.ts';
import { ENTRY_WITHOUT_ANCHOR, NO_ENTRY, type WalkedFrames } from '../cpython/sweep/walked-frames.ts';
import type { MergedFrame, NativeFrame } from '../model/native-frame.ts';
import type { FrameTable } from '../profile/frame-table.ts';
import type { ProfileFrame } from '../profile/profile.ts';
import { EMPTY_STACK, StackTree } from '../profile/stack-tree.ts';
import type {
  CodePlace,
  NativeStacks,
  UnwoundCall,
  UnwoundFrame,
  UnwoundStack,
  UnwoundThread,
} from '../target/native/native-stacks.ts';
import type { PendingStacks, SettledStack } from './pending-stacks.ts';

/** What one invocation of the evaluation loop runs: frames of a profile, innermost first. */
export interface SampledEvaluation {
  readonly anchor: Address | undefined;
  readonly frames: readonly number[];
}

/** Merges native calls with Python frames, innermost first; `undefined` when it cannot be told how. */
export type MergeNative = (
  unwound: UnwoundThread,
  evaluations: readonly SampledEvaluation[],
) => readonly MergedFrame<number>[] | undefined;

/** What the native calls of one process are made into stacks of a profile with. */
export interface MergedStacksParts {
  readonly native: NativeStacks;
  readonly merge: MergeNative;
  readonly tables: {
    readonly frames: FrameTable;
    readonly stacks: StackTree;
    readonly pending: PendingStacks;
  };
  /** The process in the profile. */
  readonly process: number;
}

/** Of an evaluation without an anchor, and of one whose anchor lies in no call; else it is that call's index after these. */
const NO_ANCHOR = 0;
const ANCHOR_NOWHERE = 1;
const FIRST_CALL = 2;

/** The outermost node of native calls: whether there are more further out. */
const WHOLE = 0;
const CUT_OFF = 1;

/** A call of the thread that is no part of the stack. */
const NOT_SHOWN = -1;

/** Code that belongs to no file and that nothing names. */
const UNKNOWN = '???';

/** The Python frames of a thread as a profile shows them. */
export interface ShownPython {
  readonly stack: number;
  /** How many of its innermost calls are the thread's own: below them are tasks and those that wait for them. */
  readonly own: number;
  /** A frame that stands on top of it; none for a negative number. */
  readonly marker: number;
}

/** What the native calls of a thread are merged by. */
interface SeenCalls {
  readonly frames: WalkedFrames;
  readonly walk: UnwoundStack;
}

/** A stack that was seen: Python frames, native calls, and how the ones lie in the others. */
interface SeenStack {
  readonly python: ShownPython;
  readonly native: number;
  readonly shape: number;
}

/**
 * The stacks of one process with their native calls. What was seen is kept as numbers; it is named and merged when somebody
 * wants to see it, each stack once.
 */
export class MergedStacks {
  /** Those of the Python frames alone. */
  readonly pythonStacks = new StackTree();
  readonly #parts: MergedStacksParts;
  readonly #natives = new StackTree();
  /** Of each evaluation, innermost first, how many frames it has and in which call its anchor lies. */
  readonly #shapes = new StackTree();
  readonly #places: CodePlace[] = [];
  readonly #placesByFrame = new Map<number, number>();
  /** What the places are called, as far as that was asked. */
  readonly #named: (readonly NativeFrame[])[] = [];

  constructor(parts: MergedStacksParts) {
    this.#parts = parts;
  }

  /** The pending stack of a thread, or of a task that waits. @param seen `undefined` where no native calls are known */
  idOf(python: ShownPython, seen: SeenCalls | undefined): number {
    const native = seen === undefined ? EMPTY_STACK : this.#nativeOf(seen.walk);
    const shape = seen === undefined ? EMPTY_STACK : this.#shapeOf(seen.frames, seen.walk.frames);
    const { tables, process } = this.#parts;
    const { stack, own, marker } = python;
    return tables.pending.idOf([process, stack, own, native, shape, marker + 1], () =>
      this.#settle({ python, native, shape }),
    );
  }

  #nativeOf({ frames, end }: UnwoundStack): number {
    let node = this.#natives.child(EMPTY_STACK, end.kind === 'cut-off' ? CUT_OFF : WHOLE);
    for (let at = frames.length - 1; at >= 0; at -= 1) {
      const frame = frames[at];
      if (frame !== undefined) node = this.#natives.child(node, this.#placeOf(frame));
    }
    return node;
  }

  #placeOf(frame: UnwoundFrame): number {
    const key = 4 * frame.pc + (frame.isActivation ? 2 : 0) + (frame.isSignalFrame ? 1 : 0);
    const known = this.#placesByFrame.get(key);
    const place = known === undefined ? undefined : this.#places[known];
    if (known !== undefined && place !== undefined && this.#parts.native.isCurrent(place)) return known;
    const index = this.#places.length;
    this.#places.push(this.#parts.native.placeOf(frame));
    this.#placesByFrame.set(key, index);
    return index;
  }

  #shapeOf({ depth, entries }: WalkedFrames, calls: readonly UnwoundFrame[]): number {
    const anchors: number[] = [];
    for (let at = depth - 1; at >= 0; at -= 1) if (entries[at] !== NO_ENTRY) anchors.push(entries[at] ?? 0);
    const holders = holdersOf(anchors, calls);
    let shape = EMPTY_STACK;
    let count = 0;
    let evaluation = 0;
    for (let at = depth - 1; at >= 0; at -= 1) {
      count += 1;
      if (entries[at] === NO_ENTRY && at > 0) continue;
      const holder = entries[at] === NO_ENTRY ? NO_ANCHOR : (holders[evaluation] ?? NO_ANCHOR);
      shape = this.#shapes.child(this.#shapes.child(shape, count), holder);
      evaluation += 1;
      count = 0;
    }
    return shape;
  }

  #settle({ python: { stack, own, marker }, native, shape }: SeenStack): SettledStack {
    const { stacks } = this.#parts.tables;
    const outermostFirst = this.pythonStacks.framesOf(stack);
    const below = outermostFirst.slice(0, outermostFirst.length - own);
    const calls = outermostFirst.slice(below.length);
    const merged = native === EMPTY_STACK ? undefined : this.#merge(calls, native, shape);
    // The calls of a task begin with its coroutine: what the loop calls that with is no part of it.
    const shown = merged === undefined || below.length === 0 ? merged : innermostOf(merged, own);
    const indices = [...below, ...(shown === undefined ? calls : this.#indicesOf(shown))];
    const all = marker < 0 ? indices : [...indices, marker];
    return {
      stack: all.reduce((node, frame) => stacks.child(node, frame), EMPTY_STACK),
      // A task that waits has none.
      hasNative: merged !== undefined || own === 0,
    };
  }

  /** Outermost first. */
  #indicesOf(merged: readonly MergedFrame<number>[]): readonly number[] {
    const { frames } = this.#parts.tables;
    return merged
      .map((each) => (each.kind === 'python' ? each.frame : frames.indexOf(profileFrameOf(each.frame))))
      .reverse();
  }

  #merge(
    python: readonly number[],
    native: number,
    shape: number,
  ): readonly MergedFrame<number>[] | undefined {
    const [end, ...places] = this.#natives.framesOf(native);
    const calls = places.toReversed().map((place, at): UnwoundCall => {
      const cfa = at === places.length - 1 ? undefined : toAddress(at + 1);
      return { frames: this.#framesAt(place), stackPointer: toAddress(at), cfa };
    });
    const innermostFirst = python.toReversed();
    const numbers = this.#shapes.framesOf(shape);
    const evaluations: SampledEvaluation[] = [];
    for (let at = 0; at < numbers.length; at += 2) {
      const count = numbers[at] ?? 0;
      const frames = innermostFirst.splice(0, count);
      while (frames.length < count) frames.push(NOT_SHOWN);
      evaluations.push({ anchor: anchorOf(numbers[at + 1] ?? NO_ANCHOR, calls.length), frames });
    }
    const cutOff = end === CUT_OFF ? 'its stack is cut off' : undefined;
    return this.#parts.merge({ calls, cutOff }, evaluations);
  }

  /** Names all places at once that have no name yet, so that each symbol table is looked through once. */
  #framesAt(place: number): readonly NativeFrame[] {
    const { native } = this.#parts;
    if (this.#named.length <= place)
      this.#named.push(...native.framesAt(this.#places.slice(this.#named.length)));
    return this.#named[place] ?? [];
  }
}

/** What is innermost, up to so many Python frames. */
function innermostOf(merged: readonly MergedFrame<number>[], count: number): readonly MergedFrame<number>[] {
  let left = count;
  const last = merged.findIndex(({ kind }) => {
    if (kind === 'python') left -= 1;
    return left === 0;
  });
  return merged.slice(0, last + 1);
}

/** In which call each anchor lies: {@link FIRST_CALL} and its index. All is innermost first. */
function holdersOf(anchors: readonly number[], calls: readonly UnwoundFrame[]): readonly number[] {
  const holders: number[] = [];
  const holds = ({ stackPointer, cfa }: UnwoundFrame): boolean => {
    const anchor = anchors[holders.length] ?? Number.NaN;
    return cfa !== undefined && stackPointer <= anchor && anchor < cfa;
  };
  const skip = (): void => {
    while (anchors[holders.length] === ENTRY_WITHOUT_ANCHOR) holders.push(NO_ANCHOR);
  };
  skip();
  for (const [at, call] of calls.entries()) {
    if (!holds(call)) continue;
    holders.push(FIRST_CALL + at);
    skip();
  }
  // One that lies out of order is told, since it says that the two stacks do not belong together.
  if (holders.length < anchors.length) {
    const at = calls.findIndex(holds);
    holders.push(at === -1 ? ANCHOR_NOWHERE : FIRST_CALL + at);
  }
  while (holders.length < anchors.length) holders.push(ANCHOR_NOWHERE);
  return holders;
}

/** Places on the stack are counted in calls: only which anchor lies in which of them matters. */
function anchorOf(holder: number, calls: number): Address | undefined {
  if (holder === NO_ANCHOR) return undefined;
  return toAddress(holder === ANCHOR_NOWHERE ? calls : holder - FIRST_CALL);
}

/** What nothing names is called by its library and where in that its function begins, as far as the unwind rules tell. */
function profileFrameOf({
  symbol,
  module,
  moduleAddress,
  functionStart,
  file,
  line,
}: NativeFrame): ProfileFrame {
  const library = module?.path ?? '';
  const offset = functionStart ?? moduleAddress;
  const place =
    offset === undefined ? UNKNOWN : `${library.slice(library.lastIndexOf('/') + 1)}+${hex(offset)}`;
  return { kind: 'native', name: symbol ?? place, file: file ?? library, firstLine: 0, line: line ?? 0 };
}
