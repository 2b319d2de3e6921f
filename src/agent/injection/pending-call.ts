import type { AddressRange } from '../../base/address.ts';
import { isAboutMemory } from '../../base/errors.ts';
import type { MemoryWrite } from '../../base/ports.ts';
import {
  additionOf,
  breakerOf,
  findQueued,
  idlingOf,
  isWaitingStill,
  type PendingCall,
  type PendingCallPlaces,
  type PendingCallQueue,
  readPendingCalls,
  reminderOf,
  withdrawalOf,
} from '../../cpython/injection/pending-calls.ts';
import type { Pause } from '../../platform/process-pause.ts';
import type { InjectionRun } from './injection-run.ts';
import { findRoom, markedText, slackOf } from './program-memory.ts';
import { readMainStates } from './python-threads.ts';

/** How often a ring is looked at whose lock some thread holds, which it does for a moment only. */
const MOST_LOOKS = 50;

/** A call that waits in the ring of the interpreter. */
export interface QueuedCall {
  readonly call: PendingCall;
  /** Where its text is, which must be cleared at last; `undefined` when it has none. */
  readonly text: AddressRange | undefined;
}

/** What became of a call that was to be taken back: it is not going to be made, or has been taken out to be made. */
export type Withdrawal = 'withdrawn' | 'taken';

/**
 * Adds a call of PyRun_SimpleString(text) to those that the interpreter makes at its next safe point, with all threads
 * standing still.
 * @throws {InjectionRefusedError} when that cannot be done; nothing was changed then
 */
export async function queueProgram(run: InjectionRun): Promise<QueuedCall> {
  const { runSimpleString, checkSignals } = run.code;
  if (runSimpleString === undefined || checkSignals === undefined)
    throw run.refusal('no-symbols', `${run.code.path} does not name PyRun_SimpleString`);
  const bytes = markedText(run.program.text);
  const slack = slackOf(run.code, run.mappings);
  return withQueue(run, (queue) => {
    if (queue.isFull)
      throw run.refusal('queue-full', `${queue.waiting} pending calls of its own wait already`);
    const address = findRoom(run.target.changingMemory, slack, queue, bytes.length);
    if (address === undefined)
      throw run.refusal('no-room', `no unused memory of ${bytes.length} bytes was found`);
    const call = { function: runSimpleString, argument: address };
    run.writer.write([{ address, bytes }, ...additionTo(run, queue, call)]);
    run.step(`queued a pending call, text of ${bytes.length} bytes at 0x${address.toString(16)}`);
    return { call, text: { address, sizeBytes: bytes.length } };
  });
}

/** Adds a call of PyErr_CheckSignals(), which looks for requests of PEP 768 on the way. */
export async function queueSignalCheck(run: InjectionRun): Promise<QueuedCall | undefined> {
  const { checkSignals } = run.code;
  if (checkSignals === undefined) return undefined;
  return withQueue(run, (queue) => {
    if (queue.isFull) return undefined;
    const call = { function: checkSignals, argument: 0 } as const;
    run.writer.write(additionTo(run, queue, call));
    return { call, text: undefined };
  });
}

/**
 * Takes a call back that was not made in time. A thread that was left asleep may wake meanwhile and take calls out: the
 * ring keeps its length then, as one that ends before it begins counts as full for ever.
 */
export async function withdraw(run: InjectionRun, queued: QueuedCall): Promise<Withdrawal> {
  const memory = run.target.changingMemory;
  const idle = run.code.checkSignals ?? queued.call.function;
  return withQueue(run, (queue, isStill) => {
    const index = findQueued(memory, queue, queued.call);
    if (index === undefined) return 'taken';
    run.writer.write(isStill ? withdrawalOf(queue, index, idle) : idlingOf(queue, index, idle));
    if (!isStill && !isWaitingStill(memory, queue, index)) return 'taken';
    clearText(run, queued);
    return 'withdrawn';
  });
}

/** Leaves no trace of a text that has run, or is not going to. */
export function clearText(run: InjectionRun, { text }: QueuedCall): void {
  if (text !== undefined)
    run.writer.write([{ address: text.address, bytes: new Uint8Array(text.sizeBytes) }]);
}

/** To 3.12, says again that there is something to do; a word of 0 or 1 needs no thread to stand still. */
export function remind({ code, target, writer }: InjectionRun): void {
  if (code.pendingCalls?.breaker === undefined) return;
  writer.write(reminderOf(target.changingMemory, code.pendingCalls, []));
}

/** Asks something about the ring; `isStill`: no thread was left asleep, so that none can change it meanwhile. */
type Question<Answer> = (queue: PendingCallQueue, isStill: boolean) => Answer;

/** Asks something about the ring while all threads stand still or sleep, and none is in the middle of changing it. */
async function withQueue<Answer>(run: InjectionRun, ask: Question<Answer>): Promise<Answer> {
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
  ask: Question<Answer>,
): { readonly answer: Answer } | undefined {
  using pause = run.target.pause();
  if (pause.unstoppedThreadIds.length > 0) return undefined;
  const queue = readQueue(run, places, pause);
  if (queue === undefined || queue.isLocked) return undefined;
  return { answer: ask(queue, pause.sleepingThreadIds.length === 0) };
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

function additionTo(
  { target }: InjectionRun,
  queue: PendingCallQueue,
  call: PendingCall,
): readonly MemoryWrite[] {
  const { changingMemory, runtime } = target;
  const breakers = readMainStates(target).flatMap((state) => breakerOf(runtime.layout, state) ?? []);
  return additionOf(changingMemory, queue, call, breakers);
}
