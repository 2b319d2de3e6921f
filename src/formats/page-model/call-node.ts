import type { Box } from './box-geometry.ts';
import type { PageStacks, SeenStacks } from './page-data.ts';

/** What was seen of calls. */
export interface CallSum {
  looks: number;
  ns: number;
  ownLooks: number;
}

/** Calls of a frame from the same callers, with what was seen of them. */
export interface CallNode {
  /** -1 of the whole. */
  readonly frame: number;
  readonly now: CallSum;
  /** In the profile that this one is compared with; nothing where there is none. */
  readonly before: CallSum;
  readonly calls: Map<number, CallNode>;
}

/** A box that stands for calls. */
export interface CallBox extends Box {
  readonly node: CallNode;
}

/** What was seen of a function. */
export interface FunctionSum {
  readonly frame: number;
  readonly now: FunctionTimes;
  /** In the profile that this one is compared with. */
  readonly before: FunctionTimes;
}

interface FunctionTimes {
  own: number;
  total: number;
  ownNs: number;
}

/** Makes a node that nothing was seen of yet. */
export function emptyNode(frame: number): CallNode {
  const nothing = (): CallSum => ({ looks: 0, ns: 0, ownLooks: 0 });
  return { frame, now: nothing(), before: nothing(), calls: new Map() };
}

/** All that was seen, without what was called. */
export function wholeOf(seen: SeenStacks): CallNode {
  const whole = emptyNode(-1);
  for (const side of SIDES)
    for (const weights of seen[side])
      for (let at = 0; at < weights.length; at += 3)
        add(whole[side], weights[at + 1] ?? 0, weights[at + 2] ?? 0);
  return whole;
}

/** The tree of all calls. */
export function callTree(stacks: PageStacks, seen: SeenStacks): CallNode {
  const root = emptyNode(-1);
  eachStack(stacks, seen, (stack) => addPath(root, stack));
  return root;
}

/** What a function calls, as one tree: of calls within calls of it the outer one counts. */
export function calleeTree(stacks: PageStacks, seen: SeenStacks, wanted: number): CallNode {
  const root = emptyNode(-1);
  eachStack(stacks, seen, (stack) => {
    const { frames } = stack;
    const first = frames.findIndex((frame) => stacks.frames[frame]?.function === wanted);
    if (first >= 0) addPath(root, { ...stack, frames: withFunction(stacks, frames.slice(first)) });
  });
  return root;
}

/** What calls a function: below it its callers, below these theirs. */
export function callerTree(stacks: PageStacks, seen: SeenStacks, wanted: number): CallNode {
  const root = emptyNode(-1);
  eachStack(stacks, seen, (stack) => {
    const { frames } = stack;
    const last = frames.findLastIndex((frame) => stacks.frames[frame]?.function === wanted);
    if (last < 0) return;
    addPath(root, { ...stack, frames: withFunction(stacks, frames.slice(0, last + 1).reverse()) });
  });
  return root;
}

/** The sums of all functions. One that is in a stack several times counts once. */
export function functionSums(stacks: PageStacks, seen: SeenStacks): readonly FunctionSum[] {
  const sums = new Map<number, FunctionSum>();
  eachStack(stacks, seen, ({ side, frames, looks, ns }) => {
    const counted = new Set<number>();
    for (const [place, frame] of frames.entries()) {
      const name = stacks.frames[frame]?.function ?? frame;
      const sum = sums.get(name) ?? emptySum(name);
      sums.set(name, sum);
      if (!counted.has(name)) sum[side].total += looks;
      counted.add(name);
      if (place < frames.length - 1) continue;
      sum[side].own += looks;
      sum[side].ownNs += ns;
    }
  });
  return [...sums.values()];
}

/** Lays out a tree: each box below its caller, the widest first. */
export function callBoxes(root: CallNode, widthOf: (node: CallNode) => number): readonly CallBox[] {
  const boxes: CallBox[] = [];
  const ahead: CallBox[] = [{ node: root, start: 0, width: widthOf(root), depth: 0 }];
  for (let box = ahead.pop(); box !== undefined; box = ahead.pop()) {
    boxes.push(box);
    const calls: CallBox[] = [];
    let { start } = box;
    const depth = box.depth + 1;
    const widths = Array.from(box.node.calls.values(), (node) => ({ node, width: widthOf(node) }));
    for (const { node, width } of widths.sort((one, other) => other.width - one.width)) {
      calls.push({ node, start, width, depth });
      start += width;
    }
    ahead.push(...calls.reverse());
  }
  return boxes;
}

const SIDES = ['now', 'before'] as const;

/** A stack that was seen, in which of two profiles, and how often. */
interface SeenStack {
  readonly side: (typeof SIDES)[number];
  /** The outermost call first. */
  readonly frames: readonly number[];
  readonly looks: number;
  readonly ns: number;
}

/** The function itself is one box, whatever its line: that is what is asked about. */
function withFunction({ frames }: PageStacks, [first = 0, ...others]: readonly number[]): readonly number[] {
  return [frames[first]?.function ?? first, ...others];
}

function emptySum(frame: number): FunctionSum {
  const nothing = (): FunctionTimes => ({ own: 0, total: 0, ownNs: 0 });
  return { frame, now: nothing(), before: nothing() };
}

function addPath(root: CallNode, { side, frames, looks, ns }: SeenStack): void {
  let node = root;
  add(node[side], looks, ns);
  for (const frame of frames) {
    const next = node.calls.get(frame) ?? emptyNode(frame);
    node.calls.set(frame, next);
    node = next;
    add(node[side], looks, ns);
  }
  node[side].ownLooks += looks;
}

function add(sum: CallSum, looks: number, ns: number): void {
  sum.looks += looks;
  sum.ns += ns;
}

function eachStack(
  { parents, stackFrames }: PageStacks,
  seen: SeenStacks,
  take: (stack: SeenStack) => void,
): void {
  for (const side of SIDES) {
    for (const weights of seen[side]) {
      for (let at = 0; at < weights.length; at += 3) {
        const frames: number[] = [];
        for (let node = weights[at] ?? 0; node > 0; node = parents[node] ?? 0)
          frames.push(stackFrames[node] ?? 0);
        take({ side, frames: frames.reverse(), looks: weights[at + 1] ?? 0, ns: weights[at + 2] ?? 0 });
      }
    }
  }
}
