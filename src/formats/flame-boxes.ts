import type { WeightedTree } from '../profile/weighted-tree.ts';

/** A stack as it is drawn: as wide as what was seen of it, below its caller. */
export interface FlameBox {
  readonly stack: number;
  readonly depth: number;
  /** What lies to the left of it, and its width, in the unit of its weight. */
  readonly start: number;
  readonly width: number;
}

/**
 * Lays out all stacks that are at least a part of the whole wide, from callers to what they call, those with the most
 * looks first.
 */
export function* flameBoxes(
  tree: Pick<WeightedTree, 'calls'>,
  weightOf: (stack: number) => number,
  smallestPart: number,
): Generator<FlameBox> {
  const smallest = weightOf(0) * smallestPart;
  const ahead: FlameBox[] = [{ stack: 0, depth: 0, start: 0, width: weightOf(0) }];
  for (let box = ahead.pop(); box !== undefined; box = ahead.pop()) {
    yield box;
    const calls: FlameBox[] = [];
    let start = box.start;
    for (const stack of tree.calls(box.stack)) {
      const width = weightOf(stack);
      if (width >= smallest && width > 0) calls.push({ stack, depth: box.depth + 1, start, width });
      start += width;
    }
    ahead.push(...calls.reverse());
  }
}
