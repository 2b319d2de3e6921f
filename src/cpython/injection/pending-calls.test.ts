import { expect, test } from 'vitest';
import { type Address, toAddress } from '../../base/address.ts';
import { MalformedInputError, UnreadableMemoryError } from '../../base/errors.ts';
import type { Memory, MemoryWrite } from '../../base/ports.ts';
import { StructView } from '../../base/struct-view.ts';
import { StructWriter } from '../../base/struct-writer.ts';
import {
  additionIndexOf,
  additionOf,
  clearanceOf,
  findQueued,
  idlingOf,
  mayBeAdded,
  type PendingCallPlaces,
  type PendingCallQueue,
  readPendingCalls,
  readWhereabouts,
  reminderOf,
  unusedSlots,
} from './pending-calls.ts';

const START = 0x1000;
const at = (offset: number): Address => toAddress(START + offset);

/** As 3.12 has them, behind each other: semaphore, its pointer, calls to do, 32 calls, first, last, breaker. */
const TO_3_12: PendingCallPlaces = {
  lock: { semaphorePointer: at(8) },
  calls: at(32),
  callSizeBytes: 16,
  capacity: 32,
  first: at(544),
  last: at(548),
  callsToDo: at(16),
  count: undefined,
  most: undefined,
  breaker: at(552),
};

/** As 3.13 has them. */
const FROM_3_13: PendingCallPlaces = {
  lock: { mutex: at(8) },
  calls: at(32),
  callSizeBytes: 24,
  capacity: 300,
  first: at(7232),
  last: at(7236),
  callsToDo: undefined,
  count: at(12),
  most: at(16),
  breaker: undefined,
};

/** Memory that can be written as well. */
class Ring implements Memory {
  readonly #bytes = new StructWriter(8192);

  constructor(places: PendingCallPlaces, first: number, last: number) {
    this.#bytes.u32(places.first - START, first).u32(places.last - START, last);
    if ('semaphorePointer' in places.lock) this.#bytes.u32(0, 1).u64(8, START);
    if (places.count !== undefined) this.#bytes.u32(12, (last - first + 300) % 300).u32(16, 300);
  }

  read(address: Address, sizeBytes: number): Uint8Array {
    if (address < START || address + sizeBytes > START + 8192)
      throw new UnreadableMemoryError(address, sizeBytes);
    return this.#bytes.bytes.slice(address - START, address - START + sizeBytes);
  }

  readMany(): never {
    throw new RangeError('nothing reads many ranges of it');
  }

  write(writes: readonly MemoryWrite[]): void {
    for (const { address, bytes } of writes) this.#bytes.copy(address - START, bytes);
  }
}

const CALL = { function: toAddress(0x7000), argument: toAddress(0x8000) };
const IDLE = toAddress(0x9000);

const RINGS = [
  ['to 3.12', TO_3_12],
  ['from 3.13 on', FROM_3_13],
] as const;

test.each([
  ['to 3.12 as the next one', TO_3_12, { index: 31, first: 31, last: 0 }],
  ['from 3.13 on as the last one', FROM_3_13, { index: 0, first: 0, last: 1 }],
] as const)('a call is added %s, and made one that does nothing', (_name, places, { index, first, last }) => {
  const ring = new Ring(places, 0, 0);
  const empty = readPendingCalls(ring, places, IDLE);
  expect(additionIndexOf(empty)).toBe(index);
  ring.write(additionOf(empty, CALL));
  const queue = readPendingCalls(ring, places, IDLE);
  expect(queue).toMatchObject({ first, last, waiting: 1, isLocked: false, isFull: false });
  expect(findQueued(ring, queue, CALL)).toBe(index);
  expect(findQueued(ring, queue, { ...CALL, argument: 0 })).toBeUndefined();

  ring.write(idlingOf(queue, index, IDLE));
  expect(readWhereabouts(ring, places, index)).toBe('waiting');
  const idling = readPendingCalls(ring, places, IDLE);
  expect(idling).toMatchObject({ first, last, waiting: 1, spare: index });
  ring.write(additionOf(idling, CALL));
  const again = readPendingCalls(ring, places, IDLE);
  expect(again).toMatchObject({ first, last, waiting: 1, spare: undefined });
  expect(findQueued(ring, again, CALL)).toBe(index);

  ring.write([{ address: places.first, bytes: new StructWriter(4).u32(0, last).bytes }]);
  expect(readWhereabouts(ring, places, index)).toBe('gone');
});

test('readPendingCalls() tells a full ring and a lock that is held', () => {
  expect(readPendingCalls(new Ring(TO_3_12, 1, 0), TO_3_12, IDLE)).toMatchObject({
    waiting: 31,
    isFull: true,
  });
  const ring = new Ring(TO_3_12, 0, 0);
  ring.write([{ address: at(0), bytes: new Uint8Array(4) }]);
  expect(readPendingCalls(ring, TO_3_12, IDLE).isLocked).toBe(true);

  // A thread was stopped in the middle of taking a call out.
  const counted = new BusyRing(FROM_3_13, 1);
  counted.write([{ address: FROM_3_13.first, bytes: new StructWriter(4).u32(0, 5).bytes }]);
  expect(() => counted.queue).toThrow(MalformedInputError);
  counted.write([{ address: at(8), bytes: Uint8Array.of(1) }]);
  expect(counted.queue.isLocked).toBe(true);
});

test.each([
  [32, 0],
  [0, -1],
])('readPendingCalls() takes no ring from %i to %i', (first, last) => {
  expect(() => readPendingCalls(new Ring(TO_3_12, first, last), TO_3_12, IDLE)).toThrow(MalformedInputError);
});

test.each([
  [0, 0, 1, 30],
  [5, 9, 10, 22],
  [20, 2, 3, 16],
])(
  'unusedSlots() of a ring from %i to %i lie behind the next call, as far as can be',
  (first, last, from, count) => {
    const queue = readPendingCalls(new Ring(TO_3_12, first, last), TO_3_12, IDLE);
    const end = START + 32 + (from + count) * 16;
    expect(unusedSlots(queue, 4096)).toEqual({ address: end - count * 16, sizeBytes: count * 16 });
    expect(unusedSlots(queue, 40)).toEqual({ address: end - 48, sizeBytes: 48 });
  },
);

/** What a thread of the program does with the ring, store by store, as cpython/Python/ceval_gil.c has it. */
type Steps = Generator<void, void>;

/** A ring in which calls of the program wait, numbered from 1; `made` are the functions that were called, ours among them. */
class BusyRing extends Ring {
  readonly places: PendingCallPlaces;
  readonly made: number[] = [];
  #added = 0;

  constructor(places: PendingCallPlaces, waiting: number) {
    super(places, 4, 4);
    this.places = places;
    for (let call = 0; call < waiting; call += 1) [...this.adding()];
  }

  get queue(): PendingCallQueue {
    return readPendingCalls(this, this.places, IDLE);
  }

  /** Those that the program has added. */
  get added(): readonly number[] {
    return Array.from({ length: this.#added }, (_, index) => index + 1);
  }

  /** `_push_pending_call` */
  *adding(): Steps {
    const { places } = this;
    const index = this.#int(places.last);
    const slot = this.#slot(index);
    this.#added += 1;
    this.#store(slot, 8, this.#added);
    yield;
    this.#store(slot + 8, 8, 0);
    yield;
    // An atomic addition.
    if (places.count !== undefined) this.#store(places.count, 4, this.#int(places.count) + 1);
    yield;
    this.#store(places.last, 4, (index + 1) % places.capacity);
    yield;
  }

  /** `_make_pending_calls`, which cleared no places to 3.11. */
  *taking(): Steps {
    const { places } = this;
    for (;;) {
      const first = this.#int(places.first);
      yield;
      const waits =
        places.count === undefined ? first !== this.#int(places.last) : this.#int(places.count) > 0;
      if (!waits) return;
      const called = this.#int(toAddress(this.#slot(first)));
      yield;
      if (places.count !== undefined) this.#clear(first);
      yield;
      this.#store(places.first, 4, (first + 1) % places.capacity);
      yield;
      if (places.count !== undefined) this.#store(places.count, 4, this.#int(places.count) - 1);
      yield;
      if (called === 0) return;
      this.made.push(called);
    }
  }

  /** Has all calls made, and tells whether nothing is left in the ring. */
  drain(): boolean {
    [...this.taking()];
    const { places } = this;
    const isEmpty = this.#int(places.first) === this.#int(places.last);
    if (places.count === undefined) return isEmpty;
    const calls = this.read(places.calls, places.capacity * places.callSizeBytes);
    return isEmpty && this.#int(places.count) === 0 && calls.every((byte) => byte === 0);
  }

  #slot(index: number): number {
    return this.places.calls + index * this.places.callSizeBytes;
  }

  #clear(index: number): void {
    this.write([{ address: toAddress(this.#slot(index)), bytes: new Uint8Array(this.places.callSizeBytes) }]);
  }

  #int(address: Address): number {
    return new StructView(this.read(address, 4), 'int').i32(0);
  }

  #store(address: number, sizeBytes: 4 | 8, value: number): void {
    const bytes = new StructWriter(sizeBytes);
    this.write([
      {
        address: toAddress(address),
        bytes: (sizeBytes === 4 ? bytes.u32(0, value) : bytes.u64(0, value)).bytes,
      },
    ]);
  }
}

/** What we do with a ring: our writes, and which place is looked at afterwards. */
interface Change {
  readonly writes: readonly MemoryWrite[];
  readonly index: number;
}

function addition({ queue }: BusyRing): Change {
  return { writes: additionOf(queue, CALL), index: additionIndexOf(queue) };
}

function withdrawal(ring: BusyRing): Change {
  const { queue } = ring;
  const index = findQueued(ring, queue, CALL) ?? queue.first;
  return { writes: idlingOf(queue, index, IDLE), index };
}

/** A ring in which so many calls of the program wait, and ours beside them, or one that does nothing. */
function ringWith(places: PendingCallPlaces, waiting: number, beside: 'ours' | 'idle' | 'none'): BusyRing {
  const ring = new BusyRing(places, waiting);
  if (beside !== 'none') ring.write(addition(ring).writes);
  if (beside === 'idle') ring.write(withdrawal(ring).writes);
  return ring;
}

/** Every way in which our writes can fall between what a thread does: the number of its steps before each of them. */
function* interleavings(writes: number, steps: number, from = 0): Generator<readonly number[]> {
  if (writes === 0) yield [];
  else
    for (let step = from; step <= steps; step += 1)
      for (const others of interleavings(writes - 1, steps, step)) yield [step, ...others];
}

/** More than a thread has to do. */
const ALL_STEPS = 40;

/** Changes a ring while a thread does what it does, and has the rest of the calls made; `false` when the ring is not whole then. */
function interleave(ring: BusyRing, change: Change, thread: Steps, moments: readonly number[]): boolean {
  const { queue } = ring;
  let done = 0;
  const goOn = (steps: number): void => {
    for (; done < steps; done += 1) thread.next();
  };
  for (const [index, write] of change.writes.entries()) {
    goOn(moments[index] ?? 0);
    ring.write([write]);
  }
  goOn(ALL_STEPS);
  if (readWhereabouts(ring, queue.places, change.index) === 'gone')
    ring.write(clearanceOf(queue, change.index));
  return ring.drain();
}

function* addingTwo(ring: BusyRing): Steps {
  yield* ring.adding();
  yield* ring.adding();
}

const TAKING = { thread: (ring: BusyRing) => ring.taking(), steps: 12, mayTake: true, mayAdd: false };
const ADDING = { thread: addingTwo, steps: 8, mayTake: false, mayAdd: true };

interface Scene {
  readonly rings: typeof RINGS | readonly [(typeof RINGS)[0]];
  readonly waiting: number;
  readonly beside: 'ours' | 'idle' | 'none';
  readonly changeOf: (ring: BusyRing) => Change;
  /** How often our call may be made. */
  readonly ours: readonly number[];
}

const UNCOUNTED = [RINGS[0]] as const;

test.each([
  [
    'added to an empty ring while calls are taken out',
    { rings: RINGS, waiting: 0, beside: 'none', changeOf: addition, ours: [1] },
    TAKING,
  ],
  [
    'put where one does nothing while calls are taken out',
    { rings: RINGS, waiting: 2, beside: 'idle', changeOf: addition, ours: [0, 1] },
    TAKING,
  ],
  [
    'taken back while calls are taken out',
    { rings: RINGS, waiting: 2, beside: 'ours', changeOf: withdrawal, ours: [0, 1] },
    TAKING,
  ],
  [
    'added while the program adds calls',
    { rings: UNCOUNTED, waiting: 2, beside: 'none', changeOf: addition, ours: [1] },
    ADDING,
  ],
  [
    'put where one does nothing while the program adds calls',
    { rings: UNCOUNTED, waiting: 2, beside: 'idle', changeOf: addition, ours: [1] },
    ADDING,
  ],
  [
    'taken back while the program adds calls',
    { rings: UNCOUNTED, waiting: 2, beside: 'ours', changeOf: withdrawal, ours: [0] },
    ADDING,
  ],
] satisfies [string, Scene, typeof TAKING][])(
  'a call is %s: those of the program are made once each',
  (_what, { rings, waiting, beside, changeOf, ours }, { thread, steps, ...awakening }) => {
    for (const [name, places] of rings) {
      const { writes } = changeOf(ringWith(places, waiting, beside));
      for (const moments of interleavings(writes.length, steps)) {
        const ring = ringWith(places, waiting, beside);
        if (changeOf === addition) expect(mayBeAdded(ring.queue, awakening)).toBe(true);
        const isWhole = interleave(ring, changeOf(ring), thread(ring), moments);
        expectAllMade(ring, { isWhole, ours }, `${name}, after ${moments.join(', ')} steps`);
      }
    }
  },
);

/** As plain comparisons first: there are ten thousand stories. */
function expectAllMade(
  ring: BusyRing,
  expected: { readonly isWhole: boolean; readonly ours: readonly number[] },
  story: string,
): void {
  const { isWhole } = expected;
  const made = ring.made.filter((each) => each !== CALL.function && each !== IDLE);
  const ours = ring.made.filter((each) => each === CALL.function).length;
  if (isWhole && made.join() === ring.added.join() && expected.ours.includes(ours)) return;
  expect({ story, made, ours, isWhole }).toEqual({ story, made: ring.added, ...expected, isWhole: true });
}

test.each(RINGS)(
  'whoever is killed while a call is added or taken back leaves a ring that the next addition sets right (%s)',
  (_name, places) => {
    for (const [changeOf, waiting, beside] of [
      [addition, 0, 'none'],
      [addition, 2, 'none'],
      [addition, 2, 'idle'],
      [withdrawal, 2, 'ours'],
    ] as const)
      for (let written = 0; written <= 3; written += 1) {
        const ring = ringWith(places, waiting, beside);
        ring.write(changeOf(ring).writes.slice(0, written));
        ring.drain();
        [...ring.adding()];
        ring.drain();
        ring.write(addition(ring).writes);
        const story = `${changeOf.name}, killed after ${written} writes`;
        expectAllMade(ring, { isWhole: ring.drain(), ours: [1, 2] }, story);
      }
  },
);

test('a call is not added beside calls of the program while a thread may take them out', () => {
  const queue = new BusyRing(FROM_3_13, 1).queue;
  expect(mayBeAdded(queue, { mayTake: true, mayAdd: false })).toBe(false);
  expect(mayBeAdded(queue, { mayTake: false, mayAdd: false })).toBe(true);
});

test('reminderOf() says to 3.12 that there is something to do', () => {
  const ring = new Ring(TO_3_12, 0, 0);
  ring.write(reminderOf(TO_3_12));
  expect(ring.read(at(16), 1)).toEqual(Uint8Array.of(1));
  expect(ring.read(at(552), 1)).toEqual(Uint8Array.of(1));
  expect(reminderOf(FROM_3_13)).toEqual([]);
});
