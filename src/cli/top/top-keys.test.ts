import { emitKeypressEvents, type Key } from 'node:readline';
import { PassThrough } from 'node:stream';
import { expect, test } from 'vitest';
import { makeTopView } from '../../../test/support/top-views.ts';
import type { TopView } from '../../report/top-view.ts';
import { type KeyEffect, type Press, pressKey } from './top-keys.ts';

/** Keys as a terminal sends them. */
function pressesOf(keys: string): readonly Press[] {
  const input = new PassThrough();
  const presses: Press[] = [];
  emitKeypressEvents(input);
  input.on('keypress', (text: string | undefined, key: Key) => presses.push({ text, key }));
  input.emit('data', Buffer.from(keys));
  return presses;
}

/** Presses keys one after the other, and answers what the last one leads to. */
function press(keys: string, changes: Partial<TopView> = {}): KeyEffect {
  let effect: KeyEffect = makeTopView(changes);
  for (const each of pressesOf(keys)) {
    if (typeof effect === 'string') throw new Error(`${effect} came before the last key`);
    effect = pressKey(effect, each, { threads: [3, 5, 8], pageRows: 10 });
  }
  return effect;
}

const [UP, DOWN, RIGHT, LEFT] = ['\u001b[A', '\u001b[B', '\u001b[C', '\u001b[D'];
const [PAGE_UP, PAGE_DOWN] = ['\u001b[5~', '\u001b[6~'];

const VIEWS: readonly (readonly [keys: string, changes: Partial<TopView>])[] = [
  ['3', { sort: 'ownTime' }],
  ['s', { sort: 'total' }],
  [RIGHT, { sort: 'total' }],
  ['S', { sort: 'totalTime' }],
  [`s${LEFT}`, { sort: 'own' }],
  ['ssss', { sort: 'own' }],
  ['l', { byFunction: true }],
  ['LL', { byFunction: false }],
  // Nothing to show where the process is not sampled by task.
  ['a', { byTask: undefined }],
  ['m', { mode: 'wall' }],
  ['MMMMM', { mode: 'cpu' }],
  ['tpm', { mode: 'wall', thread: undefined, isPaused: false }],
  ['t', { thread: 3 }],
  [`t${DOWN}`, { thread: 5 }],
  [`t${UP}`, { thread: 8 }],
  [`t${DOWN}${DOWN}${DOWN}`, { thread: 3 }],
  ['tt', { thread: undefined }],
  [`${DOWN}${DOWN}${UP}`, { skipped: 1 }],
  [`${PAGE_DOWN}${PAGE_DOWN}${PAGE_UP}${UP}`, { skipped: 9 }],
  [UP, { skipped: 0 }],
  ['p', { isPaused: true }],
  ['pp', { isPaused: false }],
  ['+', { delayMs: 500 }],
  ['+++++++', { delayMs: 100 }],
  ['-', { delayMs: 2000 }],
  ['?', { isHelpShown: true }],
  ['?q', { isHelpShown: false }],
  ['/views', { isSearching: true, search: 'views' }],
  ['/viewsq\u007f\u007f\r', { isSearching: false, search: 'view' }],
  ['/q\rc', { search: '' }],
  ['x', {}],
];

test.each(VIEWS)('pressKey() of %j', (keys, changes) => {
  expect(press(keys)).toEqual(makeTopView(changes));
});

test.each([
  ['q', 'leave'],
  ['r', 'reset'],
  ['\u0003', 'interrupt'],
  ['\u001a', 'suspend'],
  ['/abc\u0003', 'interrupt'],
] as const)('pressKey() answers at %j that somebody wants to %s', (keys, effect) => {
  expect(press(keys)).toBe(effect);
});

test('pressKey() takes a pace between two that there are', () => {
  expect(press('+', { delayMs: 700 })).toMatchObject({ delayMs: 500 });
  expect(press('-', { delayMs: 700 })).toMatchObject({ delayMs: 1000 });
});

test('pressKey() turns between tasks and their calls, where there are tasks', () => {
  expect(press('a', { byTask: true, skipped: 3 })).toMatchObject({ byTask: false, skipped: 0 });
  expect(press('A', { byTask: false })).toMatchObject({ byTask: true });
});

test('pressKey() leaves the mode alone where there is but one', () => {
  expect(press('m', { mode: 'wall', modes: ['wall'] })).toMatchObject({ mode: 'wall' });
});

test('pressKey() shows no thread when none was seen', () => {
  const [key] = pressesOf('t');
  const view = makeTopView();
  expect(key && pressKey(view, key, { threads: [], pageRows: 10 })).toEqual(view);
});
