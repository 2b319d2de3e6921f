import { expect, test } from 'vitest';
import { TestMemory } from '../../test/support/test-memory.ts';
import { toAddress } from '../base/address.ts';
import { readKernelIds, readPthreadIds } from './pthread-ids.ts';

const STRUCT_BYTES = 2304;
const GLIBC = 720;
const MUSL = 48;
const [FIRST, SECOND, THIRD] = [toAddress(0x7000_0000), toAddress(0x7001_0000), toAddress(0x7002_0000)];
const TASKS = new Set([100, 101, 102]);

/** A `struct pthread` with ids, or what else lies there, by offset. */
function pthreads(structs: Readonly<Record<number, Readonly<Record<number, number>>>>): TestMemory {
  const memory = new TestMemory();
  for (const [address, words] of Object.entries(structs)) {
    const bytes = Buffer.alloc(STRUCT_BYTES);
    for (const [offset, value] of Object.entries(words)) bytes.writeInt32LE(value, Number(offset));
    memory.map(Number(address), bytes);
  }
  return memory;
}

test.each([
  ['glibc', GLIBC],
  ['musl', MUSL],
])('readPthreadIds() finds the ids where %s keeps them', (_name, offset) => {
  const memory = pthreads({ [FIRST]: { [offset]: 100 }, [SECOND]: { [offset]: 101 } });
  expect(readPthreadIds(memory, [FIRST, SECOND], TASKS)).toEqual(
    new Map([
      [FIRST, 100],
      [SECOND, 101],
    ]),
  );
});

test.each([
  ['has ended', 0],
  ['was joined', -1],
  ['has left memory to something else', 0x6261_6463],
])('readPthreadIds() leaves out a thread that %s and tells the others', (_state, word) => {
  const memory = pthreads({
    [FIRST]: { [GLIBC]: 100 },
    [SECOND]: { [GLIBC]: word },
    [THIRD]: { [GLIBC]: 102 },
  });
  const living = readPthreadIds(memory, [FIRST, SECOND, THIRD], TASKS);
  expect([living.get(FIRST), living.get(SECOND), living.get(THIRD)]).toEqual([100, undefined, 102]);
});

test('readPthreadIds() tells the others when the struct of an ended thread is not mapped', () => {
  const memory = pthreads({ [FIRST]: { [GLIBC]: 100 } });
  expect(readPthreadIds(memory, [FIRST, SECOND], TASKS)).toEqual(new Map([[FIRST, 100]]));
});

test('readPthreadIds() does not take a number that all threads share for their ids', () => {
  const memory = pthreads({
    [FIRST]: { 16: 100, [MUSL]: 101 },
    [SECOND]: { 16: 100, [MUSL]: 102 },
  });
  expect(readPthreadIds(memory, [FIRST, SECOND], TASKS)).toEqual(
    new Map([
      [FIRST, 101],
      [SECOND, 102],
    ]),
  );
});

test('readKernelIds() believes the thread states, and the pthread where the id is one of a parent', () => {
  const memory = pthreads({
    [FIRST]: { [GLIBC]: 100 },
    [SECOND]: { [GLIBC]: 101 },
    [THIRD]: { [MUSL]: 102 },
  });
  const states = [
    { nativeThreadId: 77, threadId: FIRST },
    { nativeThreadId: 101, threadId: SECOND },
    // Ended: its memory holds an id, but not where glibc keeps one.
    { nativeThreadId: 78, threadId: THIRD },
  ];
  expect([...readKernelIds(memory, states, TASKS).values()].sort()).toEqual([100, 101]);
  const reused = [{ nativeThreadId: 79, threadId: SECOND }, ...states.slice(1)];
  expect(readKernelIds(memory, reused, TASKS)).toEqual(new Map([[reused[1], 101]]));
});
