import { expect, test } from 'vitest';
import { makeThread } from '../../test/support/snapshots.ts';
import { ANSI, PLAIN } from './style.ts';
import { threadRemarks } from './thread-remarks.ts';

test('threadRemarks() puts all that is known beyond the header on one line', () => {
  const thread = makeThread({
    innerThreadId: 7,
    cpuTimeNs: 1_250_000_000n,
    activity: { state: 'blocked', syscall: 232, syscallName: 'epoll_wait', args: [] },
  });
  expect(threadRemarks(thread, PLAIN)).toEqual([
    '    named MainThread · blocked in epoll_wait · CPU 1.25 s · id 7 in its container · pthread 0x7f21e0a3c740',
  ]);
});

test.each([
  ['running', { state: 'running' }, ['    running']],
  ['stopped', { state: 'stopped' }, ['    stopped']],
  ['unknown', { state: 'unknown' }, []],
  [
    'blocked in an unknown call',
    { state: 'blocked', syscall: 999, syscallName: undefined, args: [] },
    ['    blocked in system call 999'],
  ],
] as const)('threadRemarks() of a thread that is %s', (_, activity, expected) => {
  expect(threadRemarks(makeThread({ activity, pythonName: undefined, pthreadId: undefined }), PLAIN)).toEqual(
    expected,
  );
});

test('threadRemarks() is faint and escaped', () => {
  const thread = makeThread({ pythonName: 'a\u001b', pthreadId: undefined });
  expect(threadRemarks(thread, ANSI)).toEqual(['\u001b[2m    named a\\x1b\u001b[0m']);
});
