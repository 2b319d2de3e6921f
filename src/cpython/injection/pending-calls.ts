import { type Address, type AddressRange, offsetBy } from '../../base/address.ts';
import { MalformedInputError } from '../../base/errors.ts';
import type { Memory, MemoryWrite } from '../../base/ports.ts';
import { StructView } from '../../base/struct-view.ts';
import { StructWriter } from '../../base/struct-writer.ts';
import type { MappedModule } from '../discovery/address-space.ts';
import type { Layout } from '../layouts/layout.ts';
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
  /** The newest call, where that is one that does nothing: its place can be taken. */
  readonly spare: number | undefined;
  /** There is no room for another call. */
  readonly isFull: boolean;
}

/** `NPENDINGCALLS` of 3.6. */
const CALLS_3_6 = 32;

/** `_PY_CALLS_TO_DO_BIT`, cpython/Include/internal/pycore_ceval.h, 3.13 to 3.15. */
const CALLS_TO_DO_BIT = 1n << 2n;

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
  const waiting = places.count === undefined ? distance : readInt(memory, places.count);
  const most = places.most === undefined ? capacity - 1 : readInt(memory, places.most);
  const isWithin = [first, last].every((index) => index >= 0 && index < capacity);
  // A ring that is counted may be full to the last place; one that is not keeps a place free.
  const isCounted =
    waiting === distance || (places.count !== undefined && waiting === capacity && distance === 0);
  if (!isWithin || !isCounted || most < 1 || most > capacity) {
    const state = `its ring of ${capacity} calls goes from ${first} to ${last}, with ${waiting} of ${most}`;
    throw new MalformedInputError('struct _pending_calls', 0, state);
  }
  const newest = waiting === 0 ? undefined : (last - 1 + capacity) % capacity;
  const isSpare =
    newest !== undefined && idle !== undefined && readPointer(memory, slotOf(places, newest)) === idle;
  const spare = isSpare ? newest : undefined;
  const isFull = waiting >= most && spare === undefined;
  return { places, first, last, waiting, isLocked: readIsLocked(memory, places), spare, isFull };
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

/** What to write to add a call: the call itself first, and at last what makes the evaluation loop look up. */
export function additionOf(
  memory: Memory,
  queue: PendingCallQueue,
  call: PendingCall,
  breakers: readonly Address[],
): readonly MemoryWrite[] {
  const { places, spare } = queue;
  return [
    ...(spare === undefined ? appending(queue, call) : replacing(places, spare, call)),
    ...(places.callsToDo === undefined ? [] : [int(places.callsToDo, 1)]),
    ...reminderOf(memory, places, breakers),
  ];
}

/** The place last: a thread that takes calls out before that finds none there. */
function appending({ places, last, waiting }: PendingCallQueue, call: PendingCall): readonly MemoryWrite[] {
  return [
    { address: slotOf(places, last), bytes: slotBytes(places, call) },
    ...(places.count === undefined ? [] : [int(places.count, waiting + 1)]),
    int(places.last, (last + 1) % places.capacity),
  ];
}

/** Takes the place of a call that minds no argument, which may be made at any moment: so its argument first. */
function replacing(places: PendingCallPlaces, index: number, call: PendingCall): readonly MemoryWrite[] {
  const slot = slotOf(places, index);
  return [word(offsetBy(slot, 8), call.argument), word(slot, call.function)];
}

/**
 * What to write to have the evaluation loop look up. To 3.12 a thread may have been stopped between looking whether
 * there is anything to do and saying that there is not, so that it has to be said twice. From 3.13 on only while the
 * threads stand still, as other bits of the same words change.
 * @param breakers `eval_breaker` of each thread, 3.13+
 */
export function reminderOf(
  memory: Memory,
  places: PendingCallPlaces,
  breakers: readonly Address[],
): readonly MemoryWrite[] {
  if (places.breaker !== undefined) return [int(places.breaker, 1)];
  return breakers.map((address) => {
    const bits = new StructView(memory.read(address, 8), 'eval_breaker').u64(0);
    return { address, bytes: new StructWriter(8).u64(0, bits | CALLS_TO_DO_BIT).bytes };
  });
}

/** Tells whether a call waits in the ring, and at which index. */
export function findQueued(memory: Memory, queue: PendingCallQueue, call: PendingCall): number | undefined {
  const { places, first, waiting } = queue;
  const wanted = slotBytes(places, call).subarray(0, 16);
  for (let step = 0; step < waiting; step += 1) {
    const index = (first + step) % places.capacity;
    const found = memory.read(slotOf(places, index), 16);
    if (Buffer.compare(found, wanted) === 0) return index;
  }
  return undefined;
}

/**
 * What to write to take a call back that waits at an index while all threads stand still: the newest leaves its place,
 * another one is made a call that does nothing.
 */
export function withdrawalOf(queue: PendingCallQueue, index: number, idle: Address): readonly MemoryWrite[] {
  const { places, last, waiting } = queue;
  const isNewest = (index + 1) % places.capacity === last;
  if (!isNewest) return idlingOf(queue, index, idle);
  return [
    int(places.last, index),
    ...(places.count === undefined ? [] : [int(places.count, waiting - 1)]),
    { address: slotOf(places, index), bytes: new Uint8Array(places.callSizeBytes) },
  ];
}

/**
 * What to write to make a call one that does nothing and keeps its place: a single word, so that a thread which takes
 * it meanwhile takes it as it was or as it is.
 */
export function idlingOf({ places }: PendingCallQueue, index: number, idle: Address): readonly MemoryWrite[] {
  return [word(slotOf(places, index), idle)];
}

/** Tells whether the call that waited at an index does so still, also while a thread takes calls out. */
export function isWaitingStill(memory: Memory, { places, last }: PendingCallQueue, index: number): boolean {
  const { capacity } = places;
  const first = readInt(memory, places.first);
  return (index - first + capacity) % capacity < (last - first + capacity) % capacity;
}

/** The places of the ring that no call is in, behind the next one, as far as they lie side by side: the longest stretch. */
export function unusedSlots({ places, first, last, waiting }: PendingCallQueue): AddressRange {
  const { capacity, callSizeBytes } = places;
  const next = (last + 1) % capacity;
  // The place at `first` stays free too where nothing is counted, since the ring would look empty.
  const stretches =
    next <= first && waiting > 0
      ? [[next, first]]
      : [
          [next, capacity],
          [0, Math.min(first, next)],
        ];
  const [from = 0, to = 0] = stretches.toSorted(([a = 0, b = 0], [c = 0, d = 0]) => d - c - (b - a))[0] ?? [];
  return { address: slotOf(places, from), sizeBytes: Math.max(0, to - from) * callSizeBytes };
}

/** `eval_breaker` of a thread, 3.13+. */
export function breakerOf({ threadState }: Layout, state: Address): Address | undefined {
  return placeOf(state, threadState.evalBreaker);
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
