import { StructView } from '../base/struct-view.ts';
import { StructWriter } from '../base/struct-writer.ts';
import type { BlockedCall } from './proc/syscall.ts';
import { PT_REGISTERS, REGISTERS, SUPERVISOR_CALL, syscallOfRegisters } from './register-set.ts';

/**
 * What became of a system call that a thread slept in when it was stopped, as long as nothing of it was done: it has answered
 * EINTR, or the kernel begins it again as soon as the thread runs on.
 */
export type Interruption = 'answers' | 'begins-again';

/** Where a thread stands. */
export interface StandingPoint {
  readonly stackPointer: bigint;
  readonly instructionPointer: bigint;
}

/** How the general registers of a stopped thread tell of its system call, and how they are changed to have it go on otherwise. */
export interface InterruptedRegisters {
  pointOf(set: Uint8Array): StandingPoint;
  /** `undefined` when the thread is not in the call any more that it was seen in, or some of it may be done. */
  interruptionOf(seen: BlockedCall, set: Uint8Array): Interruption | undefined;
  /** The registers of a thread whose call answers EINTR. */
  answering(seen: BlockedCall, set: Uint8Array): Uint8Array;
  /** The registers of a thread that begins again the call which has answered EINTR. */
  beginningAgain(seen: BlockedCall, set: Uint8Array): Uint8Array;
}

const EINTR = 4n;

/** What a kernel function answers to have its call begun again (include/linux/errno.h), unless a signal is handled before. */
const ERESTARTNOHAND = 514n;
const RESTARTS: ReadonlySet<bigint> = new Set([
  -512n, // ERESTARTSYS
  -513n, // ERESTARTNOINTR
  -ERESTARTNOHAND,
  -516n, // ERESTART_RESTARTBLOCK
]);

function pointReader(
  structure: string,
  offsets: Readonly<Record<keyof StandingPoint, number>>,
): InterruptedRegisters['pointOf'] {
  return (set) => {
    const registers = new StructView(set, structure);
    return {
      stackPointer: registers.u64(offsets.stackPointer),
      instructionPointer: registers.u64(offsets.instructionPointer),
    };
  };
}

/** Of x86-64, where the kernel looks at the answer of the call after the stop (arch/x86/kernel/signal.c). */
export const X86_64_INTERRUPTED: InterruptedRegisters = {
  pointOf: pointReader('user_regs_struct', REGISTERS),
  interruptionOf(seen, set) {
    const now = syscallOfRegisters(set);
    if (now?.kind !== 'inside' || !isSameCall(seen, now)) return undefined;
    const result = new StructView(set, 'user_regs_struct').i64(REGISTERS.result);
    if (result === -EINTR) return 'answers';
    return RESTARTS.has(result) ? 'begins-again' : undefined;
  },
  answering: (_seen, set) =>
    // Outside of a system call: the kernel has nothing to begin again.
    changed(set).u64(REGISTERS.result, -EINTR).u64(REGISTERS.number, -1n).bytes,
  beginningAgain: (_seen, set) => changed(set).u64(REGISTERS.result, -ERESTARTNOHAND).bytes,
};

/**
 * Of aarch64, where the kernel has looked before and led the thread back to the instruction that makes the call, its first
 * argument restored (arch/arm64/kernel/signal.c, `do_signal`).
 */
export const AARCH64_INTERRUPTED: InterruptedRegisters = {
  pointOf: pointReader('user_pt_regs', PT_REGISTERS),
  interruptionOf(seen, set) {
    const registers = new StructView(set, 'user_pt_regs');
    const [first = 0n, ...args] = PT_REGISTERS.args.map((offset) => registers.u64(offset));
    const [seenFirst = 0n, ...seenArgs] = seen.args;
    const isSame =
      Number(registers.u64(PT_REGISTERS.number)) === seen.number &&
      registers.u64(PT_REGISTERS.stackPointer) === seen.stackPointer &&
      args.every((value, index) => value === seenArgs[index]);
    if (!isSame) return undefined;
    const distance = seen.instructionPointer - registers.u64(PT_REGISTERS.instructionPointer);
    if (distance === SUPERVISOR_CALL.sizeBytes && first === seenFirst) return 'begins-again';
    return distance === 0n && BigInt.asIntN(64, first) === -EINTR ? 'answers' : undefined;
  },
  answering: (seen, set) =>
    changed(set)
      .u64(PT_REGISTERS.args[0], -EINTR)
      .u64(PT_REGISTERS.instructionPointer, seen.instructionPointer).bytes,
  beginningAgain: (seen, set) =>
    changed(set)
      .u64(PT_REGISTERS.args[0], seen.args[0] ?? 0n)
      .u64(PT_REGISTERS.instructionPointer, seen.instructionPointer - SUPERVISOR_CALL.sizeBytes).bytes,
};

/** An architecture, as Node.js names it, whose threads can be held and led elsewhere. */
export type HoldableArchitecture = 'x64' | 'arm64';

const BY_ARCHITECTURE: Readonly<Record<HoldableArchitecture, InterruptedRegisters>> = {
  x64: X86_64_INTERRUPTED,
  arm64: AARCH64_INTERRUPTED,
};

/** The architecture that we run on; `undefined` where its threads cannot be held. */
export const HOLDABLE_ARCHITECTURE: HoldableArchitecture | undefined =
  process.arch === 'x64' || process.arch === 'arm64' ? process.arch : undefined;

/** That of the machine that we run on. */
export const INTERRUPTED_REGISTERS: InterruptedRegisters | undefined =
  HOLDABLE_ARCHITECTURE && BY_ARCHITECTURE[HOLDABLE_ARCHITECTURE];

function isSameCall(seen: BlockedCall, now: BlockedCall): boolean {
  return (
    now.number === seen.number &&
    now.stackPointer === seen.stackPointer &&
    seen.args.every((value, index) => now.args[index] === value)
  );
}

function changed(set: Uint8Array): StructWriter {
  return new StructWriter(set.length).copy(0, set);
}
