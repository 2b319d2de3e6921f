import { toAddress } from '../../base/address.ts';
import { isNamedPipe, readDescriptorLink } from '../../platform/descriptor-files.ts';
import { HeldThread } from '../../platform/held-thread.ts';
import type { BlockedCall } from '../../platform/proc/syscall.ts';
import { readMaps, readStackLimit } from '../../platform/process-files.ts';
import { readThreadStatus } from '../../platform/thread-files.ts';
import {
  type CallFacts,
  type Continuation,
  descriptorOf,
  isLockWait,
  isRetriedByPython,
  isSemaphoreWait,
  mayBeginAgain,
} from './blocked-calls.ts';
import type { CallChain, CallFrame, CallFrames } from './call-frame.ts';
import { CALL_FRAMES } from './call-frames.ts';
import { findCode } from './code-search.ts';
import type { InjectionRun } from './injection-run.ts';
import { type PythonThread, type PythonThreads, readIsRaising } from './python-threads.ts';

/** What a program may need of a stack: to compile and to start a thread takes less than a quarter of it. */
const STACK_ROOM_BYTES = 192 << 10;

/** More than a frame takes, which is written from outside and so to what is mapped already. */
const FRAME_ROOM_BYTES = 32 << 10;

/** A thread that runs through the calls now, or waits for the GIL to do so. */
export interface BorrowedCall {
  readonly thread: PythonThread;
  readonly frame: CallFrame;
}

/** Finds the code that a borrowed thread runs through. @throws {InjectionRefusedError} when some of it is not there */
export function findCallChain(run: InjectionRun): CallChain {
  const { ensureGil, releaseGil, runSimpleString, path } = run.code;
  if (ensureGil === undefined || releaseGil === undefined || runSimpleString === undefined)
    throw run.refusal('no-symbols', `${path} does not name PyGILState_Ensure`);
  const { popArgument, signalReturn } = framesHere();
  const { changingMemory } = run.target;
  const own = run.mappings.filter((mapping) => mapping.path === path);
  const libc = run.mappings.filter((mapping) => /\/(?:libc[-.]|ld-musl-)[^/]*$/u.test(mapping.path ?? ''));
  const kernels = run.mappings.filter((mapping) => mapping.path === '[vdso]');
  const returns = findCode(changingMemory, [...libc, ...kernels, ...own], signalReturn);
  // Code that is made from C has nothing to run when a stack is unwound over it.
  const pops = popArgument && findCode(changingMemory, [...own, ...libc], popArgument);
  if (returns === undefined || (popArgument !== undefined && pops === undefined))
    throw run.refusal('no-thread', 'there is no code by which signal handlers return');
  return { ensureGil, runSimpleString, releaseGil, signalReturn: returns, popArgument: pops };
}

function framesHere(): CallFrames {
  if (CALL_FRAMES === undefined) throw new TypeError('No thread can be held on this machine');
  return CALL_FRAMES;
}

/**
 * Has a thread that sleeps in a system call without the GIL run the program, as if a signal handler did.
 * @returns `undefined` when there is none that may be borrowed now
 */
export function borrowThread(
  run: InjectionRun,
  look: PythonThreads,
  chain: CallChain,
): BorrowedCall | undefined {
  for (const thread of inOrderOfPreference(run, look.threads)) {
    const borrowed = borrow(run, thread, chain);
    if (borrowed !== undefined) return borrowed;
  }
  return undefined;
}

/**
 * Those that run Python code first, as theirs cannot go on without the GIL anyway. The main thread last where its call
 * begins again: a signal that comes meanwhile would have ended it.
 */
function inOrderOfPreference(run: InjectionRun, threads: readonly PythonThread[]): readonly PythonThread[] {
  const main = threads.find(({ isMain }) => isMain);
  const facts = main && factsOf(run, main);
  const isDeferred = main !== undefined && facts !== undefined && continuationOf(facts, main) === 'again';
  const rank = (thread: PythonThread): number => {
    if (thread === main) return isDeferred ? 4 : 0;
    return thread.hasFrame ? 1 : 2;
  };
  return threads.toSorted((a, b) => rank(a) - rank(b));
}

function borrow(run: InjectionRun, thread: PythonThread, chain: CallChain): BorrowedCall | undefined {
  const facts = factsOf(run, thread);
  if (facts === undefined || continuationOf(facts, thread) === undefined) return undefined;
  // All that can be known before is looked at before: to hold a thread may make a time limit of it longer.
  const room = roomBelow(run.pid, facts.call.stackPointer);
  if (room < STACK_ROOM_BYTES || !mayRunPython(run, thread) || !run.mayHold(thread.id)) return undefined;
  const { text } = run.program;
  using held = HeldThread.hold(run.pid, thread.id);
  const interruption = held?.interruptionOf(facts.call);
  if (held === undefined || interruption === undefined) return undefined;
  if (!standsAtCall(run, facts.call) || !mayRunPython(run, thread)) return undefined;
  const continuation = continuationOf({ ...facts, interruption }, thread);
  const frame = continuation && frameFor(held, chain, { call: facts.call, continuation, text });
  if (frame === undefined) return undefined;
  run.writer.write([frame]);
  if (!held.writeRegisters(frame.registers)) return undefined;
  const words =
    continuation === 'again' ? 'begins its system call again' : 'tries its system call again after EINTR';
  run.step(`borrowed thread ${thread.id}, which ${words} afterwards`);
  return { thread, frame };
}

function frameFor(
  held: HeldThread,
  chain: CallChain,
  {
    text,
    ...going
  }: { readonly call: BlockedCall; readonly continuation: Continuation; readonly text: string },
): CallFrame | undefined {
  const { registers } = held;
  const extendedState = held.readExtendedState();
  const signalMask = held.readSignalMask();
  if (registers === undefined || extendedState === undefined || signalMask === undefined) return undefined;
  return framesHere().build({ registers, extendedState, signalMask, ...going }, chain, text);
}

/** What is known of the call that a thread sleeps in; `undefined` when it must not be borrowed there. */
function factsOf(run: InjectionRun, thread: PythonThread): CallFacts | undefined {
  const { syscall: call } = thread;
  if (call?.kind !== 'inside' || thread.holdsGil || thread.waitsForGil) return undefined;
  const status = readThreadStatus(run.pid, thread.id);
  // Other filters than the main thread's were not checked.
  if (status?.hasShadowStack === true || status?.filterCount !== run.filterCount) return undefined;
  if (isLockWait(call) && (run.code.isMusl || !isSemaphoreWait(call) || !knowsGilWaits(run)))
    return undefined;
  const descriptor = descriptorOf(call);
  if (descriptor !== undefined && !isWaitable(run.pid, descriptor)) return undefined;
  return { call, isOwn: run.isOwnCall(thread), interruption: undefined };
}

/** A thread that waits for the GIL of a stripped 3.6 looks like one that waits for a lock. */
function knowsGilWaits({ target }: InjectionRun): boolean {
  return target.runtime.layout.gil !== undefined || target.runtime.roots.gilWaits !== undefined;
}

/** The dynamic linker reads files, from which a thread must not be borrowed. */
function isWaitable(pid: number, descriptor: number): boolean {
  const link = readDescriptorLink(pid, descriptor) ?? '';
  return (
    /^(?:pipe:|socket:|anon_inode:|\/dev\/(?:pts\/|tty|console))/u.test(link) || isNamedPipe(pid, descriptor)
  );
}

/**
 * The main thread handles signals: one that comes meanwhile is only seen in time when CPython itself tries the call
 * again. All others begin their call anew where that can be.
 */
function continuationOf(facts: CallFacts, { isMain }: PythonThread): Continuation | undefined {
  const isRetried = isRetriedByPython(facts);
  if (isRetried && isMain) return 'interrupted';
  if (mayBeginAgain(facts)) return 'again';
  return isRetried ? 'interrupted' : undefined;
}

/** Whether the instruction that makes a system call is the one that the thread has passed. */
function standsAtCall({ target }: InjectionRun, { instructionPointer }: BlockedCall): boolean {
  const { systemCall } = framesHere();
  const before = toAddress(Number(instructionPointer) - systemCall.length);
  return Buffer.compare(target.changingMemory.read(before, systemCall.length), systemCall) === 0;
}

/** What may have changed before the thread stood still: it has no GIL and no exception on its way. */
function mayRunPython(run: InjectionRun, { state }: PythonThread): boolean {
  return run.look().gilHolder !== state && !readIsRaising(run.target, state);
}

/** How far a stack reaches below its pointer. That of the main thread grows by itself, up to its limit. */
function roomBelow(pid: number, stackPointer: bigint): number {
  const pointer = Number(stackPointer);
  const mapping = readMaps(pid).find(({ start, end }) => start <= pointer && pointer < end);
  if (mapping === undefined || !mapping.isWritable) return 0;
  const isMapped = pointer - mapping.start >= FRAME_ROOM_BYTES;
  if (mapping.path !== '[stack]' || !isMapped) return pointer - mapping.start;
  return (readStackLimit(pid) ?? Number.POSITIVE_INFINITY) - (mapping.end - pointer);
}

/** What became of a borrowed call that did not begin in time: it will do nothing, has begun, or does something else yet. */
export type Recall = 'recalled' | 'begun' | 'unsettled';

/**
 * Takes the program back from a thread that waits for the GIL: the text becomes an empty one. The thread goes on waiting,
 * as it would to return from its system call, and then does nothing.
 */
export function recall(run: InjectionRun, { thread, frame }: BorrowedCall): Recall {
  using held = HeldThread.hold(run.pid, thread.id);
  if (held?.point === undefined) return 'unsettled';
  if (Number(held.point.stackPointer) >= frame.address || !isWaiting(run, frame)) return 'begun';
  run.writer.write([{ address: frame.textAddress, bytes: Uint8Array.of(0) }]);
  run.step(`thread ${thread.id} still waits for the GIL; its text was made an empty one`);
  return 'recalled';
}

/** Once PyRun_SimpleString() has begun, it has written over some of what was there. */
function isWaiting({ target }: InjectionRun, { address, bytes, witness }: CallFrame): boolean {
  const at = witness.address - address;
  const now = target.changingMemory.read(witness.address, witness.sizeBytes);
  return Buffer.compare(now, bytes.subarray(at, at + witness.sizeBytes)) === 0;
}
