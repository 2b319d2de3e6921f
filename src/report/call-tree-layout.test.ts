import { expect, test } from 'vitest';
import type { CallTree, TracedCall } from '../model/call-tree.ts';
import type { HookedFunction } from '../model/function-calls.ts';
import { callTreeLines } from './call-tree-layout.ts';
import { ANSI, PLAIN } from './style.ts';

const CART = '/app/shop/cart.py';
const PAY = '/app/shop/pay.py';

const HOOKED: HookedFunction = {
  label: 'shop.cart.checkout',
  module: 'shop.cart',
  path: ['checkout'],
  nested: [],
  className: undefined,
  file: CART,
  line: 31,
  kind: 'function',
  notes: [],
};

/** A call of so many milliseconds at a depth. */
function call(depth: number, name: string, ms: number, more: Partial<TracedCall> = {}): TracedCall {
  return {
    depth,
    kind: 'python',
    function: { name, file: CART, line: 31 },
    calledAt: depth === 0 ? undefined : { file: CART, line: 40 },
    startNs: 0,
    totalNs: ms * 1e6,
    ownNs: 0,
    count: 1,
    leastNs: ms * 1e6,
    mostNs: ms * 1e6,
    error: undefined,
    hidden: { count: 0, totalNs: 0 },
    ...more,
  };
}

const native = { kind: 'c', function: { name: 'sum', file: undefined, line: undefined } } as const;

const CALLS: readonly TracedCall[] = [
  call(0, 'checkout', 42.497186, { hidden: { count: 1, totalNs: 2000 } }),
  call(1, 'Cart.price', 0.414885),
  call(2, 'sum', 0.409036, { ...native, count: 12, leastNs: 10_000, mostNs: 90_000 }),
  call(1, 'charge', 41.6, {
    function: { name: 'charge', file: PAY, line: 9 },
    error: { typeName: 'ValueError' },
    hidden: { count: 37, totalNs: 250_000 },
  }),
  call(2, '[await]', 41.2, {
    kind: 'await',
    function: { name: '[await]', file: undefined, line: undefined },
  }),
  call(2, 'send', 0.1, {
    calledAt: { file: '/usr/lib/python3/json/decoder.py', line: 3 },
    error: { typeName: undefined },
  }),
];

const TREE: CallTree = {
  time: new Date(2026, 10, 20, 9, 20, 11, 204).getTime(),
  costNs: 42_497_186,
  ranNs: 42_497_186,
  thread: { id: 140_215, nativeId: 7, name: 'MainThread' },
  task: undefined,
  calls: CALLS,
  unwatched: [],
  cut: [],
  omitted: 0,
  isComplete: true,
  searchPath: ['', '/app', '/usr/lib/python3'],
};

const OPTIONS = { style: PLAIN, columns: undefined, interval: 0.1, depth: undefined };

test('callTreeLines() shows times, shares, places, repeated calls, exceptions and what is only counted', () => {
  expect([...callTreeLines(TREE, HOOKED, OPTIONS)]).toEqual([
    '─'.repeat(60),
    '✓ 2026-11-20 09:20:11:204 method=shop.cart.checkout cost=42.497ms thread=MainThread',
    '[42.50ms] checkout shop/cart.py:31',
    '├─ [0.415ms 1%] Cart.price shop/cart.py:31 (from line 40)',
    '│  └─ [0.409ms 99%] sum <built-in> (from line 40) ×12 (min 0.010 avg 0.034 max 0.090 ms)',
    '├─ [41.60ms 98%] charge shop/pay.py:9 (from line 40) ✗ ValueError',
    '│  ├─ [41.20ms 99%] [await]',
    '│  ├─ [0.100ms 0%] send shop/cart.py:31 (from json/decoder.py:3) ✗ exception',
    '│  └─ +37 calls below 0.1 ms, 0.250ms together',
    '└─ +1 call below 0.1 ms, 0.002ms together',
  ]);
});

test('callTreeLines() says what was left out, and why', () => {
  const tree: CallTree = {
    ...TREE,
    calls: CALLS.slice(0, 1),
    unwatched: ['a', 'b', 'c', 'd', 'e', 'f\u001b[2J'].map((name, at) => ({
      function: { name, file: CART, line: at },
      count: 16,
    })),
    cut: [{ function: { name: 'checkout', file: CART, line: 31 }, count: 32 }],
    omitted: 5,
    isComplete: false,
  };
  expect([...callTreeLines(tree, HOOKED, { ...OPTIONS, depth: 1 })].slice(2)).toEqual([
    '[42.50ms] checkout shop/cart.py:31',
    '└─ +1 deeper call, 0.002ms together',
    '  always short, and so not watched to the end (their time is in what called them): a after 16 calls, b after 16 calls, c after 16 calls, d after 16 calls, e after 16 calls and 1 more',
    '  only short calls below it so far, and so what it calls was not watched to the end: checkout after 32 calls',
    '  5 calls more than a tree may have are counted only',
    '  not all calls below were seen: another profiler is active, or the agent failed',
  ]);
});

test('callTreeLines() keeps the tree on a narrow terminal', () => {
  const lines = [...callTreeLines(TREE, HOOKED, { ...OPTIONS, columns: 40 })];
  expect(lines.slice(2, 10)).toEqual([
    '[42.50ms] checkout shop/cart.py:31',
    '├─ [0.415ms 1%] Cart.price',
    '│  shop/cart.py:31 (from line 40)',
    '│  └─ [0.409ms 99%] sum',
    '│     <built-in> (from line 40) ×12',
    '│     (min 0.010 avg 0.034 max 0.090 ms)',
    '├─ [41.60ms 98%] charge',
    '│  shop/pay.py:9 (from line 40)',
  ]);
});

test('callTreeLines() says how deep a line is where it is not indented further', () => {
  const calls = Array.from({ length: 60 }, (_, depth) => call(depth, 'fib', 10));
  const lines = [...callTreeLines({ ...TREE, calls }, HOOKED, OPTIONS)];
  expect(lines.at(-1)).toBe(
    `${' '.repeat(49 * 3)}└─ (level 59) [10.00ms 100%] fib shop/cart.py:31 (from line 40)`,
  );
});

test('callTreeLines() colours times by their share of the traced call', () => {
  const lines = [...callTreeLines(TREE, HOOKED, { ...OPTIONS, style: ANSI })];
  expect(lines[2]).toContain(ANSI.red('[42.50ms]'));
  expect(lines[3]).toContain(ANSI.faint('[0.415ms 1%]'));
});
