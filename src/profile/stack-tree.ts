/** The columns of a {@link StackTree}: plain data. */
export interface StackColumns {
  readonly count: number;
  /** Of each node the one that it is called from; of node 0 itself. */
  readonly parents: Uint32Array;
  /** Of each node its frame; of node 0 nothing. */
  readonly frames: Uint32Array;
}

/** The node of the empty stack, from which all others descend. */
export const EMPTY_STACK = 0;

/** The frames of a stack as indices, the outermost call first. */
export function frameIndices({ parents, frames }: StackColumns, stack: number): readonly number[] {
  const indices: number[] = [];
  for (let node = stack; node !== EMPTY_STACK; node = parents[node] ?? EMPTY_STACK)
    indices.push(frames[node] ?? 0);
  return indices.reverse();
}

const FIRST_CAPACITY = 1024;
/** The table is at most half full, so that a search ends soon. */
const SLOTS_PER_NODE = 2;

/**
 * All stacks that were seen, as a tree from the outermost call in: a stack is a number, and stacks that begin alike share
 * what they have in common. A child is found by an open hash table, as a Map with a key of two numbers costs ten times that.
 */
export class StackTree {
  #count = 1;
  #parents = new Uint32Array(FIRST_CAPACITY);
  #frames = new Uint32Array(FIRST_CAPACITY);
  /** Nodes by the hash of their parent and frame; 0 is a free slot, since the empty stack is nobody's child. */
  #slots = new Uint32Array(FIRST_CAPACITY * SLOTS_PER_NODE);

  /** The stack that a call of `frame` makes of `parent`. */
  child(parent: number, frame: number): number {
    const mask = this.#slots.length - 1;
    let slot = hash(parent, frame) & mask;
    for (;;) {
      const node = this.#slots[slot] ?? 0;
      if (node === EMPTY_STACK) return this.#add(parent, frame, slot);
      if (this.#parents[node] === parent && this.#frames[node] === frame) return node;
      slot = (slot + 1) & mask;
    }
  }

  /** The frames of a stack as indices, the outermost call first. */
  framesOf(stack: number): readonly number[] {
    return frameIndices({ count: this.#count, parents: this.#parents, frames: this.#frames }, stack);
  }

  /** How many stacks there are. */
  get count(): number {
    return this.#count;
  }

  /** The stack that a stack was called from. */
  parentOf(stack: number): number {
    return this.#parents[stack] ?? EMPTY_STACK;
  }

  /** Its innermost call. */
  frameOf(stack: number): number {
    return this.#frames[stack] ?? 0;
  }

  /** The columns as they are now; later additions do not show in them. */
  get columns(): StackColumns {
    return this.columnsFrom(EMPTY_STACK);
  }

  /** The same of the nodes from one on. */
  columnsFrom(first: number): StackColumns {
    return {
      count: this.#count - first,
      parents: this.#parents.slice(first, this.#count),
      frames: this.#frames.slice(first, this.#count),
    };
  }

  #add(parent: number, frame: number, slot: number): number {
    const node = this.#count;
    if (node === this.#parents.length) {
      this.#grow();
      return this.child(parent, frame);
    }
    this.#count += 1;
    this.#parents[node] = parent;
    this.#frames[node] = frame;
    this.#slots[slot] = node;
    return node;
  }

  #grow(): void {
    const capacity = this.#parents.length * 2;
    this.#parents = grown(this.#parents, capacity);
    this.#frames = grown(this.#frames, capacity);
    this.#slots = new Uint32Array(capacity * SLOTS_PER_NODE);
    const mask = this.#slots.length - 1;
    for (let node = 1; node < this.#count; node += 1) {
      let slot = hash(this.#parents[node] ?? 0, this.#frames[node] ?? 0) & mask;
      while (this.#slots[slot] !== 0) slot = (slot + 1) & mask;
      this.#slots[slot] = node;
    }
  }
}

/** Columns that are put together of parts. */
export class GrowingColumns {
  #count = 0;
  #parents = new Uint32Array(FIRST_CAPACITY);
  #frames = new Uint32Array(FIRST_CAPACITY);

  append({ count, parents, frames }: StackColumns): void {
    const wanted = this.#count + count;
    if (wanted > this.#parents.length) {
      const capacity = Math.max(wanted, 2 * this.#parents.length);
      this.#parents = grown(this.#parents, capacity);
      this.#frames = grown(this.#frames, capacity);
    }
    this.#parents.set(parents, this.#count);
    this.#frames.set(frames, this.#count);
    this.#count = wanted;
  }

  /** The columns as they are now: no copy, since what is there does not change. */
  get columns(): StackColumns {
    return {
      count: this.#count,
      parents: this.#parents.subarray(0, this.#count),
      frames: this.#frames.subarray(0, this.#count),
    };
  }
}

function grown(column: Uint32Array, capacity: number): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(capacity);
  larger.set(column);
  return larger;
}

/** Two odd constants of xxHash32; the result's low bits depend on all bits of both. */
function hash(parent: number, frame: number): number {
  const mixed = Math.imul(parent, 0x9e37_79b1) ^ Math.imul(frame + 1, 0x85eb_ca77);
  return Math.imul(mixed ^ (mixed >>> 15), 0xc2b2_ae3d) >>> 7;
}
