import { expect, test } from 'vitest';
import { TestMemory } from '../../test/support/test-memory.ts';
import { type Address, toAddress } from '../base/address.ts';
import type { Problem } from '../model/problem.ts';
import type { InterpreterState } from './interpreters.ts';
import type { Layout } from './layouts/layout.ts';
import { measuredLayoutFor } from './layouts/layout-for.ts';
import { readThreadStates } from './thread-states.ts';

const INTERPRETER = toAddress(0x5000_0000);
const OTHER_INTERPRETER = toAddress(0x5000_8000);
const [FIRST, SECOND, THIRD] = [toAddress(0x6000_0000), toAddress(0x6000_1000), toAddress(0x6000_2000)];
const FRAME = 0x7000_0000;

/** What a state says, by the names of its members. */
interface Written {
  readonly next?: number;
  readonly interpreter?: number;
  readonly threadId?: number;
  readonly frame?: number;
}

function layoutOf(minor: number): Layout {
  const build = { releaseLevel: 'final', serial: 0, isFreeThreaded: false, isDebugBuild: false } as const;
  const layout = measuredLayoutFor({ major: 3, minor, micro: 9, ...build });
  if (layout === undefined) throw new RangeError(`no row of 3.${minor}`);
  return layout;
}

function read(layout: Layout, states: Readonly<Record<number, Written>>) {
  const { threadState } = layout;
  const memory = new TestMemory();
  for (const [address, { next = 0, interpreter = INTERPRETER, threadId = 0, frame = 0 }] of Object.entries(
    states,
  ))
    memory.mapWords(Number(address), threadState.sizeBytes, {
      [threadState.next]: next,
      [threadState.interpreter]: interpreter,
      [threadState.threadId]: threadId,
      ...(threadState.frame === undefined ? {} : { [threadState.frame]: frame }),
    });
  const problems: Problem[] = [];
  const threads = readThreadStates(memory, layout, interpreterAt(FIRST), problems);
  return { addresses: threads.map(({ address }) => address), problems };
}

function interpreterAt(threadsHead: Address): InterpreterState {
  return {
    facts: { id: 0, address: INTERPRETER, isMain: true, isIdle: false },
    threadsHead,
    gilHolder: undefined,
    hasGil: true,
    gilWaits: undefined,
    isCollectingGarbage: undefined,
    collectingFrame: undefined,
  };
}

test.each([8, 13])('readThreadStates() reads the list of 3.%i to its end', (minor) => {
  const seen = read(layoutOf(minor), {
    [FIRST]: { next: SECOND, threadId: 0x100, frame: FRAME },
    [SECOND]: { threadId: 0x200 },
  });
  expect(seen).toEqual({ addresses: [FIRST, SECOND], problems: [] });
});

test('readThreadStates() leaves out a thread that has not begun and still has the id of its parent', () => {
  const seen = read(layoutOf(8), {
    [FIRST]: { next: SECOND, threadId: 0x100 },
    [SECOND]: { next: THIRD, threadId: 0x100, frame: FRAME },
    [THIRD]: { threadId: 0x300 },
  });
  expect(seen).toEqual({ addresses: [SECOND, THIRD], problems: [] });
});

test('readThreadStates() leaves out a thread that has not begun and has no id yet', () => {
  const seen = read(layoutOf(13), { [FIRST]: { next: SECOND }, [SECOND]: { threadId: 0x200, frame: FRAME } });
  expect(seen).toEqual({ addresses: [SECOND], problems: [] });
});

test('readThreadStates() stops at a state that was freed and is of another interpreter, and says so', () => {
  const layout = layoutOf(8);
  const seen = read(layout, {
    [FIRST]: { next: SECOND, threadId: 0x100, frame: FRAME },
    [SECOND]: { interpreter: OTHER_INTERPRETER, threadId: 0x200 },
  });
  expect(seen.addresses).toEqual([FIRST]);
  expect(seen.problems).toEqual([
    {
      kind: 'unreadable-thread',
      message: `Cannot read the threads after 1: Cannot read PyThreadState at 0x60001000 at offset ${layout.threadState.interpreter}: it is not of this interpreter`,
    },
  ]);
});

test('readThreadStates() of a list that runs in a circle ends, and says so', () => {
  const seen = read(layoutOf(8), {
    [FIRST]: { next: SECOND, threadId: 0x100 },
    [SECOND]: { next: FIRST, threadId: 0x200 },
  });
  expect(seen).toEqual({
    addresses: [FIRST, SECOND],
    problems: [
      { kind: 'unreadable-thread', message: 'Cannot read all threads: their list runs in a circle' },
    ],
  });
});
