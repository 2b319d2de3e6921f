import { type Address, type AddressRange, offsetBy } from '../../base/address.ts';
import { isAboutMemory } from '../../base/errors.ts';
import type { MemoryWrite } from '../../base/ports.ts';
import { lookUpWrite } from '../../cpython/injection/eval-breaker.ts';
import {
  type Awakening,
  additionIndexOf,
  additionOf,
  type CallWhereabouts,
  clearanceOf,
  findQueued,
  idlingOf,
  mayBeAdded,
  type PendingCall,
  type PendingCallPlaces,
  type PendingCallQueue,
  readPendingCalls,
  readWhereabouts,
  reminderOf,
} from '../../cpython/injection/pending-calls.ts';
import type { Pause } from '../../platform/process-pause.ts';
import type { InjectionRun } from './injection-run.ts';
import { canBeNudged, mayWaitForLock, nudgeIn } from './nudge.ts';
import { findRoom, markedText, runningFileText, slackOf } from './program-memory.ts';
import { type PythonThreads, readGilHolder } from './python-threads.ts';

/** How often a ring is looked at whose lock some thread holds, which it does for a moment only. */
const MOST_LOOKS = 50;

/** A call that waits in the ring of the interpreter. */
export interface QueuedCall {
  readonly call: PendingCall;
  /** Where its text is, which must be cleared at last; `undefined` when it has none. */
  readonly text: AddressRange | undefined;
}

/** A program that waits there. */
export interface QueuedProgram extends QueuedCall {
  /** The main thread slept in a lock, and was woken to make the call. */
  readonly isNudged: boolean;
}

/** What became of a call that was to be taken back: it is not going to be made, or has been taken out to be made. */
export type Withdrawal = 'withdrawn' | 'taken';

/**
 * Adds a call of PyRun_SimpleString(text) to those that the interpreter makes at its next safe point, with all threads
 * standing still or asleep.
 * @returns `undefined` when too many calls of its own wait, or some that threads may wake to take out meanwhile
 * @throws {InjectionRefusedError} when it cannot be done; nothing was changed then
 */
export async function queueProgram(run: InjectionRun): Promise<QueuedProgram | undefined> {
  const { runSimpleString, checkSignals } = run.code;
  if (runSimpleString === undefined || checkSignals === undefined)
    throw run.refusal('no-symbols', `${run.code.path} does not name PyRun_SimpleString`);
  const slack = slackOf(run.code, run.mappings);
  const look = run.look();
  const sleeper = look.threads.find(
    (thread) => thread.isMain && !thread.waitsForGil && mayWaitForLock(thread) && canBeNudged(run, thread),
  );
  const texts = [run.program.text, runningFileText(run.program.path)].map(markedText);
  return withQueue(run, (queue, pause) => {
    const awakening = awakeningOf(run, look, pause);
    if (queue.isFull || !mayBeAdded(queue, awakening)) return undefined;
    const write = texts
      .map((bytes) => ({ address: findRoom(run.target.changingMemory, slack, queue, bytes.length), bytes }))
      .find(isPlaced);
    if (write === undefined)
      throw run.refusal('no-room', `no unused memory of ${texts.at(-1)?.length} bytes was found`);
    const { address, bytes } = write;
    using nudged = sleeper && nudgeIn(pause, run, sleeper);
    run.writer.write([write]);
    const call = { function: runSimpleString, argument: address };
    add(run, { queue, pause, awakening }, call);
    run.step(`queued a pending call, text of ${bytes.length} bytes at 0x${address.toString(16)}`);
    if (nudged?.isNudged === true) run.step(`nudged thread ${sleeper?.id}`);
    return { call, text: { address, sizeBytes: bytes.length }, isNudged: nudged?.isNudged === true };
  });
}

function isPlaced(write: {
  readonly address: Address | undefined;
  readonly bytes: Uint8Array;
}): write is MemoryWrite {
  return write.address !== undefined;
}

/** Adds a call of PyErr_CheckSignals(), which looks for requests of PEP 768 on the way; `undefined` when it cannot be added. */
export async function queueSignalCheck(run: InjectionRun): Promise<QueuedCall | undefined> {
  const { checkSignals } = run.code;
  if (checkSignals === undefined) return undefined;
  const look = run.look();
  return withQueue(run, (queue, pause) => {
    const awakening = awakeningOf(run, look, pause);
    if (queue.isFull || !mayBeAdded(queue, awakening)) return undefined;
    const call = { function: checkSignals, argument: 0 } as const;
    add(run, { queue, pause, awakening }, call);
    return { call, text: undefined };
  });
}

/** Takes a call back that was not made in time. */
export async function withdraw(run: InjectionRun, queued: QueuedCall): Promise<Withdrawal> {
  const idle = run.code.checkSignals ?? queued.call.function;
  return withQueue(run, (queue) => {
    const index = findQueued(run.target.changingMemory, queue, queued.call);
    if (index === undefined) return 'taken';
    run.writer.write(idlingOf(queue, index, idle));
    if (settle(run, queue, index) !== 'waiting') return 'taken';
    clearText(run, queued);
    return 'withdrawn';
  });
}

/** Leaves no trace of a text that has run, or is not going to. */
export function clearText(run: InjectionRun, { text }: QueuedCall): void {
  if (text !== undefined)
    run.writer.write([{ address: text.address, bytes: new Uint8Array(text.sizeBytes) }]);
}

/** To 3.12, says again that there is something to do, which needs no thread to stand still. */
export function remind({ code, writer }: InjectionRun): void {
  if (code.pendingCalls !== undefined) writer.write(reminderOf(code.pendingCalls));
}

/**
 * To 3.11 only the main thread makes calls, and C code adds some on threads of its own; from 3.12 on this ring is that of one
 * interpreter, whose threads all make them, and C code adds its calls to another one.
 */
function awakeningOf({ target }: InjectionRun, { threads }: PythonThreads, pause: Pause): Awakening {
  const asleep = pause.sleepingThreadIds;
  if (target.runtime.layout.rules.pendingCallsOf === 'interpreter')
    return { mayTake: asleep.length > 0, mayAdd: false };
  const main = threads.find(({ isMain }) => isMain);
  const ofPython = new Set(threads.filter(({ hasFrame }) => hasFrame).map(({ id }) => id));
  return {
    mayTake: main === undefined ? asleep.length > 0 : asleep.includes(main.id),
    mayAdd: asleep.some((id) => id !== main?.id && !ofPython.has(id)),
  };
}

/** A ring that is about to be changed. */
interface OpenQueue {
  readonly queue: PendingCallQueue;
  readonly pause: Pause;
  readonly awakening: Awakening;
}

function add(run: InjectionRun, { queue, pause, awakening }: OpenQueue, call: PendingCall): void {
  const { target, writer } = run;
  writer.write([...additionOf(queue, call), ...reminderOf(queue.places)]);
  const breaker = breakerOfHolder(run, pause);
  if (breaker !== undefined) writer.write([lookUpWrite(target.changingMemory, breaker, { isStill: true })]);
  if (awakening.mayTake) settle(run, queue, additionIndexOf(queue));
}

/**
 * `eval_breaker` of the thread that holds the GIL, 3.13 and later, when it stands still. Any other looks whether there are
 * calls when it gets the GIL (`update_eval_breaker_for_thread`, cpython/Python/ceval_gil.c).
 */
function breakerOfHolder({ target }: InjectionRun, pause: Pause): Address | undefined {
  const { evalBreaker } = target.runtime.layout.threadState;
  if (evalBreaker === undefined) return undefined;
  const holder = readGilHolder(target);
  const asleep = pause.sleepingThreadIds.map((id) => target.innerThreadId(id) ?? id);
  if (holder === undefined || asleep.some((id) => id === holder.nativeThreadId)) return undefined;
  return offsetBy(holder.address, evalBreaker);
}

/** A thread that woke may have taken a call out before its place was written over. */
function settle(run: InjectionRun, queue: PendingCallQueue, index: number): CallWhereabouts {
  const whereabouts = readWhereabouts(run.target.changingMemory, queue.places, index);
  if (whereabouts === 'gone') run.writer.write(clearanceOf(queue, index));
  return whereabouts;
}

/** Asks something about the ring while all threads stand still or sleep, and none is in the middle of changing it. */
async function withQueue<Answer>(
  run: InjectionRun,
  ask: (queue: PendingCallQueue, pause: Pause) => Answer,
): Promise<Answer> {
  const { pendingCalls: places } = run.code;
  if (places === undefined)
    throw run.refusal('no-symbols', `${run.code.path} does not tell where its pending calls are`);
  for (let look = 1; ; look += 1) {
    const found = askOnce(run, places, ask);
    if (found !== undefined) return found.answer;
    if (look === MOST_LOOKS)
      throw run.refusal('unusual', 'the lock of its pending calls is held all the time');
    await new Promise((resolve) => setTimeout(resolve, 1));
  }
}

function askOnce<Answer>(
  run: InjectionRun,
  places: PendingCallPlaces,
  ask: (queue: PendingCallQueue, pause: Pause) => Answer,
): { readonly answer: Answer } | undefined {
  using pause = run.target.pause();
  if (pause.unstoppedThreadIds.length > 0) return undefined;
  const queue = readQueue(run, places, pause);
  if (queue === undefined || queue.isLocked) return undefined;
  return { answer: ask(queue, pause) };
}

/** `undefined` when a thread woke that was left asleep, and may have changed the ring in between. */
function readQueue(run: InjectionRun, places: PendingCallPlaces, pause: Pause): PendingCallQueue | undefined {
  try {
    const queue = readPendingCalls(run.target.changingMemory, places, run.code.checkSignals);
    return pause.findAwakened().length > 0 ? undefined : queue;
  } catch (error) {
    if (!isAboutMemory(error)) throw error;
    if (pause.findAwakened().length > 0) return undefined;
    throw run.refusal('unusual', `its pending calls are not where they should be (${error.message})`);
  }
}
