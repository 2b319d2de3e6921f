import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EMPTY_STACK, StackTree } from './stack-tree.ts';

test('stacks that begin alike share their nodes', () => {
  const tree = new StackTree();
  const main = tree.child(EMPTY_STACK, 0);
  const [load, save] = [tree.child(main, 1), tree.child(main, 2)];
  expect(tree.child(main, 1)).toBe(load);
  expect(new Set([EMPTY_STACK, main, load, save]).size).toBe(4);
  const { count, parents, frames } = tree.columns;
  expect([count, [...parents], [...frames]]).toEqual([4, [0, 0, main, main], [0, 0, 1, 2]]);
});

test('each pair of a parent and a frame has one node, however many there are', () => {
  fc.assert(
    fc.property(
      fc.array(fc.tuple(fc.nat(5000), fc.nat(4_000_000)), { minLength: 3000, maxLength: 6000 }),
      (pairs) => {
        const tree = new StackTree();
        const known = new Map<string, number>();
        for (const [parent, frame] of pairs) {
          const node = tree.child(parent, frame);
          const key = `${parent} ${frame}`;
          expect(known.get(key) ?? node).toBe(node);
          known.set(key, node);
        }
        expect(tree.columns.count).toBe(known.size + 1);
      },
    ),
    { numRuns: 5 },
  );
});
