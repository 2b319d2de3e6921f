import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AgentAnswerError } from '../base/errors.ts';
import { Fields } from './fields.ts';
import { parseCallTree } from './trace-answers.ts';

const ANSWER = {
  time: 1.5,
  costNs: 10,
  ranNs: 9,
  thread: { id: 1, nativeId: 2, name: 'MainThread' },
  task: null,
  functions: [
    ['checkout', '/app/cart.py', 31],
    ['sum', null, null],
  ],
  rows: [
    { depth: 0, function: 0, kind: 'python', start: 0, total: 10, own: 4, hidden: 2, hiddenNs: 1 },
    {
      depth: 1,
      function: 1,
      kind: 'c',
      start: 3,
      total: 5,
      own: 5,
      hidden: 0,
      hiddenNs: 0,
      count: 2,
      least: 2,
      most: 3,
      error: '',
      place: ['/app/cart.py', 33],
    },
  ],
  unwatched: [['tiny', '/app/cart.py', 9, 16]],
  cut: [['checkout', '/app/cart.py', 31, 32]],
  omitted: 0,
  complete: true,
};

const parsed = (answer: object): unknown => parseCallTree(Fields.of(answer, 'event'), ['/app']);

test('parseCallTree() reads calls with their functions', () => {
  const checkout = { name: 'checkout', file: '/app/cart.py', line: 31 };
  expect(parsed(ANSWER)).toMatchObject({
    time: 1500,
    calls: [
      {
        depth: 0,
        kind: 'python',
        function: checkout,
        calledAt: undefined,
        startNs: 0,
        totalNs: 10,
        ownNs: 4,
        count: 1,
        leastNs: 10,
        mostNs: 10,
        error: undefined,
        hidden: { count: 2, totalNs: 1 },
      },
      {
        function: { name: 'sum', file: undefined, line: undefined },
        calledAt: { file: '/app/cart.py', line: 33 },
        count: 2,
        leastNs: 2,
        mostNs: 3,
        error: { typeName: undefined },
      },
    ],
    unwatched: [{ function: { name: 'tiny', file: '/app/cart.py', line: 9 }, count: 16 }],
    cut: [{ function: checkout, count: 32 }],
    searchPath: ['/app'],
  });
});

test.each<[string, object]>([
  ['no function of that number', { ...ANSWER, functions: [] }],
  ['a function without a name', { ...ANSWER, functions: [[null], ['sum']] }],
  ['no count', { ...ANSWER, unwatched: [['tiny']] }],
])('parseCallTree() throws for %s', (_, answer) => {
  expect(() => parsed(answer)).toThrow(AgentAnswerError);
});

test('parseCallTree() answers or throws an AgentAnswerError for any JSON', () => {
  fc.assert(
    fc.property(fc.constantFrom(...Object.keys(ANSWER)), fc.jsonValue(), (name, json) => {
      try {
        parsed({ ...ANSWER, [name]: json });
      } catch (error) {
        expect(error).toBeInstanceOf(AgentAnswerError);
      }
    }),
  );
});
