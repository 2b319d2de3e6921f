import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cases } from '../../test/support/fuzzing.ts';
import { LOOK_NS, makeProfile, makeProfiledThread, namedStacks } from '../../test/support/profiles.ts';
import { differenceOf, shareOf } from './difference.ts';
import { functionRows, lineRows } from './function-table.ts';
import { SampleState } from './sample-table.ts';
import { threadRows } from './thread-table.ts';
import { WeightedTree } from './weighted-tree.ts';

const RECURSIVE = makeProfile([
  { stack: 'main;walk;walk;walk', looks: 3 },
  { stack: 'main;walk;sort', looks: 2 },
  { stack: 'main;sort', looks: 1 },
  { stack: 'main;walk@/srv/shop/app.py:2', looks: 4 },
]);

function shown(rows: ReturnType<typeof functionRows>): readonly string[] {
  return rows.map(({ frame, own, total }) => `${frame.name}:${frame.line} ${own.looks} ${total.looks}`);
}

test('functionRows() counts a recursive function once for each look', () => {
  expect(shown(functionRows(new WeightedTree(RECURSIVE)))).toEqual([
    'walk:0 7 9',
    'sort:0 3 3',
    'main:0 0 10',
  ]);
});

test('lineRows() tells the lines of a function apart', () => {
  expect(shown(lineRows(new WeightedTree(RECURSIVE)))).toEqual([
    'walk:2 4 4',
    'walk:1 3 5',
    'sort:1 3 3',
    'main:1 0 10',
  ]);
});

test('WeightedTree walks from callers to what they call, those with the most looks first', () => {
  const tree = new WeightedTree(RECURSIVE);
  const lines = [...tree.walk()].map(({ stack, depth }) => {
    const { looks, ns } = tree.total(stack);
    return `${depth} ${tree.frame(stack)?.name ?? 'all'} ${looks} ${ns / LOOK_NS}`;
  });
  expect(lines).toEqual([
    '0 all 10 10',
    '1 main 10 10',
    '2 walk 5 5',
    '3 walk 3 3',
    '4 walk 3 3',
    '3 sort 2 2',
    '2 walk 4 4',
    '2 sort 1 1',
  ]);
});

const LOOKS = fc.array(
  fc.record({
    stack: fc.array(fc.constantFrom('a', 'b', 'c'), { maxLength: 6 }).map((names) => names.join(';')),
    looks: fc.integer({ min: 1, max: 4 }),
  }),
  { minLength: 1, maxLength: 20 },
);

function counted(
  looks: readonly { readonly stack: string; readonly looks: number }[],
  namesOf: (names: readonly string[]) => Iterable<string>,
): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const { stack, looks: count } of looks) {
    for (const name of namesOf(stack === '' ? [] : stack.split(';')))
      counts.set(name, (counts.get(name) ?? 0) + count);
  }
  return counts;
}

test('functionRows() counts what counting each stack by itself counts', () => {
  fc.assert(
    fc.property(LOOKS, (looks) => {
      const totals = counted(looks, (names) => new Set(names));
      const owns = counted(looks, (names) => names.slice(-1));
      const rows = functionRows(new WeightedTree(makeProfile(looks)));
      expect(new Map(rows.map(({ frame, total }) => [frame.name, total.looks]))).toEqual(totals);
      for (const { frame, own } of rows) expect(own.looks).toBe(owns.get(frame.name) ?? 0);
    }),
    cases(200),
  );
});

test('threadRows() adds up the time of each thread in each state', () => {
  const profile = makeProfile(
    [
      { stack: 'a', looks: 3, state: SampleState.onCpu | SampleState.holdsGil },
      { stack: 'a', looks: 2, state: SampleState.waitsForGil },
      { stack: 'b', looks: 5, thread: 2, state: SampleState.collects },
    ],
    { threads: [0, 1, 2].map((index) => makeProfiledThread({ osThreadId: index })) },
  );
  expect(threadRows(profile)).toMatchObject([
    {
      index: 0,
      looks: 5,
      ns: 5 * LOOK_NS,
      onCpuNs: 3 * LOOK_NS,
      holdsGilNs: 3 * LOOK_NS,
      waitsForGilNs: 2 * LOOK_NS,
    },
    { index: 2, looks: 5, collectsNs: 5 * LOOK_NS, onCpuNs: 0 },
  ]);
});

test('differenceOf() compares shares, whatever the number of looks and where functions begin', () => {
  const before = makeProfile([
    { stack: 'main;slow', looks: 5 },
    { stack: 'main;gone', looks: 5 },
  ]);
  const after = makeProfile([
    { stack: 'main;new', looks: 5 },
    { stack: 'main@/srv/shop/app.py:9;slow@/srv/shop/app.py:30', looks: 15 },
  ]);
  const difference = differenceOf(before, after);
  const gainOf = (stack: number) => shareOf(difference.after, stack) - shareOf(difference.before, stack);
  const gains = [...difference.after.stacks.parents.keys()].map((stack) => [
    difference.after.frame(stack)?.name,
    gainOf(stack),
  ]);
  expect(Object.fromEntries(gains)).toEqual({ undefined: 0, main: 0, slow: 0.25, gone: -0.5, new: 0.25 });
  expect(namedStacks(before)).toEqual(['main;gone 5', 'main;slow 5']);
});
