import { expect, test } from 'vitest';
import { makeProfile, makeProfiledThread } from '../../../test/support/profiles.ts';
import { pageContent } from '../page-content.ts';
import { type CallNode, callBoxes, calleeTree, callerTree, callTree, functionSums } from './call-node.ts';
import type { PageThread, SeenStacks } from './page-data.ts';

const DATA = pageContent(
  makeProfile(
    [
      { stack: 'main;walk@app.py:2;walk@app.py:3;sort', looks: 4 },
      { stack: 'main;sort', looks: 2 },
      { stack: 'poll;walk@app.py:2', looks: 3, thread: 1 },
    ],
    { threads: [makeProfiledThread(), makeProfiledThread({ osThreadId: 5011 })] },
  ),
  { producer: 'test' },
);

const ALL = seenBy(DATA.threads);

function seenBy(threads: readonly PageThread[]): SeenStacks {
  return { now: threads.map(({ weights }) => weights), before: [] };
}

/** `0 all 9 main:1 6 …`: depth, name, line and looks of each box. */
function shown(root: CallNode): readonly string[] {
  return callBoxes(root, ({ now }) => now.looks).map(({ depth, start, node }) => {
    const { name, line } = DATA.frames[node.frame] ?? { name: 'all', line: 0 };
    return `${depth} ${start} ${name}:${line} ${node.now.looks}`;
  });
}

function functionNamed(wanted: string): number {
  return DATA.frames.findIndex(({ name, line }) => name === wanted && line === 0);
}

test('callTree() has every stack of the wanted threads', () => {
  expect(shown(callTree(DATA, ALL))).toEqual([
    '0 0 all:0 9',
    '1 0 main:1 6',
    '2 0 walk:2 4',
    '3 0 walk:3 4',
    '4 0 sort:1 4',
    '2 4 sort:1 2',
    '1 6 poll:1 3',
    '2 6 walk:2 3',
  ]);
  expect(shown(callTree(DATA, seenBy(DATA.threads.slice(1))))).toEqual([
    '0 0 all:0 3',
    '1 0 poll:1 3',
    '2 0 walk:2 3',
  ]);
});

test('callerTree() has below a function what calls it, and calleeTree() what it calls', () => {
  expect(shown(callerTree(DATA, ALL, functionNamed('sort')))).toEqual([
    '0 0 all:0 6',
    '1 0 sort:0 6',
    '2 0 walk:3 4',
    '3 0 walk:2 4',
    '4 0 main:1 4',
    '2 4 main:1 2',
  ]);
  expect(shown(calleeTree(DATA, ALL, functionNamed('walk')))).toEqual([
    '0 0 all:0 7',
    '1 0 walk:0 7',
    '2 0 walk:3 4',
    '3 0 sort:1 4',
  ]);
});

test('functionSums() counts a function once for each look', () => {
  const sums = functionSums(DATA, ALL).map(
    ({ frame, now: { own, total } }) => `${DATA.frames[frame]?.name} ${own} ${total}`,
  );
  expect(sums.sort()).toEqual(['main 0 6', 'poll 0 3', 'sort 6 6', 'walk 3 7']);
});
