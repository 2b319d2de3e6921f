import { WORD_BYTES } from '../../base/address.ts';
import { ByteCursor } from '../../base/byte-cursor.ts';
import type { Architecture, RegisterDescription } from '../architecture.ts';
import type { CodeAround, CodeStepResult } from '../code-step.ts';

const FRAME_POINTER = 29;
const LINK_REGISTER = 30;
const FIRST_CALLEE_SAVED = 19;

/** `regs[0]` of `struct rt_sigframe`: behind siginfo_t, at 184 of `struct ucontext` (asm/ucontext.h, asm/sigcontext.h). */
const SIGNAL_REGISTERS = 128 + 184;

const NAMES = [...Array.from({ length: 31 }, (_, number) => `x${number}`), 'sp', 'pc'];

/** DWARF for the Arm 64-bit Architecture, 4.1; `struct user_pt_regs` and sigcontext have the same order. */
const REGISTERS: readonly RegisterDescription[] = NAMES.map((name, number) => ({
  name,
  number,
  isCalleeSaved: number >= FIRST_CALLEE_SAVED && number <= FRAME_POINTER,
  setOffset: number * WORD_BYTES,
  signalFrameOffset: SIGNAL_REGISTERS + number * WORD_BYTES,
}));

/** The architecture of 64-bit Arm. */
export const AARCH64: Architecture = {
  name: 'aarch64',
  registers: REGISTERS,
  pc: 32,
  stackPointer: 31,
  framePointer: FRAME_POINTER,
  linkRegister: LINK_REGISTER,
  // User space has 48 bits of address unless a program asks for 52; bit 55 tells it from the kernel, and the others
  // hold the signature of a return address (Arm ARM, D8.10).
  addressMask: 0x0000_ffff_ffff_ffffn,
  trampolines: [
    // mov x8, #139; svc #0
    [0x68, 0x11, 0x80, 0xd2, 0x01, 0x00, 0x00, 0xd4],
  ],
  systemCallBytes: 4,
  stepByCode,
  endsInCall,
};

const RETURN = 0xd65f_03c0;
/** paciasp and bti c, which may come first. */
const PREFIXES: readonly number[] = [0xd503_233f, 0xd503_245f];

/** Reads `ret`, `ldp x29, x30, [sp], #n; ret` and, where a thread stands, `stp x29, x30, [sp, #-n]!`. */
function stepByCode({ after, isActivation }: CodeAround): CodeStepResult | undefined {
  const words = wordsOf(after);
  const [first = 0, second = 0] = words;
  if (isActivation && (first === RETURN || isEntry(words))) {
    const returnAddress = 'link-register';
    return { base: 'stack-pointer', returnAddress, stackPointer: 0, saved: new Map() };
  }
  const popped = poppedBytes(first);
  if (popped === undefined || second !== RETURN) return undefined;
  const saved = new Map([[FRAME_POINTER, 0]]);
  return { base: 'stack-pointer', returnAddress: WORD_BYTES, stackPointer: popped, saved };
}

function isEntry(words: readonly number[]): boolean {
  const first = words.find((word) => !PREFIXES.includes(word)) ?? 0;
  // stp x29, x30, [sp, #imm7 * 8]! with a negative number.
  return (first & 0xffc0_7fff) >>> 0 === 0xa980_7bfd && (first & 0x0020_0000) !== 0;
}

/** How much `ldp x29, x30, [sp], #imm7 * 8` takes from the stack. */
function poppedBytes(word: number): number | undefined {
  if ((word & 0xffc0_7fff) >>> 0 !== 0xa8c0_7bfd) return undefined;
  const bytes = ((word >>> 15) & 0x7f) * WORD_BYTES;
  return bytes < 0x40 * WORD_BYTES ? bytes : undefined;
}

/** Tells whether bytes end in `bl` or `blr`, signed or not. */
function endsInCall(before: Uint8Array): boolean {
  const last = wordsOf(before).at(-1) ?? 0;
  return (last & 0xfc00_0000) >>> 0 === 0x9400_0000 || (last & 0xfeff_f000) >>> 0 === 0xd63f_0000;
}

function wordsOf(bytes: Uint8Array): readonly number[] {
  const cursor = new ByteCursor(bytes, 'instructions');
  return Array.from({ length: Math.floor(bytes.length / 4) }, () => cursor.u32());
}
