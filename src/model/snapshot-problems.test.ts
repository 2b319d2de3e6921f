import { expect, test } from 'vitest';
import { makeSnapshot, makeThread } from '../../test/support/snapshots.ts';
import type { Problem } from './problem.ts';
import { isComplete, problemsOf } from './snapshot-problems.ts';

const TORN: Problem = { kind: 'torn-thread', message: 'Thread 5 changed while it was read', osThreadId: 5 };
const MISMATCH: Problem = { kind: 'file-mismatch', message: 'app.py is newer than the process' };

test('problemsOf() collects those of the process and of its threads, each once', () => {
  const threads = [makeThread({ problems: [TORN] }), makeThread({ problems: [MISMATCH] })];
  expect(problemsOf(makeSnapshot(threads, { problems: [{ ...TORN }] }))).toEqual([TORN, MISMATCH]);
});

test.each([
  ['nothing is wrong', [], true],
  ['only a source file differs', [MISMATCH], true],
  ['a thread is torn', [MISMATCH, TORN], false],
])('isComplete() when %s', (_, problems, expected) => {
  expect(isComplete(makeSnapshot([makeThread({ problems })]))).toBe(expected);
});
