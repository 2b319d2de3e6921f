import { expect, test } from 'vitest';
import { type Address, toAddress } from '../base/address.ts';
import { awakeningProblem, tornByAwakening } from './awakened-threads.ts';
import type { OsThread } from './os-threads.ts';
import type { Pass, PassThread } from './pass.ts';

const STATES = [toAddress(0x7f00_0000_1000), toAddress(0x7f00_0000_2000), toAddress(0x7f00_0000_3000)];

/** Three threads of one interpreter, with the ids 11, 12 and 13. */
function passWith(gilHolder: Address | undefined, hasGil = true): [Pass, ReadonlyMap<PassThread, OsThread>] {
  const interpreter = {
    facts: { id: 0, address: toAddress(0x1000), isMain: true, isIdle: false },
    threadsHead: STATES[0],
    gilHolder,
    hasGil,
    gilWaits: undefined,
    isCollectingGarbage: undefined,
    collectingFrame: undefined,
  };
  const threads = STATES.map((address) => ({
    interpreter,
    state: {
      address,
      threadId: undefined,
      nativeThreadId: undefined,
      ownId: undefined,
      frame: undefined,
      cframe: undefined,
    },
    chain: { frames: [], cutOff: undefined },
    variables: undefined,
    problems: [],
  }));
  const ids = new Map(
    threads.map((thread, index) => [thread, { id: 11 + index, pthreadId: undefined }] as const),
  );
  return [{ interpreters: [interpreter], threads, asyncTasks: undefined, problems: [] }, ids];
}

test.each([
  ['nobody holds the GIL', undefined, [12], [12]],
  ['it holds the GIL itself', STATES[1], [12], [12]],
  ['another one that woke holds the GIL', STATES[0], [11, 12], [11, 12]],
  ['one that stands still holds the GIL', STATES[0], [12, 13], []],
  ['a thread that is not known holds the GIL', toAddress(0x7f00_0000_9000), [13], [13]],
  ['nobody woke', undefined, [], []],
  ['a thread woke that runs no Python', undefined, [99], []],
])('tornByAwakening() when %s', (_, holder, awakened, expected) => {
  expect(tornByAwakening(...passWith(holder), awakened)).toEqual(expected);
});

test('tornByAwakening() trusts no GIL where there is none', () => {
  expect(tornByAwakening(...passWith(STATES[0], false), [12])).toEqual([12]);
});

test('awakeningProblem() says what the stack is worth', () => {
  expect(awakeningProblem(12, 5)).toEqual({
    kind: 'torn-thread',
    message: 'Cannot show thread 12 in one piece: it woke during each of 5 looks',
    osThreadId: 12,
  });
});
