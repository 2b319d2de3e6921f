import fc from 'fast-check';
import { expect, test } from 'vitest';
import { AgentAnswerError } from '../base/errors.ts';
import type { ObjectView } from '../model/object-view.ts';
import { parseView } from './view-answer.ts';

const int = (value: string): object => ({ kind: 'int', value });

test.each<[string, object, ObjectView]>([
  ['an int', int('-1f'), { kind: 'int', value: -31n, isLong: false }],
  ['a great int', int('40000000000000000'), { kind: 'int', value: 1n << 66n, isLong: false }],
  ['a float', { kind: 'float', value: '1e-07' }, { kind: 'float', value: 1e-7 }],
  ['no number', { kind: 'float', value: 'nan' }, { kind: 'float', value: Number.NaN }],
  ['less than all', { kind: 'float', value: '-inf' }, { kind: 'float', value: Number.NEGATIVE_INFINITY }],
  [
    'bytes',
    { kind: 'bytes', type: 'bytes', value: 'ff00', omitted: 3 },
    { kind: 'bytes', type: 'bytes', value: Uint8Array.of(0xff, 0), omitted: 3 },
  ],
  [
    'a dict',
    { kind: 'mapping', type: 'dict', entries: [{ key: int('1'), value: { kind: 'none' } }], omitted: 2 },
    {
      kind: 'mapping',
      type: 'dict',
      entries: [{ key: { kind: 'int', value: 1n, isLong: false }, value: { kind: 'none' } }],
      omitted: 2,
    },
  ],
  ['an empty cell', { kind: 'cell', content: null }, { kind: 'cell', content: undefined }],
])('parseView() reads %s as the agent writes it', (_, answer, view) => {
  expect(parseView(answer)).toEqual(view);
});

test.each<[string, unknown]>([
  ['no object', 7],
  ['of no kind', {}],
  ['of an unknown kind', { kind: '__proto__' }],
  ['an int of words', int('DROP')],
  ['an address that is none', { kind: 'opaque', typeName: 'x', address: -1 }],
  ['a list that is none', { kind: 'sequence', type: 'list', items: 'abc', omitted: 0 }],
  ['a list of an unknown kind', { kind: 'sequence', type: 'queue', items: [], omitted: 0 }],
])('parseView() throws for what is %s', (_, answer) => {
  expect(() => parseView(answer)).toThrow(AgentAnswerError);
});

test('parseView() throws for an object that never ends', () => {
  let view: object = { kind: 'none' };
  for (let depth = 0; depth < 10_000; depth += 1) view = { kind: 'cell', content: view };
  expect(() => parseView(view)).toThrow(new AgentAnswerError('an object is too deep'));
});

test('parseView() answers or throws an AgentAnswerError for any JSON', () => {
  fc.assert(
    fc.property(
      fc.jsonValue(),
      fc.constantFrom('int', 'str', 'sequence', 'instance', 'float'),
      (json, kind) => {
        const answer = typeof json === 'object' && json !== null ? { ...json, kind } : json;
        try {
          parseView(answer);
        } catch (error) {
          expect(error).toBeInstanceOf(AgentAnswerError);
        }
      },
    ),
  );
});
