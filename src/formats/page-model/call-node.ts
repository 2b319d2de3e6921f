import type { Box } from './box-geometry.ts';
import type { PageData, PageThread } from './page-data.ts';

/** Calls of a frame from the same callers, with what was seen of them. */
export interface CallNode {
  /** -1 of the whole. */
  readonly frame: number;
  looks: number;
  ns: number;
  ownLooks: number;
  readonly calls: Map<number, CallNode>;
}

/** A box that stands for calls. */
export interface CallBox extends Box {
  readonly node: CallNode;
}

/** What was seen of a function. */
export interface FunctionSum {
  readonly frame: number;
  own: number;
  total: number;
  ownNs: number;
}

/** Makes a node that nothing was seen of yet. */
export function emptyNode(frame: number): CallNode {
  return { frame, looks: 0, ns: 0, ownLooks: 0, calls: new Map() };
}

/** The tree of all calls of some threads. */
export function callTree(data: PageData, threads: readonly PageThread[]): CallNode {
  const root = emptyNode(-1);
  eachStack(data, threads, (frames, looks, ns) => addPath(root, frames, looks, ns));
  return root;
}

/** What a function calls, as one tree: of calls within calls of it the outer one counts. */
export function calleeTree(data: PageData, threads: readonly PageThread[], wanted: number): CallNode {
  const root = emptyNode(-1);
  eachStack(data, threads, (frames, looks, ns) => {
    const first = frames.findIndex((frame) => data.frames[frame]?.function === wanted);
    if (first >= 0) addPath(root, withFunction(data, frames.slice(first)), looks, ns);
  });
  return root;
}

/** What calls a function: below it its callers, below these theirs. */
export function callerTree(data: PageData, threads: readonly PageThread[], wanted: number): CallNode {
  const root = emptyNode(-1);
  eachStack(data, threads, (frames, looks, ns) => {
    const last = frames.findLastIndex((frame) => data.frames[frame]?.function === wanted);
    if (last >= 0) addPath(root, withFunction(data, frames.slice(0, last + 1).reverse()), looks, ns);
  });
  return root;
}

/** The sums of all functions. One that is in a stack several times counts once. */
export function functionSums(data: PageData, threads: readonly PageThread[]): readonly FunctionSum[] {
  const sums = new Map<number, FunctionSum>();
  eachStack(data, threads, (frames, looks, ns) => {
    const seen = new Set<number>();
    for (const [place, frame] of frames.entries()) {
      const name = data.frames[frame]?.function ?? frame;
      const sum = sums.get(name) ?? { frame: name, own: 0, total: 0, ownNs: 0 };
      sums.set(name, sum);
      if (!seen.has(name)) sum.total += looks;
      seen.add(name);
      if (place < frames.length - 1) continue;
      sum.own += looks;
      sum.ownNs += ns;
    }
  });
  return [...sums.values()];
}

/** Lays out a tree: each box below its caller, those with the most looks first. */
export function callBoxes(root: CallNode): readonly CallBox[] {
  const boxes: CallBox[] = [];
  const ahead: CallBox[] = [{ node: root, start: 0, width: root.looks, depth: 0 }];
  for (let box = ahead.pop(); box !== undefined; box = ahead.pop()) {
    boxes.push(box);
    const calls: CallBox[] = [];
    let { start } = box;
    for (const node of [...box.node.calls.values()].sort((one, other) => other.looks - one.looks)) {
      calls.push({ node, start, width: node.looks, depth: box.depth + 1 });
      start += node.looks;
    }
    ahead.push(...calls.reverse());
  }
  return boxes;
}

/** The function itself is one box, whatever its line: that is what is asked about. */
function withFunction(data: PageData, [first = 0, ...others]: readonly number[]): readonly number[] {
  return [data.frames[first]?.function ?? first, ...others];
}

function addPath(root: CallNode, frames: readonly number[], looks: number, ns: number): void {
  let node = root;
  add(node, looks, ns);
  for (const frame of frames) {
    const next = node.calls.get(frame) ?? emptyNode(frame);
    node.calls.set(frame, next);
    node = next;
    add(node, looks, ns);
  }
  node.ownLooks += looks;
}

function add(node: CallNode, looks: number, ns: number): void {
  node.looks += looks;
  node.ns += ns;
}

function eachStack(
  { parents, stackFrames }: PageData,
  threads: readonly PageThread[],
  take: (frames: readonly number[], looks: number, ns: number) => void,
): void {
  for (const { weights } of threads) {
    for (let at = 0; at < weights.length; at += 3) {
      const frames: number[] = [];
      for (let node = weights[at] ?? 0; node > 0; node = parents[node] ?? 0)
        frames.push(stackFrames[node] ?? 0);
      take(frames.reverse(), weights[at + 1] ?? 0, weights[at + 2] ?? 0);
    }
  }
}
