import { expect, test } from 'vitest';
import {
  at,
  local,
  makeFrame,
  makeNativeFrame,
  makeSnapshot,
  makeThread,
} from '../../test/support/snapshots.ts';
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
  ['no parentheses for a thread without a name', { kernelName: undefined, pythonName: undefined }, '5010 []'],
  [
    'the name in Python where the kernel has none',
    { kernelName: undefined, pythonName: 'w0' },
    '5010 (w0) []',
  ],
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

const INNER = makeNativeFrame({ symbol: 'read', file: '../sysdeps/read.c', line: 26 });
const SORT = makeNativeFrame({ isInlined: true });
const UNKNOWN = makeNativeFrame({
  symbol: undefined,
  symbolOffset: undefined,
  file: undefined,
  line: undefined,
});
const NO_FILE = { ...UNKNOWN, pc: toAddress(0x7f00_dead_0000), module: undefined, moduleAddress: undefined };
const NATIVE = { frames: [INNER, SORT, UNKNOWN], cutOff: undefined };
const MERGED_THREAD = makeThread({
  frames: FRAMES,
  native: NATIVE,
  merged: [
    { kind: 'native', frame: INNER },
    { kind: 'python', frame: makeFrame({ name: 'key' }) },
    { kind: 'native', frame: SORT },
    { kind: 'python', frame: makeFrame() },
    { kind: 'native', frame: UNKNOWN },
  ],
});

function nativeLines(
  snapshot: Snapshot,
  native: 'all' | 'last' | undefined,
  style = PLAIN,
): readonly string[] {
  const options = { style, showLocals: false, ...(native === undefined ? {} : { native }) };
  return [...pystackLines(snapshot, options)].slice(1);
}

const [READ_LINE, SORT_LINE, UNKNOWN_LINE] = [
  '    (C) File "../sysdeps/read.c", line 26, in read (/usr/lib/libsort.so.1)',
  '    (C) File "sort.c", line 42, in sort_list (inlined) (/usr/lib/libsort.so.1)',
  '    (C) File "/usr/lib/libsort.so.1", line 0, in ??? (/usr/lib/libsort.so.1)',
];
const [KEY_LINE, MAIN_LINE] = ['key', 'main'].map(
  (name) => `    (Python) File "/srv/shop/app.py", line 1, in ${name}`,
);

test.each([
  ['all native calls', 'all', [UNKNOWN_LINE, MAIN_LINE, SORT_LINE, KEY_LINE, READ_LINE]],
  ['those behind the last Python frame', 'last', [MAIN_LINE, KEY_LINE, READ_LINE]],
  ['none of them', undefined, [MAIN_LINE]],
] as const)('pystackLines() shows %s', (_, native, expected) => {
  expect(nativeLines(makeSnapshot([MERGED_THREAD]), native)).toEqual(expected);
});

test('pystackLines() shows both stacks where they cannot be merged, and says so', () => {
  const thread = makeThread({ frames: FRAMES, native: NATIVE });
  expect(nativeLines(makeSnapshot([thread]), 'all')).toEqual([
    '* - Unable to merge native stack due to insufficient native information - *',
    MAIN_LINE,
    '* - The native stack by itself - *',
    UNKNOWN_LINE,
    SORT_LINE,
    READ_LINE,
  ]);
});

test('pystackLines() shows native calls of threads without Python, and of those that no interpreter knows', () => {
  const merged = NATIVE.frames.map((frame) => ({ kind: 'native', frame }) as const);
  const idle = makeThread({ osThreadId: 5011, native: NATIVE, merged });
  const other = {
    osThreadId: 5012,
    innerThreadId: undefined,
    kernelName: 'pool',
    activity: { state: 'unknown' },
    cpuTimeNs: undefined,
    native: { frames: [NO_FILE], cutOff: undefined },
  } as const;
  const threads = [makeThread({ interpreterId: 2, frames: FRAMES })];
  const snapshot = makeSnapshot([idle], { nativeThreads: [other] });
  expect(nativeLines(snapshot, 'all')).toEqual([
    UNKNOWN_LINE,
    SORT_LINE,
    READ_LINE,
    '',
    'Traceback for thread 5012 (pool) [] (most recent call last):',
    '    (C) File "???", line 0, in ??? (no file, 0x7f00dead0000)',
  ]);
  const several = nativeLines({ ...snapshot, threads: [...threads, idle] }, 'all');
  expect(several.slice(-3)).toEqual([
    'Traceback for thread 5012 (pool) (most recent call last):',
    '  Not currently attached to any interpreter []',
    '    (C) File "???", line 0, in ??? (no file, 0x7f00dead0000)',
  ]);
});

test('pystackLines() colours native calls and escapes their names', () => {
  const frame = makeNativeFrame({
    symbol: 'f\u001b',
    module: { path: '/lib/\u0007.so', buildId: undefined },
  });
  const thread = makeThread({
    native: { frames: [frame], cutOff: undefined },
    merged: [{ kind: 'native', frame }],
  });
  expect(nativeLines(makeSnapshot([thread]), 'all', ANSI)).toEqual([
    '    \u001b[34m(C)\u001b[0m File "sort.c", line 42, in \u001b[33mf\\x1b\u001b[0m (\u001b[2m/lib/\\x07.so\u001b[0m)',
  ]);
});
