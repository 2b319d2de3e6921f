import { expect, test } from 'vitest';
import {
  at,
  makeFrame,
  makeLoop,
  makePrimitive,
  makeSnapshot,
  makeTask,
} from '../../test/support/snapshots.ts';
import { toAddress } from '../base/address.ts';
import type { AsyncTask } from '../model/async-task.ts';
import { asyncTreeLines } from './async-tree.ts';
import { PLAIN } from './style.ts';

function task(number: number, awaitedBy: readonly number[], changes: Partial<AsyncTask> = {}): AsyncTask {
  return makeTask({
    address: toAddress(number),
    name: `Task-${number}`,
    coroutineName: 'work',
    awaitedBy: awaitedBy.map(toAddress),
    ...changes,
  });
}

function linesOf(tasks: readonly AsyncTask[], fold = true): readonly string[] {
  const snapshot = makeSnapshot([], { asyncLoops: [makeLoop(tasks)] });
  return [...asyncTreeLines(snapshot, { style: PLAIN, fold })].slice(6, -1);
}

const PLACE = '[WAITING] /srv/shop/app.py:1 in main';

test('asyncTreeLines() puts those that are awaited below the one that awaits them', () => {
  const frames = [makeFrame({ position: at(7) })];
  expect(linesOf([task(1, []), task(2, [1]), task(3, [1], { frames }), task(4, [3])])).toEqual([
    `└─ work (Task-1) ${PLACE}`,
    `   ├─ work (Task-2) ${PLACE}`,
    '   └─ work (Task-3) [WAITING] /srv/shop/app.py:7 in main',
    `      └─ work (Task-4) ${PLACE}`,
  ]);
});

test('asyncTreeLines() folds tasks that stand alike and await tasks that do', () => {
  const workers = Array.from({ length: 6 }, (_, at) => task(10 + at, [1]));
  const inner = workers.map(({ address }, at) => task(20 + at, [address], { coroutineName: 'inner' }));
  const odd = task(30, [1], { state: 'pending' });
  const tasks = [task(1, []), ...workers, ...inner, odd];
  expect(linesOf(tasks)).toEqual([
    `└─ work (Task-1) ${PLACE}`,
    `   ├─ 6 × work (Task-10, Task-11, Task-12, …, Task-15) ${PLACE}`,
    `   │  └─ inner (Task-20) ${PLACE}`,
    '   └─ work (Task-30) [PENDING] /srv/shop/app.py:1 in main',
  ]);
  expect(linesOf(tasks, false).length).toBe(14);
});

test('asyncTreeLines() says first which tasks wait for each other', () => {
  expect(linesOf([task(1, [3]), task(2, [1]), task(3, [2]), task(4, [])])).toEqual([
    'Cycle: Task-1 waits for Task-2 waits for Task-3 waits for Task-1',
    `├─ work (Task-4) ${PLACE}`,
    `└─ work (Task-1) ${PLACE}`,
    `   └─ work (Task-2) ${PLACE}`,
    `      └─ work (Task-3) ${PLACE}`,
    '         └─ work (Task-1) [WAITING] (its own are shown above)',
  ]);
});

test('asyncTreeLines() shows below only one what several wait for', () => {
  const tasks = [task(1, []), task(2, [], { state: 'pending' }), task(3, [1, 2]), task(4, [3])];
  expect(linesOf(tasks)).toEqual([
    `├─ work (Task-1) ${PLACE}`,
    `│  └─ work (Task-3) ${PLACE}`,
    `│     └─ work (Task-4) ${PLACE}`,
    '└─ work (Task-2) [PENDING] /srv/shop/app.py:1 in main',
    '   └─ work (Task-3) [WAITING] (its own are shown above)',
  ]);
});

test('asyncTreeLines() tells tasks at different locks apart, and shows a frame that is not of asyncio', () => {
  const library = makeFrame({ filename: '/usr/lib/python3.12/asyncio/locks.py', name: 'acquire' });
  const frames = [library, makeFrame({ name: 'in_lock', position: at(5) })];
  const waitsFor = (address: number) => ({
    address: toAddress(0x10),
    typeName: '_asyncio.Future',
    primitive: makePrimitive({ address: toAddress(address), typeName: 'asyncio.locks.Lock' }),
  });
  const tasks = [
    task(1, [], { frames, waitsFor: waitsFor(0x77) }),
    task(2, [], { frames, waitsFor: waitsFor(0x88) }),
    task(3, [], { frames, waitsFor: waitsFor(0x77) }),
  ];
  const place = '[WAITING] /srv/shop/app.py:5 in in_lock waits for asyncio.locks.Lock at';
  expect(linesOf(tasks)).toEqual([
    `├─ 2 × work (Task-1, Task-3) ${place} 0x77`,
    `└─ work (Task-2) ${place} 0x88`,
  ]);
});

test('asyncTreeLines() follows a chain of 10,000 tasks', () => {
  const chain = Array.from({ length: 10_000 }, (_, at) => task(at + 1, at === 0 ? [] : [at]));
  const lines = linesOf(chain);
  expect(lines.length).toBe(10_000);
  expect(lines.at(-1)).toBe(`${' '.repeat(150)}└─ (level 10000) work (Task-10000) ${PLACE}`);
});

test('asyncTreeLines() says that there are no tasks', () => {
  const lines = [...asyncTreeLines(makeSnapshot([], { asyncLoops: [] }), { style: PLAIN, fold: true })];
  expect(lines.slice(4)).toEqual(['No active coroutines/async tasks found.', '']);
});

test('asyncTreeLines() puts who alone holds a lock below those that wait for it, and finds rings of both kinds', () => {
  const waitsFor = (holder: number, areAllHolders = true) => ({
    address: toAddress(0x10),
    typeName: '_asyncio.Future',
    primitive: makePrimitive({
      address: toAddress(0x77),
      typeName: 'asyncio.locks.Lock',
      isHeld: true,
      holders: [{ task: toAddress(holder), takenAt: { filename: '/srv/bank.py', name: 'pay', line: 12 } }],
      areAllHolders,
    }),
  });
  const held = (name: string) => `waits for asyncio.locks.Lock at 0x77, held by task ${name} (bank.py:12)`;
  const tasks = [
    task(1, [], { waitsFor: waitsFor(2) }),
    task(2, [1]),
    task(3, [2]),
    task(4, [], { waitsFor: waitsFor(3) }),
    task(5, [], { waitsFor: waitsFor(4, false) }),
  ];
  expect(linesOf(tasks)).toEqual([
    `├─ work (Task-1) ${PLACE} ${held('Task-2')}`,
    `│  └─ work (Task-2) ${PLACE}`,
    `│     └─ work (Task-3) ${PLACE}`,
    `├─ work (Task-4) ${PLACE} ${held('Task-3')}`,
    `│  └─ work (Task-3) ${PLACE}`,
    `└─ work (Task-5) ${PLACE} ${held('Task-4')}`,
  ]);
  const ring = [task(6, [], { waitsFor: waitsFor(7) }), task(7, []), task(8, [7], { waitsFor: waitsFor(6) })];
  expect(linesOf(ring)[0]).toBe(
    'Cycle: Task-6 waits for Task-7 (bank.py:12) waits for Task-8 waits for Task-6 (bank.py:12)',
  );
});
