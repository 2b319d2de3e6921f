import { expect, test } from 'vitest';
import { at, local, makeFrame, makeSnapshot, makeThread } from '../../test/support/snapshots.ts';
import { toAddress } from '../base/address.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { ThreadStack } from '../model/thread-stack.ts';
import { formatThread, pystackLines } from './pystack-layout.ts';
import { ANSI, PLAIN } from './style.ts';

const FRAMES = [makeFrame()];
const INTEGER = { kind: 'int', value: 3n, isLong: false } as const;

function lines(snapshot: Snapshot, showLocals = false): string[] {
  return [...pystackLines(snapshot, { style: PLAIN, showLocals })];
}

test('pystackLines() shows the outermost call first and the source line under each', () => {
  const inner = makeFrame({ name: 'drain', position: at(8), sourceLine: '    item = q.get()\n' });
  const outer = makeFrame({ name: '<module>', position: at(40), sourceLine: 'drain()\n' });
  expect(lines(makeSnapshot([makeThread({ gil: 'holds', frames: [inner, outer] })]))).toEqual([
    'Traceback for thread 5010 (python) [Has the GIL] (most recent call last):',
    '    (Python) File "/srv/shop/app.py", line 40, in <module>',
    '        drain()',
    '    (Python) File "/srv/shop/app.py", line 8, in drain',
    '        item = q.get()',
  ]);
});

const HEADERS: readonly (readonly [string, Partial<ThreadStack>, string])[] = [
  ['no word for a thread without the GIL', {}, '5010 (python) []'],
  ['nothing for an unknown GIL state', { gil: undefined }, '5010 (python) []'],
  ['a thread that waits', { gil: 'waits' }, '5010 (python) [Waiting for the GIL]'],
  ['a thread that drops', { gil: 'drops' }, '5010 (python) [Dropping the GIL]'],
  [
    'several states without blanks',
    { gil: 'holds', isCollectingGarbage: true },
    '5010 (python) [Has the GIL,Garbage collecting]',
  ],
  [
    'a terminated thread as 0',
    { osThreadId: undefined, kernelName: undefined, isTerminated: true },
    '0 [Thread terminated]',
  ],
  ['a thread without a known id', { osThreadId: undefined, kernelName: undefined }, '? []'],
  ['no parentheses for a thread without a name', { kernelName: undefined }, '5010 []'],
  ['a name without the blanks at its end', { kernelName: 'pool 1 \n' }, '5010 (pool 1) []'],
  ['a name that a terminal would obey', { kernelName: '\u001b[31mx' }, '5010 (\\x1b[31mx) []'],
];
test.each(HEADERS)('pystackLines() shows in the header %s', (_, thread, expected) => {
  expect(lines(makeSnapshot([makeThread({ ...thread, frames: FRAMES })]))[0]).toBe(
    `Traceback for thread ${expected} (most recent call last):`,
  );
});

test('pystackLines() separates threads by one empty line and ends without one', () => {
  const threads = [2, 1].map((osThreadId) => makeThread({ osThreadId, frames: FRAMES }));
  expect(lines(makeSnapshot(threads))).toEqual([
    'Traceback for thread 2 (python) [] (most recent call last):',
    '    (Python) File "/srv/shop/app.py", line 1, in main',
    '',
    'Traceback for thread 1 (python) [] (most recent call last):',
    '    (Python) File "/srv/shop/app.py", line 1, in main',
  ]);
});

test('pystackLines() has one line for a thread without Python frames', () => {
  expect(lines(makeSnapshot([makeThread()]))).toEqual(['The frame stack for thread 5010 is empty']);
});

test('pystackLines() tells a thread that could not be read from an empty one', () => {
  const problems = [{ kind: 'torn-thread', message: 'It changed' }] as const;
  expect(lines(makeSnapshot([makeThread({ problems })]))).toEqual([
    'The frame stack for thread 5010 could not be read',
  ]);
});

test('pystackLines() shows ? for a frame that is on no line', () => {
  const frame = makeFrame({ position: undefined });
  expect(lines(makeSnapshot([makeThread({ frames: [frame] })]))[1]).toBe(
    '    (Python) File "/srv/shop/app.py", line ?, in main',
  );
});

test('pystackLines() escapes file and function', () => {
  const frame = makeFrame({ filename: '/tmp/\u0007.py', name: 'f\u001b' });
  expect(lines(makeSnapshot([makeThread({ frames: [frame] })]))[1]).toBe(
    '    (Python) File "/tmp/\\x07.py", line 1, in f\\x1b',
  );
});

test('pystackLines() shows arguments and locals under their headings in declaration order', () => {
  const variables = [
    { name: 'q', role: 'positional', value: INTEGER },
    { name: 'key', role: 'keyword-only', value: INTEGER },
    { name: 'args', role: 'var-positional', value: INTEGER },
    { name: 'kwargs', role: 'var-keyword', value: INTEGER },
    local('seen', INTEGER),
    { name: 'outer', role: 'closure', value: INTEGER },
  ] as const;
  const snapshot = makeSnapshot([makeThread({ frames: [makeFrame({ variables })] })]);
  expect(lines(snapshot, true).slice(2)).toEqual([
    '      Arguments:',
    '        q: 3',
    '        key: 3',
    '        args: 3',
    '        kwargs: 3',
    '      Locals:',
    '        seen: 3',
    '        outer: 3',
  ]);
  expect(lines(snapshot)).toHaveLength(2);
});

test.each([
  ['Arguments', [{ name: 'q', role: 'positional', value: INTEGER }], ['      Arguments:', '        q: 3']],
  ['Locals', [local('q', INTEGER)], ['      Locals:', '        q: 3']],
  ['no', [], []],
] as const)('pystackLines() shows %s heading alone where there is nothing else', (_, variables, expected) => {
  const snapshot = makeSnapshot([makeThread({ frames: [makeFrame({ variables })] })]);
  expect(lines(snapshot, true).slice(2)).toEqual(expected);
});

test('pystackLines() names the interpreters where threads belong to several', () => {
  const threads = [
    makeThread({ interpreterId: 2, frames: FRAMES, gil: 'holds', stackAnchor: toAddress(0x1000) }),
    makeThread({ interpreterId: 0, frames: FRAMES, stackAnchor: toAddress(0x2000) }),
    makeThread({ interpreterId: 0, osThreadId: 5011 }),
  ];
  expect(lines(makeSnapshot(threads))).toEqual([
    'Traceback for thread 5010 (python) (most recent call last):',
    '  In the main interpreter []',
    '    (Python) File "/srv/shop/app.py", line 1, in main',
    '  In interpreter 2 [Has the GIL]',
    '    (Python) File "/srv/shop/app.py", line 1, in main',
    '',
    'Traceback for thread 5011 (python) (most recent call last):',
    '  In the main interpreter []',
  ]);
});

test('pystackLines() puts the states of one thread together at the place of the first', () => {
  const threads = [
    makeThread({ osThreadId: 7, interpreterId: 1, frames: FRAMES }),
    makeThread({ osThreadId: 8, interpreterId: 0 }),
    makeThread({ osThreadId: 7, interpreterId: 0, stackAnchor: toAddress(0x2000) }),
  ];
  expect(lines(makeSnapshot(threads)).filter((line) => !line.startsWith('    '))).toEqual([
    'Traceback for thread 7 (python) (most recent call last):',
    '  In the main interpreter []',
    '  In interpreter 1 []',
    '',
    'Traceback for thread 8 (python) (most recent call last):',
    '  In the main interpreter []',
  ]);
});

test('pystackLines() puts remarks under the header and shows the frames that are asked for', () => {
  const thread = makeThread({ frames: [makeFrame({ name: 'inner' }), makeFrame({ name: 'outer' })] });
  const options = {
    style: PLAIN,
    showLocals: false,
    remarks: () => ['  moved'],
    framesOf: ({ frames }: ThreadStack) => frames.slice(0, 1),
  };
  expect([...pystackLines(makeSnapshot([thread]), options)]).toEqual([
    'Traceback for thread 5010 (python) [] (most recent call last):',
    '  moved',
    '    (Python) File "/srv/shop/app.py", line 1, in inner',
  ]);
});

test('pystackLines() paints the mark, the function, the columns and the headings', () => {
  const frame = makeFrame({
    sourceLine: 'x = f()',
    position: at(1, 4, 7),
    variables: [local('x', INTEGER)],
  });
  const painted = [
    ...pystackLines(makeSnapshot([makeThread({ frames: [frame] })]), { style: ANSI, showLocals: true }),
  ];
  expect(painted.slice(1)).toEqual([
    '    \u001b[32m(Python)\u001b[0m File "/srv/shop/app.py", line 1, in \u001b[33mmain\u001b[0m',
    '        x = \u001b[34mf()\u001b[0m',
    '      \u001b[2mLocals:\u001b[0m',
    '        x: 3',
  ]);
});

test('pystackLines() yields nothing for a process without Python threads', () => {
  expect(lines(makeSnapshot([]))).toEqual([]);
});

test('formatThread() shows id and kernel name', () => {
  expect(formatThread(makeThread())).toBe('5010 (python)');
});
