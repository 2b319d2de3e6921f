import { expect, test } from 'vitest';
import { at, makeFrame, makeSnapshot, makeThread } from '../../test/support/snapshots.ts';
import { toAddress } from '../base/address.ts';
import { faulthandlerLines } from './faulthandler-layout.ts';

test('faulthandlerLines() shows name and pthread id, the innermost call first', () => {
  const threads = [
    makeThread({
      pythonName: 'cpu-worker',
      pthreadId: toAddress(0x1_70da_3000),
      frames: [
        makeFrame({ filename: 'demo.py', name: 'cpu_worker', position: at(28) }),
        makeFrame({ filename: '/opt/py39/lib/python3.9/threading.py', name: 'run', position: at(888) }),
      ],
    }),
    makeThread({ frames: [makeFrame({ filename: 'demo.py', name: '<module>', position: at(74) })] }),
  ];
  expect([...faulthandlerLines(makeSnapshot(threads))]).toEqual([
    '(cpu-worker) 0x0000000170da3000 (most recent call first):',
    '  File "demo.py", line 28 in cpu_worker',
    '  File "/opt/py39/lib/python3.9/threading.py", line 888 in run',
    '',
    '(MainThread) 0x00007f21e0a3c740 (most recent call first):',
    '  File "demo.py", line 74 in <module>',
  ]);
});

test.each([
  ['the kernel name', { pythonName: undefined }, '(python) 0x00007f21e0a3c740'],
  ['the thread id', { pythonName: undefined, kernelName: undefined }, '(Thread-5010) 0x00007f21e0a3c740'],
  ['an unknown pthread id', { pthreadId: undefined }, '(MainThread) 0x?'],
])('faulthandlerLines() falls back on %s', (_, thread, expected) => {
  expect([...faulthandlerLines(makeSnapshot([makeThread(thread)]))]).toEqual([
    `${expected} (most recent call first):`,
    '  <no Python frame>',
  ]);
});

test('faulthandlerLines() shows ??? for a frame that is on no line, as CPython does', () => {
  const frame = makeFrame({ position: undefined });
  expect([...faulthandlerLines(makeSnapshot([makeThread({ frames: [frame] })]))][1]).toBe(
    '  File "/srv/shop/app.py", line ??? in main',
  );
});
