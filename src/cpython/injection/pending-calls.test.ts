import { expect, test } from 'vitest';
import { type Address, toAddress } from '../../base/address.ts';
import { MalformedInputError, UnreadableMemoryError } from '../../base/errors.ts';
import type { Memory, MemoryWrite } from '../../base/ports.ts';
import { StructWriter } from '../../base/struct-writer.ts';
import {
  additionOf,
  findQueued,
  idlingOf,
  isWaitingStill,
  type PendingCallPlaces,
  readPendingCalls,
  unusedSlots,
  withdrawalOf,
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

test.each([
  ['to 3.12', TO_3_12, 31, 31],
  ['from 3.13 on', FROM_3_13, 299, 299],
] as const)(
  'a call that was added waits in the ring, and leaves it as it was when taken back (%s)',
  (_name, places, first, last) => {
    const ring = new Ring(places, first, last);
    ring.write(additionOf(ring, readPendingCalls(ring, places, IDLE), CALL, [at(560)]));
    const queue = readPendingCalls(ring, places, IDLE);
    expect(queue).toMatchObject({ first, last: 0, waiting: 1, isLocked: false, isFull: false });
    expect(findQueued(ring, queue, CALL)).toBe(first);
    expect(findQueued(ring, queue, { ...CALL, argument: 0 })).toBeUndefined();
    ring.write(withdrawalOf(queue, first, IDLE));
    expect(readPendingCalls(ring, places, IDLE)).toMatchObject({ first, last, waiting: 0 });
  },
);

test('a call behind which another waits is made one that does nothing', () => {
  const ring = new Ring(TO_3_12, 4, 4);
  ring.write(additionOf(ring, readPendingCalls(ring, TO_3_12, IDLE), CALL, []));
  ring.write(additionOf(ring, readPendingCalls(ring, TO_3_12, IDLE), { ...CALL, argument: 0 }, []));
  ring.write(withdrawalOf(readPendingCalls(ring, TO_3_12, IDLE), 4, IDLE));
  const queue = readPendingCalls(ring, TO_3_12, IDLE);
  expect(queue).toMatchObject({ waiting: 2, spare: undefined });
  expect(findQueued(ring, queue, { ...CALL, function: IDLE })).toBe(4);
});

test.each([
  ['to 3.12', TO_3_12],
  ['from 3.13 on', FROM_3_13],
] as const)(
  'the ring stays whole when a thread takes a call out that is made one that does nothing (%s)',
  (_name, places) => {
    const ring = new Ring(places, 4, 4);
    ring.write(additionOf(ring, readPendingCalls(ring, places, IDLE), CALL, []));
    const queue = readPendingCalls(ring, places, IDLE);
    ring.write(idlingOf(queue, 4, IDLE));
    expect(isWaitingStill(ring, queue, 4)).toBe(true);
    const idling = readPendingCalls(ring, places, IDLE);
    expect(idling).toMatchObject({ first: 4, last: 5, waiting: 1, spare: 4 });

    ring.write(additionOf(ring, idling, CALL, []));
    const again = readPendingCalls(ring, places, IDLE);
    expect(again).toMatchObject({ first: 4, last: 5, waiting: 1, spare: undefined });
    expect(findQueued(ring, again, CALL)).toBe(4);

    ring.write([{ address: places.first, bytes: new StructWriter(4).u32(0, 5).bytes }]);
    ring.write(idlingOf(again, 4, IDLE));
    expect(isWaitingStill(ring, again, 4)).toBe(false);
  },
);

test('additionOf() sets the bit of each thread from 3.13 on, and keeps the others', () => {
  const ring = new Ring(FROM_3_13, 0, 0);
  ring.write([{ address: at(7500), bytes: new StructWriter(8).u64(0, 0x1_0003n).bytes }]);
  ring.write(additionOf(ring, readPendingCalls(ring, FROM_3_13, IDLE), CALL, [at(7500)]));
  expect(ring.read(at(7500), 8)).toEqual(new StructWriter(8).u64(0, 0x1_0007n).bytes);
});

test('readPendingCalls() tells a full ring and a lock that is held', () => {
  expect(readPendingCalls(new Ring(TO_3_12, 1, 0), TO_3_12, IDLE)).toMatchObject({
    waiting: 31,
    isFull: true,
  });
  const ring = new Ring(TO_3_12, 0, 0);
  ring.write([{ address: at(0), bytes: new Uint8Array(4) }]);
  expect(readPendingCalls(ring, TO_3_12, IDLE).isLocked).toBe(true);
});

test.each([
  [32, 0],
  [0, -1],
])('readPendingCalls() takes no ring from %i to %i', (first, last) => {
  expect(() => readPendingCalls(new Ring(TO_3_12, first, last), TO_3_12, IDLE)).toThrow(MalformedInputError);
});

test.each([
  [0, 0, 32 + 16, 31 * 16],
  [5, 9, 32 + 10 * 16, 22 * 16],
  [20, 2, 32 + 3 * 16, 17 * 16],
])('unusedSlots() of a ring from %i to %i lie behind the next call', (first, last, offset, sizeBytes) => {
  const queue = readPendingCalls(new Ring(TO_3_12, first, last), TO_3_12, IDLE);
  expect(unusedSlots(queue)).toEqual({ address: START + offset, sizeBytes });
});
