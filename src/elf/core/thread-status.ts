import { MalformedInputError } from '../../base/errors.ts';
import { StructView } from '../../base/struct-view.ts';

/** One thread of a process that is gone. */
export interface CoreThread {
  /** Its id in the pid namespace of whoever wrote the core: the kernel takes that of the process itself. */
  readonly threadId: number;
  /**
   * The signal that the thread stood at; `undefined` for none. The kernel gives every thread that which ended the
   * process, gdb each its own.
   */
  readonly signal: number | undefined;
  /** All general registers, laid out as the register set NT_PRSTATUS of ptrace(2). */
  readonly registers: Uint8Array;
}

/** `struct elf_prstatus` of 64-bit Linux (include/linux/elfcore.h); the same on x86-64 and aarch64 up to the registers. */
const OFFSETS = { signal: 12, threadId: 32, registers: 112 } as const;

/** `pr_fpvalid` and the padding behind it: the last member, after the registers. */
const TAIL_BYTES = 8;

/** Far above the registers of any processor: x86-64 has 216 bytes of them, aarch64 272. */
const MAX_REGISTER_BYTES = 1024;

/** The largest NT_PRSTATUS that is one. */
export const MAX_THREAD_STATUS_BYTES = OFFSETS.registers + MAX_REGISTER_BYTES + TAIL_BYTES;

/**
 * Parses an NT_PRSTATUS, which every thread has.
 * @throws {MalformedInputError} when it is too short for any registers
 */
export function parseThreadStatus(bytes: Uint8Array): CoreThread {
  const view = new StructView(bytes, 'NT_PRSTATUS');
  const registerBytes = bytes.length - OFFSETS.registers - TAIL_BYTES;
  if (registerBytes <= 0) throw new MalformedInputError('NT_PRSTATUS', bytes.length, 'it has no registers');
  const signal = view.u16(OFFSETS.signal);
  return {
    threadId: view.i32(OFFSETS.threadId),
    signal: signal === 0 ? undefined : signal,
    registers: view.slice(OFFSETS.registers, registerBytes).slice(),
  };
}
