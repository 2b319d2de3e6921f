import { type Address, toAddress } from '../../src/base/address.ts';
import type { CallFrameRow, CfaRule, RegisterRule } from '../../src/dwarf/call-frame/row.ts';
import { AARCH64 } from '../../src/unwind/arch/aarch64.ts';
import { X86_64 } from '../../src/unwind/arch/x86-64.ts';
import type { Architecture } from '../../src/unwind/architecture.ts';
import { type UnwindRequest, unwindStack } from '../../src/unwind/unwind-stack.ts';
import type { UnwoundStack } from '../../src/unwind/unwound-stack.ts';
import { TestMemory } from './test-memory.ts';

/** A function of a made-up module; addresses are those in memory. */
export interface FunctionToWrite {
  readonly start: number;
  readonly sizeBytes: number;
  /** Its unwind rules, or how they fail; `undefined` where the file has none. */
  readonly row?: CallFrameRow | (() => never);
}

/** What a row has that differs from `push`-less code of x86-64: CFA rsp + 8, return address below it. */
export interface RowToWrite {
  readonly cfa?: CfaRule;
  readonly registers?: Readonly<Record<number, RegisterRule>>;
  readonly returnAddressRegister?: number;
  readonly isSignalFrame?: boolean;
  readonly functionStart?: number;
}

/** The rule that a register lies at an offset from the CFA. */
export const savedAt = (offset: number): RegisterRule => ({ kind: 'offset', offset });

/** A row of x86-64: the CFA is so far above the stack pointer, and the return address just below it. */
export function rowX86(frameBytes: number, { registers, ...row }: RowToWrite = {}): CallFrameRow {
  return {
    cfa: { kind: 'register', register: X86_64.stackPointer, offset: frameBytes },
    returnAddressRegister: X86_64.pc,
    isSignalFrame: false,
    isReturnAddressSigned: false,
    ...row,
    registers: new Map([[X86_64.pc, savedAt(-8)], ...numbered(registers)]),
  };
}

/** A row of aarch64: the CFA is so far above the stack pointer; what is saved, its caller says. */
export function rowArm(frameBytes: number, { registers, ...row }: RowToWrite = {}): CallFrameRow {
  return {
    cfa: { kind: 'register', register: AARCH64.stackPointer, offset: frameBytes },
    returnAddressRegister: 30,
    isSignalFrame: false,
    isReturnAddressSigned: false,
    ...row,
    registers: new Map(numbered(registers)),
  };
}

function numbered(rules: RowToWrite['registers'] = {}): readonly (readonly [number, RegisterRule])[] {
  return Object.entries(rules).map(([number, rule]) => [Number(number), rule] as const);
}

/** A thread to unwind. */
export interface ThreadToWrite {
  readonly architecture?: Architecture;
  /** By name; what is left out is not known. */
  readonly registers: Readonly<Record<string, number | bigint>>;
  readonly functions?: readonly FunctionToWrite[];
  /** Words of the stack by address; what lies between them is zero. */
  readonly stack?: Readonly<Record<number, number | bigint>>;
  /** Instructions by address. */
  readonly code?: Readonly<Record<number, readonly number[]>>;
  readonly memory?: TestMemory;
  readonly options?: Partial<UnwindRequest>;
}

/** Where every module of a test is loaded. */
export const BIAS = 0x7f00_0000_0000;

/** Unwinds a thread whose memory and unwind rules are written by hand. */
export function unwindThread(thread: ThreadToWrite): UnwoundStack {
  const { architecture = X86_64, registers, functions = [], stack = {}, code = {}, options } = thread;
  const memory = thread.memory ?? new TestMemory();
  mapStack(memory, stack);
  for (const [address, bytes] of Object.entries(code)) memory.map(Number(address), Uint8Array.from(bytes));
  const values: (bigint | undefined)[] = [];
  for (const { name, number } of architecture.registers) {
    const value = registers[name];
    values[number] = value === undefined ? undefined : BigInt(value);
  }
  const covering = (address: number) =>
    functions.find(({ start, sizeBytes }) => address >= start && address < start + sizeBytes);
  const rowAt = (offset: number): CallFrameRow | undefined => {
    const row = covering(offset + BIAS)?.row;
    return typeof row === 'function' ? row() : row;
  };
  const modules = {
    moduleAt: (address: Address) =>
      covering(address) === undefined ? undefined : { bias: BIAS, callFrames: { rowAt } },
  };
  return unwindStack({ architecture, registers: values, memory, modules, ...options });
}

function mapStack(memory: TestMemory, stack: Readonly<Record<number, number | bigint>>): void {
  const addresses = Object.keys(stack).map(Number);
  if (addresses.length === 0) return;
  const start = Math.min(...addresses);
  const words = Object.fromEntries(addresses.map((address) => [address - start, stack[address] ?? 0]));
  memory.mapWords(start, Math.max(...addresses) - start + 8, words);
}

/** The program counters of a stack, innermost first. */
export function pcsOf({ frames }: UnwoundStack): readonly number[] {
  return frames.map(({ pc }) => pc);
}

/** How each frame's caller was found. */
export function methodsOf({ frames }: UnwoundStack): readonly (string | undefined)[] {
  return frames.map(({ callerFoundBy }) => callerFoundBy);
}

/** An address in a made-up module. */
export const inModule = (offset: number): Address => toAddress(BIAS + offset);
