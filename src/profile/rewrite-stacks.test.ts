import { expect, test } from 'vitest';
import {
  makeProfile,
  makeProfiledProcess,
  makeProfiledThread,
  namedStacks,
} from '../../test/support/profiles.ts';
import { byFunction } from './by-function.ts';
import { filterFrames, filterThreads } from './filter-frames.ts';
import { withRoots } from './root-frames.ts';
import { WeightedTree } from './weighted-tree.ts';

const SHOP = makeProfile(
  [
    { stack: '<module>;serve;view@/srv/shop/views.py:3;load@/srv/shop/db.py:5', looks: 4 },
    { stack: '<module>;serve;view@/srv/shop/views.py:4;load@/srv/shop/db.py:5', looks: 2 },
    { stack: '<module>;serve;view@/srv/shop/views.py:4', looks: 3 },
    { stack: '', looks: 1 },
    { stack: 'poll', looks: 5, thread: 1 },
  ],
  {
    processes: [
      makeProfiledProcess({ pid: 1, commandLine: ['master'] }),
      makeProfiledProcess({ pid: 2, commandLine: ['worker', '-x'], parent: 0 }),
    ],
    threads: [
      makeProfiledThread({ process: 1, osThreadId: 21 }),
      makeProfiledThread({ process: 0, osThreadId: undefined, pthreadId: 7, name: undefined }),
    ],
  },
);

test('byFunction() makes one of the lines of a function', () => {
  expect(namedStacks(byFunction(SHOP))).toEqual([
    ' 1',
    '<module>;serve;view 3',
    '<module>;serve;view;load 6',
    'poll 5',
  ]);
});

test('withRoots() puts every process from the oldest on, and the thread, below the calls', () => {
  expect(namedStacks(withRoots(SHOP, { byProcess: true, byThread: true }))).toEqual([
    'process 1:"master";process 2:"worker -x";thread (21): MainThread 1',
    'process 1:"master";process 2:"worker -x";thread (21): MainThread;<module>;serve;view 3',
    'process 1:"master";process 2:"worker -x";thread (21): MainThread;<module>;serve;view;load 2',
    'process 1:"master";process 2:"worker -x";thread (21): MainThread;<module>;serve;view;load 4',
    'process 1:"master";thread (7);poll 5',
  ]);
});

test('withRoots() ends at a process that claims to have started itself', () => {
  const looped = { ...SHOP, processes: [makeProfiledProcess({ parent: 0, commandLine: ['a'] })] };
  const threads = SHOP.threads.map((thread) => ({ ...thread, process: 0 }));
  const stacks = namedStacks(withRoots({ ...looped, threads }, { byProcess: true, byThread: false }));
  expect(stacks).toContain('process 5010:"a";poll 5');
});

test.each([
  ['function:serve', ['<module>;view 3', '<module>;view;load 2', '<module>;view;load 4']],
  ['module:views', ['<module>;serve 3', '<module>;serve;load 6']],
  ['file:/srv/shop/d?.py', ['<module>;serve;view 4', '<module>;serve;view 5']],
])('filterFrames() leaves out frames of %s, and their time is that of their callers', (pattern, stacks) => {
  const filtered = filterFrames(SHOP, { include: [], exclude: [pattern] });
  expect(namedStacks(filtered).filter((stack) => stack.startsWith('<'))).toEqual(stacks);
  expect(filtered.account.samples).toBe(15);
});

test('filterFrames() keeps the stacks with a frame that is included, and counts them', () => {
  const filtered = filterFrames(SHOP, { include: ['db', 'poll'], exclude: ['db.py'] });
  expect(namedStacks(filtered)).toEqual(['<module>;serve;view 2', '<module>;serve;view 4', 'poll 5']);
  expect(filtered.account.samples).toBe(11);
});

test('filterThreads() keeps the samples of some threads', () => {
  expect(namedStacks(filterThreads(SHOP, (thread) => thread === 1))).toEqual(['poll 5']);
});

test('rewriting keeps times, weights and states', () => {
  const [before, after] = [SHOP, byFunction(SHOP)].map(({ samples }) => samples[0]);
  expect(after?.startNs).toEqual(before?.startNs.slice(0, before.count));
  expect(after?.states).toEqual(before?.states.slice(0, before.count));
  expect(new WeightedTree(byFunction(SHOP)).whole).toEqual(new WeightedTree(SHOP).whole);
});
