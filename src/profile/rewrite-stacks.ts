import { FrameTable } from './frame-table.ts';
import type { Profile, ProfileFrame } from './profile.ts';
import type { SampleBlock } from './sample-table.ts';
import { EMPTY_STACK, type StackColumns, StackTree } from './stack-tree.ts';

/** What is to become of the stacks of a profile. */
export interface StackRewriting {
  /** What stands in the place of a frame; nothing does when it is `undefined`, and its callees are then its caller's. */
  readonly replace?: (frame: ProfileFrame) => ProfileFrame | undefined;
  /** What comes before the outermost call of each stack of a thread, the outermost first. */
  readonly rootsOf?: (thread: number) => readonly ProfileFrame[];
  /** Whether the samples of a thread with a stack stay. */
  readonly keeps?: (thread: number, stack: number) => boolean;
}

/** Makes a profile of another, with other stacks for its samples, and no frame or stack that no sample has. */
export function rewriteStacks(profile: Profile, rewriting: StackRewriting): Profile {
  const stacks = new RewrittenStacks(profile, rewriting);
  const { keeps = () => true } = rewriting;
  const samples = profile.samples.map((block) =>
    rewriteBlock(block, (thread, stack) => (keeps(thread, stack) ? stacks.of(thread, stack) : undefined)),
  );
  const looks = samples.reduce((sum, block) => sum + block.looks.reduce((some, each) => some + each, 0), 0);
  return {
    ...profile,
    frames: stacks.frames,
    stacks: stacks.columns,
    samples,
    account: { ...profile.account, samples: looks },
  };
}

/** The new stack of each old one, found when it is first asked for. */
class RewrittenStacks {
  readonly #old: StackColumns;
  readonly #frames = new FrameTable();
  readonly #tree = new StackTree();
  readonly #oldFrames: readonly ProfileFrame[];
  readonly #replace: (frame: ProfileFrame) => ProfileFrame | undefined;
  /** The index of the new frame for each old one that a stack has; `undefined` where it is left out. */
  readonly #newFrames = new Map<number, number | undefined>();
  readonly #rootsOf: (thread: number) => readonly ProfileFrame[];
  /** By thread the stack of what comes before its calls. */
  readonly #roots = new Map<number, number>();
  /** By such a stack the new stack of each old one. */
  readonly #known = new Map<number, Map<number, number>>();

  constructor(
    { stacks, frames }: Profile,
    { replace = (frame) => frame, rootsOf = () => [] }: StackRewriting,
  ) {
    this.#old = stacks;
    this.#oldFrames = frames;
    this.#replace = replace;
    this.#rootsOf = rootsOf;
  }

  get frames(): readonly ProfileFrame[] {
    return this.#frames.frames;
  }

  get columns(): StackColumns {
    return this.#tree.columns;
  }

  of(thread: number, stack: number): number {
    const root = this.#rootOf(thread);
    let known = this.#known.get(root);
    if (known === undefined) {
      known = new Map([[EMPTY_STACK, root]]);
      this.#known.set(root, known);
    }
    const unknown: number[] = [];
    let node = stack;
    while (!known.has(node)) {
      unknown.push(node);
      node = this.#old.parents[node] ?? EMPTY_STACK;
    }
    let rewritten = known.get(node) ?? root;
    for (const each of unknown.reverse()) {
      const frame = this.#newFrame(this.#old.frames[each] ?? 0);
      if (frame !== undefined) rewritten = this.#tree.child(rewritten, frame);
      known.set(each, rewritten);
    }
    return rewritten;
  }

  #newFrame(old: number): number | undefined {
    if (this.#newFrames.has(old)) return this.#newFrames.get(old);
    const frame = this.#oldFrames[old];
    const replaced = frame === undefined ? undefined : this.#replace(frame);
    const index = replaced === undefined ? undefined : this.#frames.indexOf(replaced);
    this.#newFrames.set(old, index);
    return index;
  }

  #rootOf(thread: number): number {
    const known = this.#roots.get(thread);
    if (known !== undefined) return known;
    let root = EMPTY_STACK;
    for (const frame of this.#rootsOf(thread)) root = this.#tree.child(root, this.#frames.indexOf(frame));
    this.#roots.set(thread, root);
    return root;
  }
}

function rewriteBlock(
  block: SampleBlock,
  stackOf: (thread: number, stack: number) => number | undefined,
): SampleBlock {
  const rows: number[] = [];
  const stacks: number[] = [];
  for (let row = 0; row < block.count; row += 1) {
    const stack = stackOf(block.threads[row] ?? 0, block.stacks[row] ?? 0);
    if (stack === undefined) continue;
    rows.push(row);
    stacks.push(stack);
  }
  const kept = (column: ArrayLike<number>): number[] => rows.map((row) => column[row] ?? 0);
  return {
    count: rows.length,
    startNs: Float64Array.from(kept(block.startNs)),
    weightNs: Float64Array.from(kept(block.weightNs)),
    looks: Uint32Array.from(kept(block.looks)),
    threads: Uint32Array.from(kept(block.threads)),
    stacks: Uint32Array.from(stacks),
    states: Uint8Array.from(kept(block.states)),
  };
}
