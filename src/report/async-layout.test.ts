import { expect, test } from 'vitest';
import {
  at,
  local,
  makeFrame,
  makeLoop,
  makePrimitive,
  makeSnapshot,
  makeTask,
} from '../../test/support/snapshots.ts';
import { toAddress } from '../base/address.ts';
import type { AsyncLoop } from '../model/async-task.ts';
import { asyncLines } from './async-layout.ts';
import { PLAIN } from './style.ts';

const RULE = '='.repeat(60);

function linesOf(loops: readonly AsyncLoop[], showLocals = false): readonly string[] {
  return [...asyncLines(makeSnapshot([], { asyncLoops: loops }), { style: PLAIN, showLocals })];
}

test('asyncLines() shows tasks by thread, outermost frame first', () => {
  const frames = [
    makeFrame({ name: 'fetch', position: at(61), sourceLine: '        await asyncio.sleep(5)\n' }),
    makeFrame({ name: 'run', position: at(40), sourceLine: '        await self.fetch()\n' }),
  ];
  expect(linesOf([makeLoop([makeTask({ frames })], { threadName: 'loop-0' })])).toEqual([
    RULE,
    'Async Coroutine/Task Stacks',
    RULE,
    '',
    'Thread: loop-0 (tid: 0x7f0000030000)',
    '-'.repeat(50),
    '',
    '  Task #1: poll',
    '    State: WAITING',
    '    Coroutine: Poller.run',
    '    Stack (2 frames):',
    '      File "/srv/shop/app.py", line 40, in run',
    '        await self.fetch()',
    '      File "/srv/shop/app.py", line 61, in fetch',
    '        await asyncio.sleep(5)',
    '',
    RULE,
  ]);
});

test('asyncLines() says that there are no tasks, even where loops are', () => {
  expect(linesOf([makeLoop([])]).slice(4)).toEqual(['No active coroutines/async tasks found.', '', RULE]);
});

test('asyncLines() names a loop that no thread runs by its type', () => {
  const loop = makeLoop([makeTask()], { isRunning: false, threadName: undefined, pthreadId: undefined });
  const name = 'asyncio.unix_events._UnixSelectorEventLoop at 0x7f0000020000';
  expect(linesOf([loop])[4]).toBe(`Thread: none (${name} does not run)`);
  expect(linesOf([{ ...loop, isClosed: true }])[4]).toBe(`Thread: none (${name} is closed)`);
});

test('asyncLines() shows what is not known as unknown', () => {
  const task = makeTask({ name: undefined, coroutineName: undefined, frames: [], state: 'finished' });
  const loop = makeLoop([task], { threadName: undefined, pthreadId: undefined });
  expect(linesOf([loop]).slice(4, 12)).toEqual([
    'Thread: unknown (tid: ?)',
    '-'.repeat(50),
    '',
    '  Task #1: task at 0x7f0000010000',
    '    State: FINISHED',
    '    Coroutine: unknown',
    '    Stack: no frames',
    '',
  ]);
});

test('asyncLines() shows the lock that is waited for, variables and where the task was made', () => {
  const variables = [local('delay', { kind: 'int', value: 5n, isLong: false })];
  const address = toAddress(0x7f00_0004_0000);
  const task = makeTask({
    frames: [makeFrame({ variables })],
    waitsFor: {
      address: toAddress(0x7f00_0005_0000),
      typeName: '_asyncio.Future',
      primitive: makePrimitive({ address, typeName: 'asyncio.locks.Lock' }),
    },
    origin: [{ filename: '/srv/shop/main.py', line: undefined, name: '<module>' }],
  });
  expect(linesOf([makeLoop([task])], true).slice(10, -2)).toEqual([
    '    Waits for: asyncio.locks.Lock at 0x7f0000040000',
    '    Stack (1 frames):',
    '      File "/srv/shop/app.py", line 1, in main',
    '        Locals:',
    '          delay: 5',
    '    Created at:',
    '      File "/srv/shop/main.py", line ?, in <module>',
  ]);
});

test('asyncLines() escapes what comes from the target', () => {
  const evil = 'a\n\u001b[31m\u202e';
  const frames = [makeFrame({ filename: evil, name: evil, sourceLine: evil })];
  const origin = [{ filename: evil, line: 1, name: evil }];
  const primitive = makePrimitive({ address: toAddress(1), typeName: evil });
  const task = makeTask({
    name: evil,
    coroutineName: evil,
    frames,
    origin,
    waitsFor: { address: toAddress(1), typeName: evil, primitive },
  });
  const lines = linesOf([
    makeLoop([task], { threadName: evil }),
    makeLoop([task], { isRunning: false, typeName: evil }),
  ]);
  for (const line of lines) expect(line).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
});

test('asyncLines() says who holds what a task waits for, as far as that is known', () => {
  const address = toAddress(0x77);
  const holder = makeTask({ address: toAddress(0x88), name: 'holder' });
  const takenAt = { filename: '/srv/shop/app.py', name: 'main', line: 12 };
  const waits = (changes: Parameters<typeof makePrimitive>[0]) =>
    makeTask({
      waitsFor: {
        address: toAddress(1),
        typeName: '_asyncio.Future',
        primitive: makePrimitive({ address, typeName: 'asyncio.locks.Lock', ...changes }),
      },
    });
  const held = { isHeld: true, holders: [{ task: holder.address, takenAt }] };
  const many = {
    isHeld: true,
    holders: Array.from({ length: 7 }, () => ({ task: toAddress(9), takenAt: undefined })),
  };
  const tasks = [waits(held), waits({ isHeld: true }), waits({ isHeld: false }), waits(many), holder];
  const lines = linesOf([makeLoop(tasks)]).filter((line) => line.includes('Waits for'));
  const lock = '    Waits for: asyncio.locks.Lock at 0x77';
  expect(lines).toEqual([
    `${lock}, held by task holder (app.py:12)`,
    `${lock}, owner unknown`,
    `${lock}, free by now`,
    `${lock}, held by task at 0x9, task at 0x9, task at 0x9, task at 0x9, task at 0x9 and 2 more`,
  ]);
});

test('asyncLines() says since when a loop has not turned', () => {
  const turn = { readyCount: 1, overdueSeconds: 12.34 };
  expect(linesOf([makeLoop([makeTask()], { turn })])[6]).toBe(
    '  Loop: overdue timer by 12.3 s: the loop has not turned since at least then; 1 callback is ready',
  );
});
