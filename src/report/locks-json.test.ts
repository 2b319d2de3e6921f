import { expect, test } from 'vitest';
import { holderAt, lockWait, makeLockReport, makeWaitingThread } from '../../test/support/lock-reports.ts';
import { violations } from '../../test/support/schemas.ts';
import { toAddress } from '../base/address.ts';
import type { Wait } from '../model/thread-wait.ts';
import { locksToJson } from './locks-json.ts';

const object = {
  typeName: 'bank.Account',
  address: toAddress(0x7f10),
  name: { path: 'self.sum', of: { typeName: 'bank.Bank', address: toAddress(0x7f20) }, isLocal: false },
};
const nameless = { ...object, name: undefined };

const WAITS: readonly Wait[] = [
  lockWait('A'),
  { kind: 'gil' },
  { kind: 'condition', object },
  { kind: 'barrier', object: nameless },
  { kind: 'event', object },
  { kind: 'semaphore', object, value: undefined },
  {
    kind: 'shared-semaphore',
    object,
    operation: 'put',
    value: undefined,
    maxValue: 3,
    isTakenElsewhere: undefined,
  },
  { kind: 'queue', operation: 'put', object, length: 3, maxSize: 0, unfinished: undefined },
  { kind: 'join', object, threadName: 'worker-2' },
  { kind: 'future', object, state: 'PENDING' },
  { kind: 'import-lock', moduleName: undefined },
  { kind: 'mutex', address: toAddress(0x7f30) },
  { kind: 'futex', address: toAddress(0x7f40) },
  {
    kind: 'system-call',
    name: undefined,
    files: [],
    child: 'any',
    lastsSeconds: undefined,
    remainingSeconds: 1.5,
  },
  {
    kind: 'system-call',
    name: 'poll',
    files: [
      { kind: 'file', fd: 0, path: '/dev/null' },
      { kind: 'pipe', fd: 1 },
      { kind: 'other', fd: 2, name: 'eventfd' },
      { kind: 'unknown', fd: 3 },
      { kind: 'socket', fd: 4, protocol: undefined, local: undefined, peer: undefined, isListening: false },
      { kind: 'socket', fd: 5, protocol: 'tcp', local: '[::1]:53', peer: '[::1]:9', isListening: true },
    ],
    child: { pid: 7, name: undefined },
    lastsSeconds: 2,
    remainingSeconds: undefined,
  },
];

test('locksToJson() holds to its schema, whatever threads wait for', () => {
  const threads = WAITS.map((wait, at) => makeWaitingThread({ wait, holder: holderAt(at, 12) }));
  const bare = makeWaitingThread({
    osThreadId: undefined,
    pythonName: undefined,
    place: undefined,
    hasTimeLimit: undefined,
    activity: { state: 'unknown' },
    holder: { thread: undefined, osThreadId: undefined, evidence: 'owner', takenAt: undefined },
  });
  const report = makeLockReport([...threads, bare], { deadlocks: [{ threads: [0], hasTimeLimit: false }] });
  expect(violations('locks', locksToJson(report))).toEqual([]);
});

test('docs/locks.schema.json refuses what is not such a report', () => {
  const report: object = Object(locksToJson(makeLockReport([])));
  expect(violations('locks', { ...report, deadlocks: undefined })).toEqual([
    " must have required property 'deadlocks'",
  ]);
});
