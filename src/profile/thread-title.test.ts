import { expect, test } from 'vitest';
import { makeProfiledThread } from '../../test/support/profiles.ts';
import { threadName, threadTitle } from './thread-title.ts';

const NOBODY = { osThreadId: undefined, pthreadId: undefined, name: undefined, isMainThread: false };

test.each([
  [{}, 'thread (5010): MainThread', 'MainThread'],
  [{ name: undefined }, 'thread (5010)', 'main thread'],
  [{ ...NOBODY, pthreadId: 7 }, 'thread (7)', 'thread 3'],
  [{ ...NOBODY, sharedBy: 1234 }, '1,234 threads in turn', '1,234 threads in turn'],
  [
    { ...NOBODY, sharedBy: 2, name: 'Thread-7' },
    '2 threads in turn, one of them Thread-7',
    '2 threads in turn, one of them Thread-7',
  ],
])('%j is called %s, and %s beside its id', (changes, title, name) => {
  const thread = makeProfiledThread(changes);
  expect(threadTitle(thread)).toBe(title);
  expect(threadName(thread, 3)).toBe(name);
});
