import { expect, test } from 'vitest';
import { at, makeFrame, makeSnapshot } from '../../test/support/snapshots.ts';
import { toAddress } from '../base/address.ts';
import type { Greenlet, GreenletThread } from '../model/greenlet.ts';
import { greenletLines } from './greenlet-layout.ts';
import { PLAIN } from './style.ts';

const RULE = '='.repeat(60);

function makeGreenlet(changes: Partial<Greenlet> = {}): Greenlet {
  return {
    address: toAddress(0x7f00_0001_0000),
    typeName: 'gevent.greenlet.Greenlet',
    isMain: false,
    parent: toAddress(0x7f00_0002_0000),
    frames: [makeFrame()],
    problems: [],
    ...changes,
  };
}

function linesOf(greenlets: readonly Greenlet[], changes: Partial<GreenletThread> = {}): readonly string[] {
  const thread = { osThreadId: 5010, pthreadId: toAddress(0x7f00_0003_0000), threadName: 'pool', greenlets };
  const snapshot = makeSnapshot([], { greenlets: [{ ...thread, ...changes }] });
  return [...greenletLines(snapshot, { style: PLAIN, showLocals: false })];
}

test('greenletLines() shows greenlets by thread, outermost frame first', () => {
  const frames = [
    makeFrame({ name: 'sleep', position: at(61), sourceLine: '    hub.wait(t)\n' }),
    makeFrame({ name: 'run', position: at(40) }),
  ];
  const main = makeGreenlet({ isMain: true, parent: undefined, frames: [], typeName: undefined });
  expect(linesOf([main, makeGreenlet({ frames })])).toEqual([
    '',
    RULE,
    'Greenlet Stacks',
    RULE,
    '',
    'Thread: pool (tid: 0x7f0000030000)',
    '-'.repeat(50),
    '',
    '  Greenlet #1: greenlet at 0x7f0000010000 (main)',
    '    State: SUSPENDED',
    '    Stack: no frames',
    '',
    '  Greenlet #2: gevent.greenlet.Greenlet at 0x7f0000010000',
    '    State: SUSPENDED',
    '    Parent: 0x7f0000020000',
    '    Stack (2 frames):',
    '      File "/srv/shop/app.py", line 40, in run',
    '      File "/srv/shop/app.py", line 61, in sleep',
    '        hub.wait(t)',
    '',
    RULE,
  ]);
});

test('greenletLines() names a thread that has ended, and one that has no name', () => {
  const absent = { osThreadId: undefined, pthreadId: undefined, threadName: undefined };
  expect(linesOf([makeGreenlet()], absent)[5]).toBe('Thread: none (it has ended)');
  expect(linesOf([makeGreenlet()], { pthreadId: undefined, threadName: undefined })[5]).toBe(
    'Thread: unknown (tid: ?)',
  );
});

test('greenletLines() says nothing of a process without greenlets', () => {
  for (const greenlets of [[], undefined])
    expect([...greenletLines(makeSnapshot([], { greenlets }), { style: PLAIN, showLocals: true })]).toEqual(
      [],
    );
});

test('greenletLines() escapes what comes from the target', () => {
  const evil = 'a\n\u001b[31m\u202e';
  const greenlet = makeGreenlet({ typeName: evil, frames: [makeFrame({ filename: evil, name: evil })] });
  for (const line of linesOf([greenlet], { threadName: evil }))
    expect(line).not.toMatch(/[\p{Cc}\p{Bidi_Control}]/u);
});
