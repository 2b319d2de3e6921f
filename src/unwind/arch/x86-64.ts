import type { Architecture, RegisterDescription } from '../architecture.ts';
import { beginsThread, calledFunction, reservedAtEntry, savedAtEntry } from './x86-64-calls.ts';
import { endsInCall, stepByCode } from './x86-64-code.ts';
import { pathsToReturn } from './x86-64-paths.ts';

function register(
  name: string,
  number: number,
  [setOffset, signalFrameOffset]: readonly [number, number],
): RegisterDescription {
  return { name, number, isCalleeSaved: CALLEE_SAVED.has(name), setOffset, signalFrameOffset };
}

const CALLEE_SAVED: ReadonlySet<string> = new Set(['rbx', 'rbp', 'r12', 'r13', 'r14', 'r15']);

/**
 * DWARF numbers: System V ABI, AMD64 supplement, figure 3.36. Offsets: `struct user_regs_struct` of <sys/user.h>, and
 * `struct ucontext` of the kernel's asm/ucontext.h, which begins where a handler's return leaves the stack pointer.
 */
export const X86_64: Architecture = {
  name: 'x86-64',
  // biome-ignore format: a table
  registers: [
    register('rax',  0, [ 80, 144]),
    register('rdx',  1, [ 96, 136]),
    register('rcx',  2, [ 88, 152]),
    register('rbx',  3, [ 40, 128]),
    register('rsi',  4, [104, 112]),
    register('rdi',  5, [112, 104]),
    register('rbp',  6, [ 32, 120]),
    register('rsp',  7, [152, 160]),
    register('r8',   8, [ 72,  40]),
    register('r9',   9, [ 64,  48]),
    register('r10', 10, [ 56,  56]),
    register('r11', 11, [ 48,  64]),
    register('r12', 12, [ 24,  72]),
    register('r13', 13, [ 16,  80]),
    register('r14', 14, [  8,  88]),
    register('r15', 15, [  0,  96]),
    register('rip', 16, [128, 168]),
  ],
  pc: 16,
  stackPointer: 7,
  framePointer: 6,
  linkRegister: undefined,
  addressMask: 0xffff_ffff_ffff_ffffn,
  trampolines: [
    // mov $15, %rax; syscall (glibc, musl, Go)
    [0x48, 0xc7, 0xc0, 0x0f, 0, 0, 0, 0x0f, 0x05],
    // mov $15, %eax; syscall
    [0xb8, 0x0f, 0, 0, 0, 0x0f, 0x05],
  ],
  systemCallBytes: 2,
  stepByCode,
  pathsToReturn,
  endsInCall,
  calledFunction,
  savedAtEntry,
  reservedAtEntry,
  beginsThread,
};
