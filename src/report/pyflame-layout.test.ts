import { expect, test } from 'vitest';
import { at, makeFrame, makeSnapshot, makeThread } from '../../test/support/snapshots.ts';
import { toAddress } from '../base/address.ts';
import { pyflameLines } from './pyflame-layout.ts';

test('pyflameLines() shows the innermost call first, an asterisk at the GIL and an empty line between threads', () => {
  const random = makeFrame({
    filename: '/usr/lib64/python3.6/random.py',
    name: '_randbelow',
    position: at(235),
  });
  const run = makeFrame({ filename: 'tests/dijkstra.py', name: 'run', position: at(154) });
  const main = makeFrame({ filename: 'tests/dijkstra.py', name: '<module>', position: at(204) });
  const threads = [
    makeThread({ pthreadId: toAddress(140302218905344), gil: 'holds', frames: [random, run] }),
    makeThread({ pthreadId: toAddress(140302382565184), frames: [main] }),
  ];
  expect([...pyflameLines(makeSnapshot(threads))]).toEqual([
    '140302218905344*:',
    '/usr/lib64/python3.6/random.py:_randbelow:235',
    'tests/dijkstra.py:run:154',
    '',
    '140302382565184:',
    'tests/dijkstra.py:<module>:204',
  ]);
});

test('pyflameLines() leaves out threads without frames, and the empty line with them', () => {
  const threads = [makeThread(), makeThread({ frames: [makeFrame()] }), makeThread()];
  expect([...pyflameLines(makeSnapshot(threads))]).toEqual(['139783479478080:', '/srv/shop/app.py:main:1']);
});

test('pyflameLines() shows ? for what is not known and escapes the rest', () => {
  const frame = makeFrame({ position: undefined, name: 'f\u001b' });
  expect([...pyflameLines(makeSnapshot([makeThread({ pthreadId: undefined, frames: [frame] })]))]).toEqual([
    '?:',
    '/srv/shop/app.py:f\\x1b:?',
  ]);
});
