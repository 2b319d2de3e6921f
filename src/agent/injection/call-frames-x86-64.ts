import { type Address, offsetBy, toAddress } from '../../base/address.ts';
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

/** `struct user_regs_struct` of x86-64 (arch/x86/include/asm/user_64.h). */
const USER = {
  rbp: 32,
  rax: 80,
  originalRax: 120,
  rip: 128,
  cs: 136,
  eflags: 144,
  rsp: 152,
  ss: 160,
} as const;

/** Where `struct sigcontext_64` (arch/x86/include/uapi/asm/sigcontext.h) has what `user_regs_struct` has elsewhere. */
const CONTEXT_REGISTERS: readonly (readonly [to: number, from: number])[] = [
  [0, 72], // r8
  [8, 64], // r9
  [16, 56], // r10
  [24, 48], // r11
  [32, 24], // r12
  [40, 16], // r13
  [48, 8], // r14
  [56, 0], // r15
  [64, 112], // rdi
  [72, 104], // rsi
  [80, 32], // rbp
  [88, 40], // rbx
  [96, 96], // rdx
  [104, 80], // rax
  [112, 88], // rcx
  [120, 152], // rsp
  [128, 128], // rip
  [136, 144], // eflags
];
const CONTEXT = { rax: 104, rip: 128, cs: 144, ss: 150, fpstate: 184 } as const;

/** `struct ucontext` (arch/x86/include/uapi/asm/ucontext.h), of the kernel, not of libc. */
const UCONTEXT = { flags: 0, stackFlags: 24, context: 40, signalMask: 296, sizeBytes: 304 } as const;

/** UC_FP_XSTATE, UC_SIGCONTEXT_SS and UC_STRICT_RESTORE_SS, as the kernel itself sets them. */
const UCONTEXT_FLAGS = 7;

/** `struct _fpx_sw_bytes` and XSAVE's header, in the area that FXSAVE leaves free. */
const XSTATE = { softwareBytes: 464, features: 512, leastSizeBytes: 576, magicBytes: 4 } as const;
const FP_XSTATE_MAGIC1 = 0x46505853;
const FP_XSTATE_MAGIC2 = 0x46505845;
/** XFEATURE_XTILE_DATA, the only one that a thread has to ask for, and where it begins. */
const TILE_DATA = { bit: 1n << 18n, offset: 2816 } as const;

/** What a function may keep below its stack pointer (System V ABI for AMD64, 3.2.2). */
const RED_ZONE_BYTES = 128;
const STATE_ALIGNMENT = 64;
const EINTR = 4n;
/** `syscall`, the instruction before the one that the thread stands at. */
const SYSCALL = Uint8Array.of(0x0f, 0x05);
/** The direction and the trap flag, which a function must find clear. */
const DIRECTION_AND_TRAP = 0x500n;
const WORD = 8;
/** The words that the three calls pop. */
const CHAIN_WORDS = 9;
const ANCHOR_BYTES = 16;

/**
 * The frames of x86-64. The three functions return one into the other, each by an address and an argument that the stack
 * has for them, and the last one into rt_sigreturn(2).
 */
export const X86_64_CALL_FRAMES: CallFrames = {
  // As glibc and musl call it in `__restore_rt`: `mov rax, 15` or `mov eax, 15`, then `syscall`.
  signalReturn: {
    forms: [
      Uint8Array.of(0x48, 0xc7, 0xc0, 0x0f, 0, 0, 0, ...SYSCALL),
      Uint8Array.of(0xb8, 0x0f, 0, 0, 0, ...SYSCALL),
    ],
    alignment: 1,
  },
  // `pop rdi; ret`
  popArgument: { forms: [Uint8Array.of(0x5f, 0xc3)], alignment: 1 },
  systemCall: SYSCALL,
  build,
};

function build(thread: BorrowedThread, chain: CallChain, text: string): CallFrame | undefined {
  const { popArgument } = chain;
  const before = new StructView(thread.registers, 'user_regs_struct');
  const state = signalStateOf(thread.extendedState);
  if (state === undefined || popArgument === undefined) return undefined;
  const stackPointer = Number(before.u64(USER.rsp)) - RED_ZONE_BYTES;
  const textBytes = stringOf(text);
  const textAt = alignDown(stackPointer - textBytes.length, 16);
  const stateAt = alignDown(textAt - state.length, STATE_ALIGNMENT);
  const anchorAt = stateAt - ANCHOR_BYTES;
  const contextAt = alignDown(anchorAt - UCONTEXT.sizeBytes - SIGINFO_BYTES, 16);
  const start = contextAt - CHAIN_WORDS * WORD;

  const memory = new StructWriter(textAt + textBytes.length - start);
  const words = chainWords({ ...chain, popArgument }, textAt);
  for (const [index, word] of words.entries()) memory.u64(index * WORD, word);
  memory.copy(contextAt - start, contextOf(thread, before, stateAt));
  memory.copy(stateAt - start, state).copy(textAt - start, textBytes);

  const registers = new StructWriter(thread.registers.length)
    .copy(0, thread.registers)
    .u64(USER.rip, chain.ensureGil)
    .u64(USER.rsp, start)
    // Whoever walks this stack by frame pointers comes to two words of zero here, and so to its end.
    .u64(USER.rbp, anchorAt)
    .u64(USER.rax, 0)
    .u64(USER.eflags, before.u64(USER.eflags) & ~DIRECTION_AND_TRAP)
    // Outside of a system call: the kernel has nothing to begin again.
    .u64(USER.originalRax, -1n);
  return {
    address: toAddress(start),
    bytes: memory.bytes,
    registers: registers.bytes,
    textAddress: toAddress(textAt),
    // PyRun_SimpleString() has its stack there.
    witness: { address: toAddress(start + words.indexOf(textAt) * WORD), sizeBytes: WORD },
  };
}

/**
 * What the stack holds from the first call on. At the entry of a function the stack pointer is 8 above a multiple of
 * 16, so that a plain `ret`, the last byte of `pop rdi; ret`, stands between.
 */
function chainWords(chain: CallChain & { readonly popArgument: Address }, text: number): readonly number[] {
  const plainReturn = offsetBy(chain.popArgument, 1);
  return [
    chain.popArgument,
    text,
    plainReturn,
    chain.runSimpleString,
    chain.popArgument,
    PYGILSTATE_UNLOCKED,
    plainReturn,
    chain.releaseGil,
    chain.signalReturn,
  ];
}

/** The registers as they are to be afterwards. */
function contextOf(
  { signalMask, continuation }: BorrowedThread,
  before: StructView,
  stateAt: number,
): Uint8Array {
  const writer = new StructWriter(UCONTEXT.sizeBytes)
    .u64(UCONTEXT.flags, UCONTEXT_FLAGS)
    .u32(UCONTEXT.stackFlags, NO_STACK_MODE)
    .u64(UCONTEXT.signalMask, signalMask);
  const at = UCONTEXT.context;
  for (const [to, from] of CONTEXT_REGISTERS) writer.u64(at + to, before.u64(from));
  writer
    .u16(at + CONTEXT.cs, before.u16(USER.cs))
    .u16(at + CONTEXT.ss, before.u16(USER.ss))
    .u64(at + CONTEXT.fpstate, stateAt);
  if (continuation === 'interrupted') return writer.u64(at + CONTEXT.rax, -EINTR).bytes;
  return writer
    .u64(at + CONTEXT.rax, before.u64(USER.originalRax))
    .u64(at + CONTEXT.rip, before.u64(USER.rip) - BigInt(SYSCALL.length)).bytes;
}

/** The state of XSAVE as rt_sigreturn(2) wants it (arch/x86/kernel/fpu/signal.c, `check_xstate_in_sigframe`). */
function signalStateOf(bytes: Uint8Array): Uint8Array | undefined {
  if (bytes.length < XSTATE.leastSizeBytes) return undefined;
  const state = new StructView(bytes, 'XSAVE area');
  const supported = state.u64(XSTATE.softwareBytes);
  const hasTiles = (supported & TILE_DATA.bit) !== 0n;
  if (hasTiles && (state.u64(XSTATE.features) & TILE_DATA.bit) !== 0n) return undefined;
  const sizeBytes = hasTiles ? Math.min(bytes.length, TILE_DATA.offset) : bytes.length;
  return new StructWriter(sizeBytes + XSTATE.magicBytes)
    .copy(0, bytes.subarray(0, sizeBytes))
    .copy(XSTATE.softwareBytes, new Uint8Array(XSTATE.features - XSTATE.softwareBytes))
    .u32(XSTATE.softwareBytes, FP_XSTATE_MAGIC1)
    .u32(XSTATE.softwareBytes + 4, sizeBytes + XSTATE.magicBytes)
    .u64(XSTATE.softwareBytes + 8, supported & ~TILE_DATA.bit)
    .u32(XSTATE.softwareBytes + 16, sizeBytes)
    .u32(sizeBytes, FP_XSTATE_MAGIC2).bytes;
}
