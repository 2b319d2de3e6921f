import { isAddress, offsetBy } from '../base/address.ts';
import { addressOf, type RegisterSlot } from './registers.ts';
import { type Caller, isCodeAt, type Walk, type WalkFrame } from './walk.ts';

/**
 * Steps from a signal trampoline to what the signal interrupted: the kernel has saved all of its registers. The
 * trampoline is known by its instructions: musl has no unwind rules for it, and those of Linux on aarch64 lead to the
 * program counter but to no stack pointer. `undefined` when the frame is no trampoline.
 */
export function stepOverSignal(walk: Walk, frame: WalkFrame): Caller | undefined {
  if (!isTrampoline(walk, frame)) return undefined;
  const { architecture, words } = walk;
  const slots: RegisterSlot[] = [];
  for (const { number, signalFrameOffset } of architecture.registers) {
    const address = frame.stackPointer + signalFrameOffset;
    slots[number] = isAddress(address) ? address : undefined;
  }
  const [pc, stackPointer] = [architecture.pc, architecture.stackPointer].map((number) => {
    const slot = slots[number];
    return typeof slot === 'number' ? words.find(slot) : undefined;
  });
  const cfa = stackPointer === undefined ? undefined : addressOf(stackPointer);
  if (pc === undefined || cfa === undefined) return undefined;
  return { kind: 'caller', method: 'signal-frame', cfa, slots, returnAddress: pc, isInterrupted: true };
}

/** A handler returns to its start; a thread may also stand before or behind its system call. */
function isTrampoline(walk: Walk, { pc, isActivation }: WalkFrame): boolean {
  const { trampolines, systemCallBytes } = walk.architecture;
  return trampolines.some((instructions) => {
    const callOffset = instructions.length - systemCallBytes;
    const offsets = isActivation ? [0, callOffset, instructions.length] : [0];
    return offsets.some((offset) => isCodeAt(walk, offsetBy(pc, -offset), instructions));
  });
}
