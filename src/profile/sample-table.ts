/** What a thread was doing when it was looked at: bits of {@link Sample.state}. */
export const SampleState = {
  /** It ran on a CPU. */
  onCpu: 1,
  holdsGil: 2,
  waitsForGil: 4,
  /** Its interpreter was collecting garbage, and it was the thread that did. */
  collects: 8,
  /** An exception was on its way. */
  raises: 16,
  /** It was handling one; asked only in the mode that is about that. */
  handles: 32,
  /** It is no look at the thread, but at a task of its loop that waits: there are many at one moment. */
  waits: 64,
} as const;

/** One or more looks in a row that found a thread with the same stack and in the same state. */
export interface Sample {
  /** When the first look was taken, after the profile began. */
  readonly startNs: number;
  /** The time that the looks stand for. */
  readonly weightNs: number;
  readonly looks: number;
  /** Index into the threads of the profile. */
  readonly thread: number;
  /** Node of the tree of stacks. */
  readonly stack: number;
  /** Bits of {@link SampleState}. */
  readonly state: number;
}

/** A part of a table of samples in columns: plain data. */
export interface SampleBlock {
  count: number;
  readonly startNs: Float64Array;
  readonly weightNs: Float64Array;
  readonly looks: Uint32Array;
  readonly threads: Uint32Array;
  readonly stacks: Uint32Array;
  readonly states: Uint8Array;
}

/** Rows of a block: 28 bytes each, so that a block is 900 KB, and nothing is ever copied to grow. */
const BLOCK_ROWS = 32_768;

/** The samples of a profile in the order in which they were begun; looks in a row that found the same are one. */
export class SampleTable {
  #blocks: SampleBlock[] = [];
  #block: SampleBlock | undefined;
  #startNs = 0;
  #weightNs = 0;
  /** The rows of tasks that wait, by thread and stack. */
  readonly #waiting = new Map<number, { block: SampleBlock; row: number }>();
  /** Threads that have had rows here. */
  readonly #known = new Set<number>();
  /** The last row of each thread, which the next look may prolong: its block and its place there. */
  readonly #last: ({ block: SampleBlock; row: number } | undefined)[] = [];

  /** Says when the looks that follow were taken, and for how much time each of them stands. */
  beginSweep(startNs: number, weightNs: number): void {
    this.#startNs = startNs;
    this.#weightNs = weightNs;
  }

  /** Adds a look at a thread. */
  add(thread: number, stack: number, state: number): void {
    const last = this.#last[thread];
    if (
      last !== undefined &&
      last.block.stacks[last.row] === stack &&
      last.block.states[last.row] === state
    ) {
      last.block.looks[last.row] = (last.block.looks[last.row] ?? 0) + 1;
      last.block.weightNs[last.row] = (last.block.weightNs[last.row] ?? 0) + this.#weightNs;
      return;
    }
    const place = this.#begin(thread, stack, state, 1);
    if (last === undefined) this.#last[thread] = place;
    else {
      last.block = place.block;
      last.row = place.row;
    }
  }

  /** Adds looks at tasks that wait at one stack, beside what their thread does: one row has all of them. */
  addWaiting(thread: number, stack: number, looks: number): void {
    const key = thread * 2 ** 32 + stack;
    const known = this.#waiting.get(key);
    if (known === undefined) {
      this.#waiting.set(key, this.#begin(thread, stack, SampleState.waits, looks));
      return;
    }
    const { block, row } = known;
    block.looks[row] = (block.looks[row] ?? 0) + looks;
    block.weightNs[row] = (block.weightNs[row] ?? 0) + looks * this.#weightNs;
  }

  /** Whether a thread has a row here, or has had one that was taken. */
  knows(thread: number): boolean {
    return this.#known.has(thread);
  }

  #begin(thread: number, stack: number, state: number, looks: number): { block: SampleBlock; row: number } {
    this.#known.add(thread);
    const block = this.#roomyBlock();
    const row = block.count;
    block.count += 1;
    block.startNs[row] = this.#startNs;
    block.weightNs[row] = looks * this.#weightNs;
    block.looks[row] = looks;
    block.threads[row] = thread;
    block.stacks[row] = stack;
    block.states[row] = state;
    return { block, row };
  }

  /** Ends the row of a thread, which was not looked at or left out: its next look begins another. */
  interrupt(thread: number): void {
    this.#last[thread] = undefined;
  }

  /** The blocks as they are now, to be sent away. */
  get blocks(): readonly SampleBlock[] {
    return this.#blocks;
  }

  /** Forgets all rows and answers them: what was collected since the last time. */
  takeBlocks(): readonly SampleBlock[] {
    const taken = this.#blocks.map(trimmed);
    this.#blocks = [];
    this.#block = undefined;
    this.#last.length = 0;
    this.#waiting.clear();
    return taken;
  }

  #roomyBlock(): SampleBlock {
    if (this.#block === undefined || this.#block.count === BLOCK_ROWS) {
      this.#block = emptyBlock();
      this.#blocks.push(this.#block);
    }
    return this.#block;
  }
}

/** Without the rows that are not in use, which would be sent along. */
function trimmed(block: SampleBlock): SampleBlock {
  const { count } = block;
  if (count === BLOCK_ROWS) return block;
  return {
    count,
    startNs: block.startNs.slice(0, count),
    weightNs: block.weightNs.slice(0, count),
    looks: block.looks.slice(0, count),
    threads: block.threads.slice(0, count),
    stacks: block.stacks.slice(0, count),
    states: block.states.slice(0, count),
  };
}

function emptyBlock(): SampleBlock {
  return {
    count: 0,
    startNs: new Float64Array(BLOCK_ROWS),
    weightNs: new Float64Array(BLOCK_ROWS),
    looks: new Uint32Array(BLOCK_ROWS),
    threads: new Uint32Array(BLOCK_ROWS),
    stacks: new Uint32Array(BLOCK_ROWS),
    states: new Uint8Array(BLOCK_ROWS),
  };
}

/** The samples of blocks, one after the other. */
export function* samplesOf(blocks: readonly SampleBlock[]): Generator<Sample> {
  for (const block of blocks) {
    for (let row = 0; row < block.count; row += 1) yield sampleAt(block, row);
  }
}

/** One sample of a block. */
export function sampleAt(block: SampleBlock, row: number): Sample {
  return {
    startNs: block.startNs[row] ?? 0,
    weightNs: block.weightNs[row] ?? 0,
    looks: block.looks[row] ?? 0,
    thread: block.threads[row] ?? 0,
    stack: block.stacks[row] ?? 0,
    state: block.states[row] ?? 0,
  };
}
