import type { Profile, ProfileFrame } from './profile.ts';
import type { SampleBlock } from './sample-table.ts';
import { EMPTY_STACK, frameIndices, type StackColumns } from './stack-tree.ts';

/** How often something was seen, and the time that this stands for. */
export interface Weight {
  readonly looks: number;
  readonly ns: number;
}

/** Looks and time of each stack of a profile: its own, and with those of the stacks that begin with it. */
export class WeightedTree {
  readonly frames: readonly ProfileFrame[];
  readonly stacks: StackColumns;
  readonly #ownLooks: Float64Array;
  readonly #ownNs: Float64Array;
  readonly #totalLooks: Float64Array;
  readonly #totalNs: Float64Array;
  /** The calls that each stack leads to, one after the other: those of a stack begin where `#firstCalls` says. */
  readonly #calls: Uint32Array;
  readonly #firstCalls: Uint32Array;

  /** Weighs the samples of all threads, or of those that are wanted. */
  constructor(
    { frames, stacks, samples }: Pick<Profile, 'frames' | 'stacks' | 'samples'>,
    isWanted: (thread: number) => boolean = () => true,
  ) {
    this.frames = frames;
    this.stacks = stacks;
    this.#ownLooks = new Float64Array(stacks.count);
    this.#ownNs = new Float64Array(stacks.count);
    for (const block of samples) this.#weigh(block, isWanted);
    this.#totalLooks = withCallees(this.#ownLooks, stacks);
    this.#totalNs = withCallees(this.#ownNs, stacks);
    this.#firstCalls = firstCalls(stacks);
    this.#calls = sortedCalls(stacks, this.#firstCalls);
  }

  /** Goes through the columns, which takes a sixth of the time that samplesOf() would: a table is made anew each second. */
  #weigh(
    { count, threads, stacks, looks, weightNs }: SampleBlock,
    isWanted: (thread: number) => boolean,
  ): void {
    for (let row = 0; row < count; row += 1) {
      if (!isWanted(threads[row] ?? 0)) continue;
      const stack = stacks[row] ?? EMPTY_STACK;
      this.#ownLooks[stack] = (this.#ownLooks[stack] ?? 0) + (looks[row] ?? 0);
      this.#ownNs[stack] = (this.#ownNs[stack] ?? 0) + (weightNs[row] ?? 0);
    }
  }

  /** What was seen at the stack itself. */
  own(stack: number): Weight {
    return { looks: this.#ownLooks[stack] ?? 0, ns: this.#ownNs[stack] ?? 0 };
  }

  /** What was seen at the stack and in what it called. */
  total(stack: number): Weight {
    return { looks: this.#totalLooks[stack] ?? 0, ns: this.#totalNs[stack] ?? 0 };
  }

  /** All that was seen. */
  get whole(): Weight {
    return this.total(EMPTY_STACK);
  }

  /** The frame that a stack ends with; `undefined` of the empty one. */
  frame(stack: number): ProfileFrame | undefined {
    return stack === EMPTY_STACK ? undefined : this.frames[this.stacks.frames[stack] ?? 0];
  }

  /** The stacks that were seen and are one call longer, those with the most looks first. */
  calls(stack: number): readonly number[] {
    const calls = this.#calls.subarray(this.#firstCalls[stack], this.#firstCalls[stack + 1]);
    const looks = (call: number): number => this.#totalLooks[call] ?? 0;
    return [...calls].filter((call) => looks(call) > 0).sort((one, other) => looks(other) - looks(one));
  }

  /** The stacks that were seen themselves, each once, callers before what they call. */
  *seen(): Generator<number> {
    for (let stack = EMPTY_STACK; stack < this.stacks.count; stack += 1)
      if ((this.#ownLooks[stack] ?? 0) > 0) yield stack;
  }

  /** The frames of a stack, the outermost call first. */
  framesOf(stack: number): readonly ProfileFrame[] {
    return frameIndices(this.stacks, stack).flatMap((index) => this.frames[index] ?? []);
  }

  /** All stacks that were seen or passed, each after its caller, and before the next of this what it calls. */
  *walk(): Generator<{ readonly stack: number; readonly depth: number }> {
    const ahead = [{ stack: EMPTY_STACK, depth: 0 }];
    for (let next = ahead.pop(); next !== undefined; next = ahead.pop()) {
      yield next;
      const depth = next.depth + 1;
      for (const stack of [...this.calls(next.stack)].reverse()) ahead.push({ stack, depth });
    }
  }
}

/** Adds to each stack what was seen of longer ones: these have higher numbers. */
function withCallees(own: Float64Array, { count, parents }: StackColumns): Float64Array {
  const total = own.slice();
  for (let stack = count - 1; stack > EMPTY_STACK; stack -= 1) {
    const parent = parents[stack] ?? EMPTY_STACK;
    total[parent] = (total[parent] ?? 0) + (total[stack] ?? 0);
  }
  return total;
}

function firstCalls({ count, parents }: StackColumns): Uint32Array {
  const first = new Uint32Array(count + 2);
  for (let stack = 1; stack < count; stack += 1) {
    const parent = parents[stack] ?? EMPTY_STACK;
    first[parent + 1] = (first[parent + 1] ?? 0) + 1;
  }
  for (let stack = 1; stack < first.length; stack += 1)
    first[stack] = (first[stack] ?? 0) + (first[stack - 1] ?? 0);
  return first;
}

function sortedCalls({ count, parents }: StackColumns, first: Uint32Array): Uint32Array {
  const next = first.slice();
  const calls = new Uint32Array(count);
  for (let stack = 1; stack < count; stack += 1) {
    const parent = parents[stack] ?? EMPTY_STACK;
    const place = next[parent] ?? 0;
    calls[place] = stack;
    next[parent] = place + 1;
  }
  return calls;
}
