import { type Address, hex } from '../base/address.ts';
import { isAboutMemory } from '../base/errors.ts';
import type { Memory } from '../base/ports.ts';
import type { Architecture } from './architecture.ts';
import { withFramePointer } from './lost-frame-pointer.ts';
import { MemoryWords } from './memory-words.ts';
import { addressOf, FrameRegisters, type RegisterValues } from './registers.ts';
import { type PlacedRow, stepByRow } from './row-step.ts';
import { stepByFramePointer, stepWithoutRules } from './ruleless-steps.ts';
import { stepOverSignal } from './signal-step.ts';
import { lookupAddressOf, type StackEnd, type UnwoundFrame, type UnwoundStack } from './unwound-stack.ts';
import type { Caller, UnwindModules, Walk, WalkFrame } from './walk.ts';

/** What a stack is unwound from. */
export interface UnwindRequest {
  readonly architecture: Architecture;
  /** The thread's own, see parseRegisterSet(). */
  readonly registers: RegisterValues;
  readonly memory: Pick<Memory, 'read'>;
  readonly modules: UnwindModules;
  /** Bits of return addresses that hold a signature: `insn_mask` of NT_ARM_PAC_MASK; the usual ones when left out. */
  readonly signatureMask?: bigint;
  /** 100,000 when left out. */
  readonly maxFrames?: number;
}

const DEFAULT_MAX_FRAMES = 100_000;

/**
 * Walks from a thread's registers to where it began. Whatever its memory holds, this ends with the frames that were
 * found: of memory that cannot be read and rules that make no sense the result tells, in how it ended.
 */
export function unwindStack(request: UnwindRequest): UnwoundStack {
  const { architecture, memory, modules, signatureMask } = request;
  const words = new MemoryWords(memory);
  const addressMask = signatureMask === undefined ? architecture.addressMask : ~signatureMask;
  const walk: Walk = { architecture, words, modules, addressMask, knownPaths: new Map(), pathSearches: 0 };
  const registers = new FrameRegisters(words, request.registers);
  const pc = registers.address(architecture.pc);
  const stackPointer = registers.address(architecture.stackPointer);
  if (pc === undefined || stackPointer === undefined)
    return {
      frames: [],
      end: cutOff('the thread stands outside user space, or its registers are not known'),
    };
  const innermost = { pc, stackPointer, registers, isActivation: true };
  return walkFrom(walk, innermost, request.maxFrames ?? DEFAULT_MAX_FRAMES);
}

function walkFrom(walk: Walk, innermost: WalkFrame, maxFrames: number): UnwoundStack {
  const frames: UnwoundFrame[] = [];
  // A stack grows down, so that the frames of a walk lie ever higher. Only a signal handler may run on another stack:
  // a walk in a circle would meet the same signal frame again.
  const signalFrames = new Set<Address>();
  for (let frame = innermost; ; ) {
    const step = stepFrom(walk, frame, signalFrames);
    if (step.kind !== 'step') {
      frames.push(unwoundFrame(frame, undefined));
      return { frames, end: step };
    }
    frames.push(unwoundFrame(frame, step.caller));
    if (frames.length >= maxFrames) return { frames, end: cutOff(`there are more than ${maxFrames} frames`) };
    frame = step.next;
  }
}

interface Step {
  readonly kind: 'step';
  readonly caller: Caller;
  readonly next: WalkFrame;
}

function stepFrom(walk: Walk, frame: WalkFrame, signalFrames: Set<Address>): Step | StackEnd {
  const follow = (find: () => Caller | StackEnd | undefined): Step | StackEnd | undefined =>
    unlessUnreadable(() => {
      const found = find();
      return found?.kind === 'caller' ? stepTo(walk, frame, found, signalFrames) : found;
    });
  const { placed, problem } = findRow(walk, frame);
  const byRules = follow(() => stepByRules(walk, frame, placed));
  if (byRules !== undefined && byRules.kind !== 'cut-off') return byRules;
  // Rules that lead nowhere say less than a chain of frame pointers that leads on.
  if (byRules !== undefined) {
    const byFramePointer = follow(() => stepByFramePointer(walk, frame));
    return byFramePointer?.kind === 'step' ? byFramePointer : byRules;
  }
  return (
    follow(() => stepWithoutRules(walk, frame)) ??
    cutOff(problem ?? `no unwind rule covers ${hex(frame.pc)}, and nothing else leads on`)
  );
}

function unlessUnreadable(find: () => Step | StackEnd | undefined): Step | StackEnd | undefined {
  try {
    return find();
  } catch (error) {
    if (isAboutMemory(error)) return cutOff(error.message);
    throw error;
  }
}

/** Steps as the file of the code says, or the kernel of a signal; `undefined` when neither says anything. */
function stepByRules(
  walk: Walk,
  frame: WalkFrame,
  placed: PlacedRow | undefined,
): Caller | StackEnd | undefined {
  const overSignal =
    placed === undefined || placed.row.isSignalFrame ? stepOverSignal(walk, frame) : undefined;
  if (overSignal !== undefined || placed === undefined) return overSignal;
  const found = withFramePointer(walk, frame, placed);
  const step = stepByRow(walk, found ?? frame, placed);
  return step.kind === 'caller' && found !== undefined ? { ...step, method: 'call-search' } : step;
}

/** Looks up the rules for a frame; `problem` says why those that should be there cannot be used. */
function findRow(
  { modules }: Walk,
  frame: WalkFrame,
): { readonly placed?: PlacedRow; readonly problem?: string } {
  const address = lookupAddressOf(frame);
  try {
    const found = modules.moduleAt(address);
    const row = found?.callFrames?.rowAt(address - found.bias);
    return row === undefined || found === undefined ? {} : { placed: { row, bias: found.bias } };
  } catch (error) {
    if (isAboutMemory(error)) return { problem: error.message };
    throw error;
  }
}

/** Goes to a caller that was found, unless that cannot be one. */
function stepTo(walk: Walk, frame: WalkFrame, caller: Caller, signalFrames: Set<Address>): Step | StackEnd {
  const returnAddress = caller.returnAddress & walk.addressMask;
  // What a signal interrupted may have jumped to address 0.
  if (returnAddress === 0n && !caller.isInterrupted) return { kind: 'outermost' };
  const next = frameOf(walk, caller, returnAddress);
  if (next === undefined)
    return cutOff(`the caller of ${hex(frame.pc)} would be at ${hex(returnAddress)}, outside user space`);
  if (caller.isInterrupted) {
    if (signalFrames.has(frame.stackPointer))
      return cutOff(`the frames go in a circle through the signal frame at ${hex(frame.stackPointer)}`);
    signalFrames.add(frame.stackPointer);
    return { kind: 'step', caller, next };
  }
  // A function that has pushed nothing, not even its return address, has the stack pointer of its caller.
  const mayStay = frame.isActivation && walk.architecture.linkRegister !== undefined;
  if (next.stackPointer > frame.stackPointer || (mayStay && next.stackPointer === frame.stackPointer))
    return { kind: 'step', caller, next };
  return cutOff(
    `the stack pointer of the caller of ${hex(frame.pc)}, ${hex(next.stackPointer)}, is not above its own`,
  );
}

function frameOf(
  { architecture, words }: Walk,
  caller: Caller,
  returnAddress: bigint,
): WalkFrame | undefined {
  const pc = addressOf(returnAddress);
  if (pc === undefined) return undefined;
  const slots = [...caller.slots];
  slots[architecture.pc] = returnAddress;
  const registers = new FrameRegisters(words, slots);
  const stackPointer = registers.address(architecture.stackPointer) ?? caller.cfa;
  return { pc, stackPointer, registers, isActivation: caller.isInterrupted };
}

function unwoundFrame(frame: WalkFrame, caller: Caller | undefined): UnwoundFrame {
  return {
    pc: frame.pc,
    stackPointer: frame.stackPointer,
    cfa: caller?.cfa,
    isActivation: frame.isActivation,
    isSignalFrame: caller?.isInterrupted ?? false,
    callerFoundBy: caller?.method,
  };
}

function cutOff(reason: string): StackEnd {
  return { kind: 'cut-off', reason };
}
