import { expect, test } from 'vitest';
import type { ReloadReport } from '../model/reload-report.ts';
import { reloadLines } from './reload-layout.ts';
import { PLAIN } from './style.ts';

const REPORT: ReloadReport = {
  label: 'shop.cart.Cart.add',
  definedAs: undefined,
  loader: undefined,
  file: '/srv/shop/cart.py',
  line: 12,
  endLine: 13,
  verdict: 'changed',
  isApplied: true,
  source: 'def add(self):\n    return 2',
  oldSource: 'def add(self):\n    return 1',
  differences: [{ what: 'constants', removed: ['1'], added: ['2'] }],
  values: [],
  decorators: [],
  areDecoratorsChanged: false,
  kind: 'function',
  oldKind: 'function',
  functions: 1,
  inner: [],
  runningThreads: 0,
  undoable: 1,
  compileSeconds: 0.01,
};

const linesOf = (
  changes: Partial<ReloadReport>,
  { asDiff = false, whole = false } = {},
): readonly string[] => [...reloadLines({ ...REPORT, ...changes }, { style: PLAIN, asDiff, whole })];

test('reloadLines() shows where the new source is from, and the source', () => {
  expect(linesOf({})).toEqual([
    'Reloaded shop.cart.Cart.add',
    '  FILE:       /srv/shop/cart.py, lines 12 to 13',
    '  SOURCE:     def add(self):',
    '                  return 2',
  ]);
});

test('reloadLines() leaves the middle of a long source out, unless all of it is wanted', () => {
  const source = Array.from({ length: 26 }, (_, index) => `line ${index}`).join('\n');
  const lines = linesOf({ source });
  expect(lines).toHaveLength(2 + 21);
  expect(lines[12]).toContain('... 6 lines more; -v shows all');
  expect(linesOf({ source }, { whole: true })).toHaveLength(2 + 26);
});

test('reloadLines() shows a diff where the old source is known', () => {
  expect(linesOf({ isApplied: false }, { asDiff: true })).toEqual([
    'shop.cart.Cart.add would be reloaded; nothing was changed',
    '  FILE:       /srv/shop/cart.py, lines 12 to 13',
    '  DIFF:       @@ -12,2 +12,2 @@',
    '               def add(self):',
    '              -    return 1',
    '              +    return 2',
  ]);
});

test('reloadLines() shows how the codes differ where it is not', () => {
  expect(linesOf({ isApplied: false, oldSource: undefined }, { asDiff: true }).slice(2)).toEqual([
    '  CHANGES:    constants: -1 +2',
    '  SOURCE:     def add(self):',
    '                  return 2',
  ]);
});

test('reloadLines() says what is not as one might think', () => {
  const lines = linesOf({
    definedAs: 'shop.base.Base.add',
    loader: '_pytest.Hook',
    kind: 'coroutine',
    values: [
      {
        kind: 'default',
        name: 'sku',
        action: 'computed',
        before: { kind: 'int', value: 1n, isLong: false },
        after: { kind: 'int', value: 2n, isLong: false },
      },
      { kind: 'default', name: 'db', action: 'kept', before: { kind: 'none' }, after: undefined },
      { kind: 'annotation', name: 'return', action: 'removed', before: { kind: 'none' }, after: undefined },
    ],
    decorators: ['@traced', '@cached'],
    areDecoratorsChanged: true,
    functions: 3,
    inner: [
      { name: 'wrapper', functions: 2, left: 0 },
      { name: 'other', functions: 0, left: 1 },
    ],
    runningThreads: 2,
  });
  expect(lines.slice(2, -2)).toEqual([
    '  WRITTEN AS: shop.base.Base.add',
    '  LOADED BY:  _pytest.Hook, which may compile in a way of its own; this is as Python compiles it',
    '  KIND:       a coroutine now, a function before: who calls it gets something else',
    '  DEFAULT:    sku: 2, was 1',
    '              db: kept None, since it cannot be told whether it has changed; --defaults computes it anew',
    '  ANNOTATION: return: removed, was None',
    '  DECORATOR:  @traced @cached now: not applied, so that those of before go on',
    '  FUNCTIONS:  3 have this code, all of them the new one',
    '  INNER:      wrapper: 2 functions that it had made, changed as well',
    '              other: 1 function that it had made, left as they are: made with other variables',
    '  RUNNING:    2 threads are in its old code, and go on with that until the call ends',
  ]);
});

test.each([
  [{ verdict: 'unchanged', isApplied: false }, 'Nothing to reload: shop.cart.Cart.add is as its file has it'],
  [{ verdict: 'moved' }, 'Reloaded shop.cart.Cart.add; its code is the same, and its lines have moved'],
  [{ verdict: 'undone' }, 'Put back shop.cart.Cart.add'],
  [{ verdict: 'undone', isApplied: false }, 'shop.cart.Cart.add would be put back; nothing was changed'],
] as const)('reloadLines() begins with what was done: %j', (changes, head) => {
  expect(linesOf(changes)[0]).toBe(head);
});

test('reloadLines() lets no code of the source reach the terminal', () => {
  expect(linesOf({ source: 'x = "\u001b[2J"' }).join('\n')).not.toContain('\u001b');
});
