import { toAddress } from '../../base/address.ts';
import { StructView } from '../../base/struct-view.ts';
import { StructWriter } from '../../base/struct-writer.ts';
import {
  alignDown,
  type BorrowedThread,
  type CallChain,
  type CallFrame,
  type CallFrames,
  NO_STACK_MODE,
  PYGILSTATE_UNLOCKED,
  SIGINFO_BYTES,
  stringOf,
} from './call-frame.ts';

/** `struct user_pt_regs` of aarch64 (arch/arm64/include/uapi/asm/ptrace.h): x0 to x30, sp, pc and pstate. */
const USER = { x0: 0, x8: 64, x29: 232, x30: 240, sp: 248, pc: 256, pstate: 264, sizeBytes: 272 } as const;

/** `struct rt_sigframe`: siginfo_t and `struct ucontext` (arch/arm64/include/uapi/asm/ucontext.h and sigcontext.h). */
const FRAME = {
  stackFlags: SIGINFO_BYTES + 24,
  signalMask: SIGINFO_BYTES + 40,
  /** `regs`, from where on `struct sigcontext` is as `struct user_pt_regs`. */
  registers: SIGINFO_BYTES + 184,
  records: SIGINFO_BYTES + 464,
} as const;

/** `struct fpsimd_context`, the record that must be there; the one that ends them is all zero. */
const FPSIMD = { magic: 0x4650_8001, status: 8, control: 12, vectors: 16, sizeBytes: 528 } as const;
const END_BYTES = 8;
/** `struct user_fpsimd_state`. */
const STATE = { status: 512, control: 516, vectorBytes: 512, sizeBytes: 528 } as const;

/** No more is read of a frame: what is reserved for other records behind that may be the next frame. */
const FRAME_BYTES = alignDown(FRAME.records + FPSIMD.sizeBytes + END_BYTES + 15, 16);

/** Which kind of branch was taken last; none, where a function is entered by the kernel (Arm ARM, C5.2.19). */
const BRANCH_TYPE = 0xc00n;

/** `svc #0` */
const SVC = Uint8Array.of(0x01, 0, 0, 0xd4);
const EINTR = 4n;
const STACK_ALIGNMENT = 16;
const ANCHOR_BYTES = 16;

/**
 * The frames of aarch64, where functions return to a register. So each of the three returns into rt_sigreturn(2), which
 * leads it by a frame of its own to the next function, and at last to where the thread was.
 */
export const AARCH64_CALL_FRAMES: CallFrames = {
  // `mov x8, #139; svc #0`, in the vDSO of Linux and in musl.
  signalReturn: { forms: [Uint8Array.of(0x68, 0x11, 0x80, 0xd2, ...SVC)], alignment: SVC.length },
  popArgument: undefined,
  systemCall: SVC,
  build,
};

function build(thread: BorrowedThread, chain: CallChain, text: string): CallFrame | undefined {
  if (thread.registers.length !== USER.sizeBytes || thread.extendedState.length < STATE.sizeBytes)
    return undefined;
  const before = new StructView(thread.registers, 'user_pt_regs');
  const textBytes = stringOf(text);
  const textAt = alignDown(Number(before.u64(USER.sp)) - textBytes.length, STACK_ALIGNMENT);
  const anchorAt = textAt - ANCHOR_BYTES;
  const back = anchorAt - FRAME_BYTES;
  const toRelease = back - FRAME_BYTES;
  const start = toRelease - FRAME_BYTES;
  const calls = { ...thread, anchorAt, returnTo: chain.signalReturn };
  const bytes = new StructWriter(textAt + textBytes.length - start)
    .copy(
      0,
      frameOf(
        thread,
        callOf(calls, { to: chain.runSimpleString, argument: textAt, stackPointer: toRelease }),
      ),
    )
    .copy(
      toRelease - start,
      frameOf(
        thread,
        callOf(calls, { to: chain.releaseGil, argument: PYGILSTATE_UNLOCKED, stackPointer: back }),
      ),
    )
    .copy(back - start, frameOf(thread, goneOn(thread)))
    .copy(textAt - start, textBytes).bytes;
  return {
    address: toAddress(start),
    bytes,
    registers: callOf(calls, { to: chain.ensureGil, argument: 0, stackPointer: start }),
    textAddress: toAddress(textAt),
    // The functions that PyRun_SimpleString() calls first have frames that are smaller by far.
    witness: { address: toAddress(start), sizeBytes: FRAME_BYTES },
  };
}

interface Calls {
  readonly registers: Uint8Array;
  readonly anchorAt: number;
  readonly returnTo: number;
}

interface Call {
  readonly to: number;
  readonly argument: number;
  readonly stackPointer: number;
}

/** The registers of a thread that enters a function. */
function callOf({ registers, anchorAt, returnTo }: Calls, { to, argument, stackPointer }: Call): Uint8Array {
  const state = new StructView(registers, 'user_pt_regs').u64(USER.pstate);
  return (
    new StructWriter(registers.length)
      .copy(0, registers)
      .u64(USER.x0, argument)
      // Whoever walks this stack by frame pointers comes to two words of zero here, and so to its end.
      .u64(USER.x29, anchorAt)
      .u64(USER.x30, returnTo)
      .u64(USER.sp, stackPointer)
      .u64(USER.pc, to)
      .u64(USER.pstate, state & ~BRANCH_TYPE).bytes
  );
}

/** The registers as they are to be afterwards. */
function goneOn({ registers, call, continuation }: BorrowedThread): Uint8Array {
  const writer = new StructWriter(registers.length).copy(0, registers);
  if (continuation === 'interrupted')
    return writer.u64(USER.x0, -EINTR).u64(USER.pc, call.instructionPointer).bytes;
  return writer
    .u64(USER.x0, call.args[0] ?? 0n)
    .u64(USER.x8, call.number)
    .u64(USER.pc, call.instructionPointer - BigInt(SVC.length)).bytes;
}

/** What rt_sigreturn(2) reads these registers from. */
function frameOf({ extendedState, signalMask }: BorrowedThread, registers: Uint8Array): Uint8Array {
  const state = new StructView(extendedState, 'user_fpsimd_state');
  return new StructWriter(FRAME_BYTES)
    .u32(FRAME.stackFlags, NO_STACK_MODE)
    .u64(FRAME.signalMask, signalMask)
    .copy(FRAME.registers, registers)
    .u32(FRAME.records, FPSIMD.magic)
    .u32(FRAME.records + 4, FPSIMD.sizeBytes)
    .u32(FRAME.records + FPSIMD.status, state.u32(STATE.status))
    .u32(FRAME.records + FPSIMD.control, state.u32(STATE.control))
    .copy(FRAME.records + FPSIMD.vectors, extendedState.subarray(0, STATE.vectorBytes)).bytes;
}
