import { describe, expect, test } from 'vitest';
import { makeAccount } from '../../test/support/call-accounts.ts';
import type { HookedFunction, WatchedCall } from '../model/function-calls.ts';
import type { ObjectView } from '../model/object-view.ts';
import { accountLines, hookedLines } from './call-account-layout.ts';
import { intervalHead, intervalLines } from './call-interval-layout.ts';
import { callersToJson, intervalToJson, watchedCallToJson } from './call-json.ts';
import { callerLines } from './caller-layout.ts';
import { PLAIN } from './style.ts';
import { watchedCallLines } from './watched-call-layout.ts';

const HOOKED: HookedFunction = {
  label: 'shop.cart.Cart.add',
  module: 'shop.cart',
  path: ['Cart', 'add'],
  nested: [],
  className: 'shop.cart.Cart',
  file: '/srv/shop/cart.py',
  line: 31,
  kind: 'function',
  notes: [],
};
const ACCOUNT = makeAccount({ seen: 78 });
const text = (value: string): ObjectView => ({ kind: 'str', value, omitted: 0, python2: undefined });
const tuple = (...items: ObjectView[]): ObjectView => ({
  kind: 'sequence',
  type: 'tuple',
  items,
  omitted: 0,
});
const CALL: WatchedCall = {
  at: 'exit',
  time: new Date(2026, 10, 20, 9, 15, 2, 417).getTime(),
  costNs: 1_204_100,
  ranNs: 1_204_100,
  thread: { id: 140, nativeId: 12, name: 'MainThread' },
  task: undefined,
  value: {
    kind: 'value',
    evaluation: { typeName: 'tuple', value: { kind: 'view', view: tuple(tuple(text('sku-1'))) } },
  },
  before: undefined,
  error: undefined,
  callers: undefined,
};
const MANNER = { depth: 3, budget: 10_000, style: PLAIN };
const watched = (call: Partial<WatchedCall>, hooked: Partial<HookedFunction> = {}): readonly string[] => [
  ...watchedCallLines({ ...CALL, ...call }, { hooked: { ...HOOKED, ...hooked }, expression: 'args' }, MANNER),
];

describe('watchedCallLines()', () => {
  test('is a headline, and the expression, its type and its value', () => {
    expect(watched({}).join('\n')).toBe(`────────────────────────────────────────────────────────────
✓ 2026-11-20 09:15:02:417 method=shop.cart.Cart.add cost=1.204100ms thread=MainThread is_exp=False result={
  EXPR:   args
  TYPE:   <class 'tuple'>
  VALUE:  (
            (
              "sku-1",
            ),
          )
}`);
  });

  test('shows an exception, who called, and what was before', () => {
    const place = { file: '/srv/shop/cart.py', line: 33, name: 'add' };
    const error = { typeName: 'ValueError', text: 'no\u001b[2J', args: tuple(), frames: [place] };
    const lines = watched({ error, callers: [place], before: CALL.value });
    expect(lines.join('\n')).toContain('✗ 2026');
    expect(lines.join('\n')).toContain('  BEFORE: (');
    expect(lines.join('\n')).toContain('             ValueError: no\\x1b[2J');
    expect(lines.at(-2)).toBe('  STACK:  File "/srv/shop/cart.py", line 33, in add');
  });

  test('shows the time that a coroutine ran, its task, and an expression that failed', () => {
    const failure = { typeName: 'NameError', traceback: 'Traceback\nNameError: x\n' };
    const lines = watched(
      { ranNs: 40_000, task: 'Task-3', value: { kind: 'failure', failure } },
      { kind: 'coroutine' },
    );
    expect(lines[1]).toContain('cost=1.204100ms ran=0.040000ms thread=MainThread task=Task-3 is_exp=False');
    expect(lines.slice(3, 5)).toEqual(['  VALUE FAILED: Traceback', '                NameError: x']);
  });
});

test('hookedLines() says what is hooked, and what is to be known of it', () => {
  const hooked = {
    ...HOOKED,
    kind: 'async generator',
    notes: ['cached: only calls that miss the cache run it'],
  } as const;
  expect([...hookedLines('watch', hooked, PLAIN)]).toEqual([
    '✓ watch is on shop.cart.Cart.add (/srv/shop/cart.py:31, an async generator), press Ctrl-C to stop.',
    '  cached: only calls that miss the cache run it',
  ]);
});

test('accountLines() is a line, and one more for all that did not go as it should', () => {
  expect([...accountLines('shop.cart.Cart.add', ACCOUNT)]).toEqual([
    'shop.cart.Cart.add: as many as were wanted. 78 calls seen, 1 matched, 1 shown; each took 4.6 µs longer; the function is as it was.',
  ]);
  expect([...accountLines('f', { ...ACCOUNT, goesOn: true })][0]).toMatch(
    /longer; a call goes on, and until its end it is measured and the function stays hooked\.$/,
  );
  const bad = {
    ...ACCOUNT,
    reason: 'removed',
    skipped: 1,
    dropped: 2,
    expressionFailures: 3,
    isRestored: false,
  } as const;
  expect([...accountLines('f', { ...bad, abandoned: 4, ownFailures: 5, lastFailure: 'KeyError' })]).toEqual([
    'f: somebody has removed the hook. 78 calls seen, 1 matched, 1 shown; each took 4.6 µs longer; the function was changed meanwhile and is left alone.',
    'warning: 1 call not looked at, to keep the cost below --max-overhead',
    'warning: 2 calls matched but not shown, as they came too fast',
    'warning: expressions raised exceptions 3 times',
    'note: 4 calls of the generator let go of before its end, which this Python does not tell',
    'warning: 5 calls not told, since the agent failed: KeyError',
  ]);
});

describe('the table of monitor', () => {
  const interval = {
    time: new Date(2026, 10, 20, 9, 15, 2).getTime(),
    seconds: 5,
    calls: 40,
    inFlight: 2,
    failures: [{ typeName: 'ValueError', count: 4 }],
    costs: { meanNs: 5000, p50Ns: 4000, p95Ns: 13_000, p99Ns: 14_000, mostNs: 1_500_000 },
  };

  test('intervalLines() is a row, and how calls failed', () => {
    const manner = { style: PLAIN, width: undefined };
    expect([intervalHead(manner), ...intervalLines(interval, manner)]).toEqual([
      'TIME          CALLS     PER-S  FAILED IN-FLIGHT   MEAN(ms)    P50(ms)    P95(ms)    P99(ms)    MAX(ms)',
      '09:15:02         40       8.0       4         2      0.005      0.004      0.013      0.014      1.500',
      '  ValueError: 4',
    ]);
    const [row] = intervalLines({ ...interval, calls: 0, failures: [], costs: undefined }, manner);
    expect(row).toBe(
      '09:15:02          0       0.0       0         2          -          -          -          -          -',
    );
  });

  test('intervalLines() leaves out columns on a narrow terminal', () => {
    const manner = { style: PLAIN, width: 40 };
    expect([intervalHead(manner), ...intervalLines(interval, manner)]).toEqual([
      'TIME          CALLS  FAILED   MEAN(ms)',
      '09:15:02         40       4      0.005',
      '  ValueError: 4',
    ]);
  });

  test('intervalToJson() has the same', () => {
    expect(intervalToJson({ ...interval, costs: undefined })).toMatchObject({
      event: 'interval',
      calls: 40,
      costs: null,
    });
  });
});

test('callerLines() shows every way with its share and its callers', () => {
  const frames = [{ file: 'a.py', line: 3, name: 'pay\u001b' }];
  const report = {
    account: { ...ACCOUNT, shown: 6 },
    paths: [
      { calls: 3, failed: 1, costNs: 6_000_000, frames },
      { calls: 1, failed: 0, costNs: 1_000_000, frames: [] },
    ],
    others: 2,
  };
  expect([...callerLines(report, PLAIN)]).toEqual([
    '3 calls (50.0 %), 2.000 ms on average, 1 failed',
    '  pay\\x1b  a.py:3',
    '1 call (16.7 %), 1.000 ms on average',
    '  (by the interpreter itself)',
    '2 calls by further ways',
  ]);
  expect(callersToJson(report)).toMatchObject({
    event: 'ended',
    reason: 'limit',
    others: 2,
    paths: [{ calls: 3 }, {}],
  });
});

test('watchedCallToJson() keeps what is absent as null', () => {
  expect(watchedCallToJson(CALL, HOOKED)).toMatchObject({
    event: 'exit',
    label: 'shop.cart.Cart.add',
    before: null,
    exception: null,
    callers: null,
    task: null,
    value: { typeName: 'tuple', view: { kind: 'sequence' } },
  });
});
