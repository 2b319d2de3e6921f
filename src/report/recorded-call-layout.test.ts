import { expect, test } from 'vitest';
import { violations } from '../../test/support/schemas.ts';
import type { ObjectView } from '../model/object-view.ts';
import type { CallDetails, RecordedCall } from '../model/recorded-calls.ts';
import { displayWidth } from './display-width.ts';
import { withEnvelope } from './envelope-json.ts';
import type { JsonObject } from './json-value.ts';
import {
  deletionToJson,
  detailsToJson,
  recordedEventToJson,
  recordListToJson,
} from './recorded-call-json.ts';
import { detailLines, listNotes, recordHeading, recordLine, recordTable } from './recorded-call-layout.ts';
import { PLAIN } from './style.ts';

const CALL: RecordedCall = {
  index: 1000,
  time: new Date(2026, 10, 20, 9, 30, 0, 118).getTime(),
  costNs: 2_775_669,
  ranNs: 2_775_669,
  thread: { id: 7, nativeId: 4243, name: 'worker' },
  task: undefined,
  module: 'shop.cart',
  path: ['Cart', 'checkout'],
  nested: [],
  label: 'shop.cart.Cart.checkout',
  kind: 'function',
  errorType: undefined,
  isCopied: false,
  replayOf: undefined,
};

const tupleOf = (...items: readonly ObjectView[]): ObjectView => ({
  kind: 'sequence',
  type: 'tuple',
  items,
  omitted: 0,
});
const text = (value: string): ObjectView => ({ kind: 'str', value, omitted: 0, python2: undefined });
const shownAs = (typeName: string, view: ObjectView) =>
  ({ kind: 'value', evaluation: { typeName, value: { kind: 'view', view } } }) as const;

const DETAILS: CallDetails = {
  ...CALL,
  target: undefined,
  args: shownAs('tuple', tupleOf(text('sku-1'))),
  kwargs: shownAs('dict', { kind: 'mapping', type: 'dict', entries: [], omitted: 0 }),
  result: shownAs('int', { kind: 'int', value: 17n, isLong: false }),
  error: undefined,
  asOf: 'now',
  notes: [],
};

const MANNER = { depth: 2, budget: 10_000, style: PLAIN };
const STORE = { count: 2, bytes: 5000, budget: 64 * 2 ** 20, dropped: 0 };

test('recordLine() has the columns of PyFlightProfiler, and class, thread and task', () => {
  const table = recordTable([CALL], undefined);
  const failed = {
    ...CALL,
    index: 1001,
    errorType: 'ValueError',
    path: ['check\u001bout'],
    nested: ['inner'],
    task: 'Task-3',
    thread: { id: 7, nativeId: 4243, name: undefined },
  };
  expect([...recordHeading(table, PLAIN), recordLine(CALL, table), recordLine(failed, table)]).toEqual([
    ' INDEX    LOCAL TIME               COST(ms)  IS-RET  IS-EXP  MODULE                        CLASS         METHOD            THREAD        TASK',
    '─'.repeat(141),
    ' 1000     2026-11-20 09:30:00:118  2.776     True    False   shop.cart                     Cart          checkout          worker',
    ' 1001     2026-11-20 09:30:00:118  2.776     False   True    shop.cart                     None          check\\x1bout.inner 4243          Task-3',
  ]);
});

test('recordTable() is as wide as the longest names', () => {
  const long = { ...CALL, module: 'a'.repeat(40), path: ['B'.repeat(20), 'c'.repeat(30)] };
  expect(recordLine(CALL, recordTable([CALL, long], undefined))).toBe(
    ` 1000     2026-11-20 09:30:00:118  2.776     True    False   ${'shop.cart'.padEnd(42)}${'Cart'.padEnd(22)}${'checkout'.padEnd(32)}worker`,
  );
});

test('recordTable() leaves out columns on a narrow terminal', () => {
  const table = recordTable([CALL], 40);
  expect([...recordHeading(table, PLAIN), recordLine(CALL, table)]).toEqual([
    ' INDEX    COST(ms)  IS-EXP  METHOD',
    '────────────────────────────────────────',
    ' 1000     2.776     False   checkout',
  ]);
  const long = { ...CALL, path: ['check'.repeat(10)] };
  expect(recordLine(long, recordTable([long], 40))).toBe(` 1000     ${'check'.repeat(6).slice(0, 29)}…`);
});

test.each([20, 30, 40, 60, 80, 100, 120, 200])('recordTable() fits %d columns', (width) => {
  const long = { ...CALL, module: 'a'.repeat(40), path: ['B'.repeat(20), 'c'.repeat(30)], task: 'Task-1' };
  const table = recordTable([CALL, long], width);
  for (const line of [...recordHeading(table, PLAIN), recordLine(CALL, table), recordLine(long, table)])
    expect(displayWidth(line)).toBeLessThanOrEqual(width);
});

test('detailLines() shows the values of a call, and that they are as they are now', () => {
  expect(detailLines(DETAILS, MANNER).lines).toEqual([
    ' INDEX               1000',
    ' LOCAL TIME          2026-11-20 09:30:00:118',
    ' COST(ms)            2.775669',
    ' MODULE              shop.cart',
    ' CLASS               Cart',
    ' METHOD              checkout',
    ' THREAD              worker',
    ' IS_RETURN           True',
    ' IS_EXCEPTION        False',
    ' VALUES              the objects as they are now, with what has changed since (--copy keeps them as they were)',
    ' ARGS                (',
    '                       "sku-1",',
    '                     )',
    ' KWARGS              {}',
    ' RETURN_OBJ          17',
  ]);
});

test('detailLines() shows an exception with its frames, and what of a replay and of a coroutine is to be known', () => {
  const error = {
    typeName: 'ValueError',
    text: 'no\nway',
    args: tupleOf(text('no\nway')),
    frames: [{ file: '/srv/cart.py', line: 8, name: 'add' }],
  };
  const call: CallDetails = {
    ...DETAILS,
    kind: 'coroutine',
    task: 'Task-3',
    replayOf: 999,
    result: undefined,
    error,
    errorType: 'ValueError',
    asOf: 'entry',
    target: { kind: 'failure', failure: { typeName: 'KeyError', traceback: "KeyError: 'x'\n" } },
  };
  const { lines } = detailLines(call, MANNER);
  expect(lines).toContain(' RAN(ms)             2.775669');
  expect(lines).toContain(' REPLAY OF           999');
  expect(lines).toContain(' VALUES              arguments as they were when the call began');
  expect(lines).toContain(" TARGET FAILED       KeyError: 'x'");
  expect(lines.slice(-3)).toEqual([
    ' RAISE-EXCEPTION     Traceback (most recent call last):',
    '                       File "/srv/cart.py", line 8, in add',
    '                     ValueError: no\\nway',
  ]);
});

test('listNotes() says what is missing in a list', () => {
  const failure = { typeName: 'NameError', traceback: "Traceback:\nNameError: name 'x' is not defined\n" };
  expect([
    ...listNotes({ records: [CALL], matched: 3, failures: 2, failure, store: { ...STORE, dropped: 4 } }),
  ]).toEqual([
    'note: the last 1 of 3; -m or -f finds others',
    "warning: the filter raised an exception for 2 calls, which are left out; the first: NameError: name 'x' is not defined",
    'note: 4 calls dropped, the oldest first: records may hold 64.0 MiB (--budget)',
  ]);
});

test('every document keeps to the schema', () => {
  const documents: readonly JsonObject[] = [
    recordedEventToJson(CALL),
    recordListToJson({ records: [CALL], matched: 1, failures: 0, failure: undefined, store: STORE }),
    detailsToJson({ ...DETAILS, notes: ['said'] }),
    deletionToJson([1000], 1),
    deletionToJson('all', 3),
  ];
  const envelope = { command: 'tt', level: 'L2', pid: 1, takenAt: '2026-11-29T00:00:00.000Z' } as const;
  for (const document of documents)
    expect(violations('records', withEnvelope(envelope, document))).toEqual([]);
});
