import type { Address } from '../../base/address.ts';
import { encodeOsString } from '../../base/os-string.ts';
import { readIfSound } from '../../base/read-if-sound.ts';
import {
  findRemoteDebugger,
  type RemoteDebuggerPlaces,
  readIsAsked,
  readIsRemoteDebuggable,
  requestBitOf,
  requestOf,
  requestWithdrawalOf,
} from '../../cpython/injection/remote-debugging.ts';
import type { Pause } from '../../platform/process-pause.ts';
import type { LiveTarget } from '../../target/live-target.ts';
import { isLockWait, mayBeLockWait } from './blocked-calls.ts';
import { hasCheckedFilters } from './call-filters.ts';
import type { InjectionRun } from './injection-run.ts';
import { canBeNudged, nudge, nudgeIn } from './nudge.ts';
import { type QueuedCall, queueSignalCheck, withdraw } from './pending-call.ts';
import { type PythonThread, type PythonThreads, readMainStates } from './python-threads.ts';

/** How long a thread is given that runs Python, and one that was nudged, before another one is asked. */
const PATIENCE_MS = { running: 1000, nudged: 100, asleep: 100, other: 100 } as const;

/** How well a thread can carry a request, the best first. */
type Prospect = 'running' | 'nudged' | 'lock' | 'asleep';

/**
 * Has a thread of the main interpreter run the program's file by PEP 768: the main thread if it runs or can be woken,
 * else another one, since any may carry the request.
 * @returns whether a thread had to be nudged
 * @throws {InjectionRefusedError} when remote debugging is switched off, which is never gone around
 */
export async function runByRemoteDebugging(
  run: InjectionRun,
): Promise<{ readonly nudged: boolean } | undefined> {
  const { target } = run;
  const { interpreter } = run.look();
  if (!readIsRemoteDebuggable(target.changingMemory, target.runtime.layout, interpreter.facts.address))
    throw run.refusal('disabled', 'remote debugging is switched off there (PEP 768)');
  for (let round = 0; run.remainingMs > 0 || round === 0; round += 1) {
    const carriers = carriersOf(run, run.look());
    const carrier = carriers[round % Math.max(1, carriers.length)];
    if (carrier === undefined)
      throw run.refusal('no-thread', 'no thread of its main interpreter is there to be asked');
    const outcome = await ask(run, carrier, carriers.length === 1);
    if (outcome !== undefined) return outcome;
  }
  return undefined;
}

/** Whether a thread has yet to run a file that it was asked to run, by us or another tool. */
export function isAwaitingRequest(target: LiveTarget): boolean {
  if (target.runtime.layout.remoteDebugger === undefined) return false;
  return target.ask(() => readMainStates(target).some((state) => isAsked(target, state)));
}

function isAsked({ changingMemory, runtime }: LiveTarget, state: Address): boolean {
  const places = findRemoteDebugger(runtime.layout, state);
  return places !== undefined && readIsAsked(changingMemory, places);
}

interface Carrier {
  readonly thread: PythonThread;
  readonly prospect: Prospect;
  readonly sleepsOverRequest: boolean;
}

function carriersOf(run: InjectionRun, { threads }: PythonThreads): readonly Carrier[] {
  const order: readonly Prospect[] = ['running', 'nudged', 'lock', 'asleep'];
  // One that sleeps over a request already, of somebody who was killed before he could nudge it, is nudged first.
  const rank = ({ thread, prospect, sleepsOverRequest }: Carrier) =>
    sleepsOverRequest ? -1 : order.indexOf(prospect) * 2 + (thread.isMain ? 0 : 1);
  const carriers = threads
    .filter(({ isMain, id }) => isMain || hasCheckedFilters(run, id))
    .map((thread) => {
      const prospect = prospectOf(run, thread);
      // It may have ended since it was seen.
      const hasRequest = () => prospect === 'nudged' && isAsked(run.target, thread.state);
      return { thread, prospect, sleepsOverRequest: readIfSound(hasRequest) === true };
    });
  const useful = carriers.filter(({ prospect, thread }) => prospect !== 'asleep' || thread.isMain);
  return (useful.length > 0 ? useful : carriers).toSorted((a, b) => rank(a) - rank(b));
}

/** A lock looks for signals in the main thread only, and for requests not at all. */
function prospectOf(run: InjectionRun, thread: PythonThread): Prospect {
  const { syscall, waitsForGil, isMain } = thread;
  if (syscall?.kind !== 'inside' || waitsForGil) return 'running';
  if (!canBeNudged(run, thread)) return 'asleep';
  if (!mayBeLockWait(syscall)) return 'nudged';
  if (isMain) return 'lock';
  return isLockWait(syscall) ? 'asleep' : 'nudged';
}

async function ask(
  run: InjectionRun,
  carrier: Carrier,
  isOnly: boolean,
): Promise<{ readonly nudged: boolean } | undefined> {
  const { thread, prospect } = carrier;
  const places = findRemoteDebugger(run.target.runtime.layout, thread.state);
  if (places === undefined) throw run.refusal('unusual', 'its threads do not tell where they can be asked');
  const check = prospect === 'lock' ? await queueSignalCheck(run) : undefined;
  const { answer, isNudged: nudged } = requestAndWake(run, carrier, places);
  if (answer !== 'asked') {
    await run.waitUntilRun(Math.min(run.remainingMs, PATIENCE_MS.other));
    if (check !== undefined) await withdrawCheck(run, check);
    return undefined;
  }
  const isLastHope = isOnly && prospect === 'asleep';
  const patience = PATIENCE_MS[prospect === 'lock' ? 'nudged' : prospect];
  const hasRun = await run.waitUntilRun(isLastHope ? run.remainingMs : Math.min(run.remainingMs, patience));
  if (check !== undefined) await withdrawCheck(run, check);
  const isTakenBack = !hasRun && takeBack(run, thread, places);
  return (await hasBegun(run, hasRun, isTakenBack)) ? { nudged } : undefined;
}

/** Another request, of another tool or of one that was killed, goes first, and is woken for too. */
function requestAndWake(run: InjectionRun, carrier: Carrier, places: RemoteDebuggerPlaces): Asking {
  const { id } = carrier.thread;
  const asking = request(run, carrier, places);
  if (asking.answer === 'asked') run.step(`asked thread ${id} to run ${run.program.path}`);
  const isNudged = asking.isNudged || (mayBeWoken(carrier) && nudge(run, carrier.thread));
  if (isNudged) run.step(`nudged thread ${id}`);
  if (asking.answer === 'occupied') run.step(`thread ${id} has another request to fulfil`);
  return { ...asking, isNudged };
}

function mayBeWoken({ prospect }: Carrier): boolean {
  return prospect === 'nudged' || prospect === 'lock';
}

/** One that was taken up already must begin at any moment. */
async function hasBegun(run: InjectionRun, hasRun: boolean, isTakenBack: boolean): Promise<boolean> {
  const begins = hasRun || (!isTakenBack && (await run.waitUntilBegun()));
  if (begins || isTakenBack) run.program.onAwaited?.(false);
  return begins;
}

/** What came of asking a thread: it has another request to fulfil, or has gone. */
interface Asking {
  readonly answer: 'asked' | 'occupied' | 'gone';
  /** It wakes as it is asked. */
  readonly isNudged: boolean;
}

/** A thread that sleeps is woken in the same moment, so that whoever is killed leaves no request that it sleeps over. */
function request(run: InjectionRun, carrier: Carrier, places: RemoteDebuggerPlaces): Asking {
  const { thread } = carrier;
  const path = encodeOsString(run.program.path);
  if (path.length >= places.pathSizeBytes)
    throw run.refusal(
      'path-too-long',
      `the path ${run.program.path} is longer than ${places.pathSizeBytes - 1} bytes`,
    );
  using pause = pauseAround(run, thread);
  const isAsleep = pause.sleepingThreadIds.includes(thread.id);
  if (!hasState(run, thread) || (isAsleep && !thread.isMain)) return { answer: 'gone', isNudged: false };
  const { changingMemory } = run.target;
  if (readIsAsked(changingMemory, places)) return { answer: 'occupied', isNudged: false };
  using sleeper = mayBeWoken(carrier) ? nudgeIn(pause, run, thread) : undefined;
  run.program.onAwaited?.(true);
  run.writer.write([...requestOf(places, path), requestBitOf(changingMemory, places, !isAsleep)]);
  return { answer: 'asked', isNudged: sleeper?.isNudged === true };
}

/** @returns `false` when the thread has begun already */
function takeBack(run: InjectionRun, thread: PythonThread, places: RemoteDebuggerPlaces): boolean {
  using pause = pauseAround(run, thread);
  if (!hasState(run, thread)) return true;
  if (!readIsAsked(run.target.changingMemory, places)) return false;
  run.writer.write(requestWithdrawalOf(places));
  // One that was left asleep may have begun before that.
  return !pause.findAwakened().includes(thread.id);
}

/**
 * Stops all threads, and this one also where it sleeps in a call that begins again with its whole time: left asleep, it could
 * wake, end, and leave its state to be freed. That of the main thread lies in the interpreter, and stays.
 */
function pauseAround({ target }: InjectionRun, { id, isMain }: PythonThread): Pause {
  return target.pause(isMain ? undefined : new Set([id]));
}

/** Tells whether there still is the state of a thread that was seen before. */
function hasState({ target }: InjectionRun, { state }: PythonThread): boolean {
  return readMainStates(target).includes(state);
}

async function withdrawCheck(run: InjectionRun, check: QueuedCall): Promise<void> {
  await withdraw(run, check);
}
