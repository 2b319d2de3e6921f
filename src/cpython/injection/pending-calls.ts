import { type Address, type AddressRange, offsetBy } from '../../base/address.ts';
import { MalformedInputError } from '../../base/errors.ts';
import type { Memory, MemoryWrite } from '../../base/ports.ts';
import { StructView } from '../../base/struct-view.ts';
import { StructWriter } from '../../base/struct-writer.ts';
import type { MappedModule } from '../discovery/address-space.ts';
import { type CPythonRuntime, readPointer } from '../runtime.ts';

/** Where the ring of pending calls is that an interpreter makes at its next safe point (Python/ceval.c, `Py_AddPendingCall`). */
export interface PendingCallPlaces {
  /** A pointer to a POSIX semaphore, or a PyMutex, which is a byte. */
  readonly lock: { readonly semaphorePointer: Address } | { readonly mutex: Address };
  readonly calls: Address;
  readonly callSizeBytes: number;
  readonly capacity: number;
  readonly first: Address;
  readonly last: Address;
  /** To 3.12: whether there is anything to do. */
  readonly callsToDo: Address | undefined;
  /** 3.13+: how many wait, and the most that may. */
  readonly count: Address | undefined;
  readonly most: Address | undefined;
  /** To 3.12: what makes the evaluation loop look up. From 3.13 on every thread has its own. */
  readonly breaker: Address | undefined;
}

/** A call that is to be made: a function that takes one pointer and answers an int. */
export interface PendingCall {
  readonly function: Address;
  readonly argument: Address | 0;
}

/** The ring as it is at a moment. */
export interface PendingCallQueue {
  readonly places: PendingCallPlaces;
  readonly first: number;
  readonly last: number;
  readonly waiting: number;
  /** Some thread is in the middle of adding a call or taking one. */
  readonly isLocked: boolean;
  /** A call that does nothing: its place can be taken. */
  readonly spare: number | undefined;
  /** More calls wait than leave room for one of ours beside those that the program may add meanwhile. */
  readonly isFull: boolean;
}

/** What threads may do to the ring while it is written, which were left asleep and may wake. */
export interface Awakening {
  readonly mayTake: boolean;
  readonly mayAdd: boolean;
}

/** `NPENDINGCALLS` of 3.6. */
const CALLS_3_6 = 32;

/**
 * Finds the ring that the main thread looks into (to 3.11), or any thread of the interpreter (3.12+).
 * @param interpreter the main one
 * @param module the one that holds the interpreter: 3.6 has its ring in variables, which only `.symtab` names
 */
export function findPendingCalls(
  { layout, roots }: CPythonRuntime,
  interpreter: Address,
  module: MappedModule,
): PendingCallPlaces | undefined {
  const { pendingCalls: ring, runtime } = layout;
  if (ring === undefined) return variablesOf(module);
  const within = runtime?.pendingCalls;
  const ofRuntime =
    within === undefined || roots.runtime === undefined ? undefined : offsetBy(roots.runtime, within);
  const ofInterpreter = placeOf(interpreter, layout.interpreter.pendingCalls);
  const start = ofRuntime ?? ofInterpreter;
  if (start === undefined) return undefined;
  const breaker =
    placeOf(roots.runtime, runtime?.evalBreaker) ?? placeOf(interpreter, layout.interpreter.evalBreaker);
  const callSizeBytes = ring.secondCall - ring.calls;
  const lock =
    ring.lock === undefined
      ? { mutex: offsetBy(start, ring.mutex ?? 0) }
      : { semaphorePointer: offsetBy(start, ring.lock) };
  return {
    lock,
    calls: offsetBy(start, ring.calls),
    callSizeBytes,
    capacity: Math.floor((ring.first - ring.calls) / callSizeBytes),
    first: offsetBy(start, ring.first),
    last: offsetBy(start, ring.last),
    callsToDo: placeOf(start, ring.callsToDo),
    count: placeOf(start, ring.count),
    most: placeOf(start, ring.most),
    breaker,
  };
}

function placeOf(start: Address | undefined, offset: number | undefined): Address | undefined {
  return start === undefined || offset === undefined ? undefined : offsetBy(start, offset);
}

/** cpython/Python/ceval.c, 3.6: `pendingcalls` and the static variables around it. */
function variablesOf(module: MappedModule): PendingCallPlaces | undefined {
  const names = [
    'pending_lock',
    'pendingcalls',
    'pendingfirst',
    'pendinglast',
    'pendingcalls_to_do',
    'eval_breaker',
  ];
  const [semaphorePointer, calls, first, last, callsToDo, breaker] = names.map((name) =>
    module.findSymbol(name),
  );
  if (semaphorePointer === undefined || calls === undefined || first === undefined) return undefined;
  if (last === undefined || callsToDo === undefined || breaker === undefined) return undefined;
  return {
    lock: { semaphorePointer },
    calls,
    callSizeBytes: 16,
    capacity: CALLS_3_6,
    first,
    last,
    callsToDo,
    count: undefined,
    most: undefined,
    breaker,
  };
}

/**
 * Reads the ring, which only stands still while all threads do.
 * @param idle a function that does nothing and minds no argument
 * @throws {MalformedInputError} when it does not hold together, as that of another build would not
 */
export function readPendingCalls(
  memory: Memory,
  places: PendingCallPlaces,
  idle: Address | undefined,
): PendingCallQueue {
  const first = readInt(memory, places.first);
  const last = readInt(memory, places.last);
  const { capacity } = places;
  const distance = (last - first + capacity) % capacity;
  const count = places.count === undefined ? distance : readInt(memory, places.count);
  // A ring that is counted may be full to the last place; one that is not keeps a place free.
  const waiting = places.count !== undefined && count === capacity && distance === 0 ? capacity : distance;
  const most = places.most === undefined ? capacity - 1 : readInt(memory, places.most);
  const isWithin = [first, last].every((index) => index >= 0 && index < capacity);
  // Who is killed in the middle of adding a call has not counted it yet; the next one that is added sets that right.
  const isCounted = count === waiting || count === waiting - 1;
  const isLocked = readIsLocked(memory, places);
  if (!isWithin || !(isCounted || isLocked) || most < 1 || most > capacity) {
    const state = `its ring of ${capacity} calls goes from ${first} to ${last}, with ${count} of ${most}`;
    throw new MalformedInputError('struct _pending_calls', 0, state);
  }
  const ring = { places, first, last, waiting };
  const spare = indicesOf(ring).find((index) => readPointer(memory, slotOf(places, index)) === idle);
  return {
    ...ring,
    isLocked,
    spare: idle === undefined ? undefined : spare,
    isFull: waiting > most / 2 && spare === undefined,
  };
}

/** Where calls wait, the next one first. */
function indicesOf({
  places,
  first,
  waiting,
}: Pick<PendingCallQueue, 'places' | 'first' | 'waiting'>): readonly number[] {
  return Array.from({ length: waiting }, (_, step) => (first + step) % places.capacity);
}

function readIsLocked(memory: Memory, { lock }: PendingCallPlaces): boolean {
  if ('mutex' in lock) return memory.read(lock.mutex, 1)[0] !== 0;
  const semaphore = readPointer(memory, lock.semaphorePointer);
  // 3.6 makes it when the first thread is started or the first call is added; until then nobody can hold it.
  if (semaphore === undefined) return false;
  const value = readInt(memory, semaphore);
  if (value !== 0 && value !== 1)
    throw new MalformedInputError('struct _pending_calls', 0, `its lock has the value ${value}`);
  return value === 0;
}

/**
 * Tells whether a call can be added although threads may wake meanwhile. To take the place of one that does nothing is
 * always right, as is {@link additionOf} beside a thread that adds calls. One that takes a call out writes `first` and
 * the count as we do, which it only does where some wait.
 */
export function mayBeAdded({ waiting, spare }: PendingCallQueue, { mayTake, mayAdd }: Awakening): boolean {
  return spare !== undefined || !mayTake || (waiting === 0 && !mayAdd);
}

/**
 * Where {@link additionOf} puts a call: to 3.12 as the next one, since a thread that adds calls writes behind the last one only;
 * from 3.13 on as the last, since a thread that takes one out may have read `first` before it reads the count.
 */
export function additionIndexOf({ places, first, last, spare }: PendingCallQueue): number {
  return spare ?? (places.count === undefined ? (first - 1 + places.capacity) % places.capacity : last);
}

/**
 * What to write to add a call, so that all calls of the program are made in any case. Who is killed before the count leaves a
 * ring of which one call waits for the next that is added; {@link readPendingCalls} does not mind it.
 */
export function additionOf(queue: PendingCallQueue, call: PendingCall): readonly MemoryWrite[] {
  const { places, waiting, spare } = queue;
  const index = additionIndexOf(queue);
  const slot = slotOf(places, index);
  // A call that does nothing minds no argument, and may be made at any moment: so its argument first.
  if (spare !== undefined) return [word(offsetBy(slot, 8), call.argument), word(slot, call.function)];
  const added = { address: slot, bytes: slotBytes(places, call) };
  if (places.count === undefined) return [added, int(places.first, index)];
  return [added, int(places.last, (index + 1) % places.capacity), int(places.count, waiting + 1)];
}

/**
 * What to write to have the evaluation loop look up, to 3.12: a word of 0 or 1 each, so that to write 1 once too often does
 * nothing. A thread may have been stopped between looking whether there is anything to do and saying that there is
 * not, so that the second has to be said twice.
 */
export function reminderOf({ callsToDo, breaker }: PendingCallPlaces): readonly MemoryWrite[] {
  return [callsToDo, breaker].flatMap((address) => (address === undefined ? [] : [int(address, 1)]));
}

/** Tells whether a call waits in the ring, and at which index. */
export function findQueued(memory: Memory, queue: PendingCallQueue, call: PendingCall): number | undefined {
  const wanted = slotBytes(queue.places, call).subarray(0, 16);
  return indicesOf(queue).find(
    (index) => Buffer.compare(memory.read(slotOf(queue.places, index), 16), wanted) === 0,
  );
}

/**
 * What to write to take a call back: it is made one that does nothing and keeps its place, by a single word, so that a
 * thread which takes it meanwhile takes it as it was or as it is.
 */
export function idlingOf({ places }: PendingCallQueue, index: number, idle: Address): readonly MemoryWrite[] {
  return [word(slotOf(places, index), idle)];
}

/** Where a call is: in the ring, on its way out in the hands of a thread that has the lock, or no longer there. */
export type CallWhereabouts = 'waiting' | 'leaving' | 'gone';

/** Tells where the call is that was at an index, also while threads take calls out or add some. */
export function readWhereabouts(memory: Memory, places: PendingCallPlaces, index: number): CallWhereabouts {
  const { capacity } = places;
  if (readIsLocked(memory, places)) return 'leaving';
  const first = readInt(memory, places.first);
  const last = readInt(memory, places.last);
  const isWaiting = (index - first + capacity) % capacity < (last - first + capacity) % capacity;
  return isWaiting ? 'waiting' : 'gone';
}

/** What to write to a place that a call has left, as CPython does from 3.12 on and checks in debug builds. */
export function clearanceOf({ places }: PendingCallQueue, index: number): readonly MemoryWrite[] {
  return [{ address: slotOf(places, index), bytes: new Uint8Array(places.callSizeBytes) }];
}

/**
 * Room of that size in places of the ring that no call is in, which lie side by side: as far behind the last call as can
 * be, where calls that the program adds get last. What is left when there is not so much.
 */
export function unusedSlots(queue: PendingCallQueue, sizeBytes: number): AddressRange {
  const { places, first, last, waiting } = queue;
  const { capacity, callSizeBytes } = places;
  const next = (last + 1) % capacity;
  const added = (first - 1 + capacity) % capacity;
  const stretches =
    next <= added
      ? [[next, added]]
      : [
          [next, capacity],
          [0, added],
        ];
  const [from = 0, to = 0] =
    waiting === capacity
      ? []
      : (stretches.toSorted(([a = 0, b = 0], [c = 0, d = 0]) => d - c - (b - a))[0] ?? []);
  const start = Math.max(from, to - Math.ceil(sizeBytes / callSizeBytes));
  return { address: slotOf(places, start), sizeBytes: (to - start) * callSizeBytes };
}

function slotOf({ calls, callSizeBytes }: PendingCallPlaces, index: number): Address {
  return offsetBy(calls, index * callSizeBytes);
}

/** Function, argument, and from 3.13 on flags, none of which are set. */
function slotBytes({ callSizeBytes }: PendingCallPlaces, call: PendingCall): Uint8Array {
  return new StructWriter(callSizeBytes).u64(0, call.function).u64(8, call.argument).bytes;
}

function int(address: Address, value: number): MemoryWrite {
  return { address, bytes: new StructWriter(4).u32(0, value).bytes };
}

function word(address: Address, value: number): MemoryWrite {
  return { address, bytes: new StructWriter(8).u64(0, value).bytes };
}

function readInt(memory: Memory, address: Address): number {
  return new StructView(memory.read(address, 4), 'int').i32(0);
}
