import { describe, expect, test } from 'vitest';
import { AgentAnswerError } from '../base/errors.ts';
import { parseAccount, parseStreamEvent, parseWatchedCall } from './call-answers.ts';
import { Fields } from './fields.ts';

const EXIT = {
  at: 'exit',
  time: 1.5,
  costNs: 10,
  ranNs: 9,
  thread: { id: 1, nativeId: null, name: 'MainThread' },
  task: null,
  value: { type: 'int', view: { kind: 'int', value: 'a' } },
};

describe('parseWatchedCall()', () => {
  test('reads a call, with what is absent as undefined', () => {
    expect(parseWatchedCall(Fields.of(EXIT, 'event'))).toMatchObject({
      at: 'exit',
      time: 1500,
      thread: { id: 1, nativeId: undefined, name: 'MainThread' },
      value: { kind: 'value', evaluation: { typeName: 'int', value: { view: { kind: 'int', value: 10n } } } },
      error: undefined,
      callers: undefined,
    });
  });

  test.each([
    [{ ...EXIT, at: 'never' }],
    [{ ...EXIT, thread: 3 }],
    [{ ...EXIT, value: { type: 'int' } }],
    [{ ...EXIT, stack: [['file', 1]] }],
    [{ ...EXIT, error: { type: 'E', args: { kind: 'nonsense' }, frames: [] } }],
  ])('refuses what no agent of ours says: %j', (event) => {
    expect(() => parseWatchedCall(Fields.of(event, 'event'))).toThrow(AgentAnswerError);
  });
});

test('parseStreamEvent() sorts what a stream says', () => {
  const kindOf = (event: unknown): string => parseStreamEvent(Fields.of(event, 'event')).kind;
  expect(kindOf({ waiting: 'module x is not loaded' })).toBe('waiting');
  expect(kindOf({ failed: 'filter', type: 'NameError', traceback: '' })).toBe('failed');
  expect(kindOf(EXIT)).toBe('call');
  expect(() => kindOf({ opened: { label: 'f' } })).toThrow(AgentAnswerError);
});

test('parseAccount() takes no end that it does not know', () => {
  const counts = { seen: 1, matched: 1, shown: 1, dropped: 0, skipped: 0, abandoned: 0 };
  const account = {
    ...counts,
    expressionFailures: 0,
    ownFailures: 0,
    lastFailure: null,
    costNs: 5,
    restored: true,
  };
  expect(parseAccount(Fields.of({ ...account, reason: 'time' }, 'answer'))).toMatchObject({
    reason: 'time',
    isRestored: true,
    lastFailure: undefined,
  });
  expect(() => parseAccount(Fields.of({ ...account, reason: 'bored' }, 'answer'))).toThrow(AgentAnswerError);
});
