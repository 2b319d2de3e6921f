import { expect, test } from 'vitest';
import { AgentAnswerError, NotReloadableError } from '../base/errors.ts';
import { failureOf } from './answers.ts';
import { Fields } from './fields.ts';
import { parseReload } from './reload-answer.ts';

const ANSWER = {
  label: 'shop.cart.Cart.add',
  definedAs: null,
  loader: null,
  file: '/srv/shop/cart.py',
  line: 12,
  endLine: 13,
  verdict: 'changed',
  isApplied: true,
  text: 'def add(self):\n    return 2',
  oldText: null,
  facts: [{ what: 'constants', removed: ['1'], added: ['2'] }],
  values: [{ kind: 'default', name: 'sku', action: 'computed', old: { kind: 'none' } }],
  decorators: ['@traced'],
  decoratorsChanged: null,
  kind: 'function',
  oldKind: 'generator',
  functions: 1,
  inner: [{ name: 'wrapper', functions: 2, left: 0 }],
  running: 1,
  undoable: 3,
  seconds: 0.01,
};

test('parseReload() reads what became of a function', () => {
  expect(parseReload(Fields.of(ANSWER, 'answer'))).toEqual({
    label: 'shop.cart.Cart.add',
    definedAs: undefined,
    loader: undefined,
    file: '/srv/shop/cart.py',
    line: 12,
    endLine: 13,
    verdict: 'changed',
    isApplied: true,
    source: 'def add(self):\n    return 2',
    oldSource: undefined,
    differences: [{ what: 'constants', removed: ['1'], added: ['2'] }],
    values: [
      { kind: 'default', name: 'sku', action: 'computed', before: { kind: 'none' }, after: undefined },
    ],
    decorators: ['@traced'],
    areDecoratorsChanged: undefined,
    kind: 'function',
    oldKind: 'generator',
    functions: 1,
    inner: [{ name: 'wrapper', functions: 2, left: 0 }],
    runningThreads: 1,
    undoable: 3,
    compileSeconds: 0.01,
  });
});

test.each([
  ['a verdict of its own', { verdict: 'fine' }],
  ['no label', { label: undefined }],
  ['inner functions that are none', { inner: [{ name: 'x', functions: 0, left: 0 }] }],
])('parseReload() takes no answer with %s', (_, changes) => {
  expect(() => parseReload(Fields.of({ ...ANSWER, ...changes }, 'answer'))).toThrow(AgentAnswerError);
});

test('failureOf() knows why a function keeps its code', () => {
  const failure = Fields.of(
    { code: 'reload-syntax', message: 'line 3 of /x.py has a syntax error' },
    'failure',
  );
  expect(failureOf(failure)).toEqual(new NotReloadableError('syntax', 'line 3 of /x.py has a syntax error'));
});
