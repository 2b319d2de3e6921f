import { type Address, addressFromHalves } from '../base/address.ts';
import { StructView } from '../base/struct-view.ts';
import type { Architecture } from './architecture.ts';
import type { MemoryWords } from './memory-words.ts';

/** What the registers of a thread hold, by DWARF number; `undefined` for those that are not known. */
export type RegisterValues = readonly (bigint | undefined)[];

/**
 * Takes the registers out of a register set.
 * @param bytes NT_PRSTATUS as PTRACE_GETREGSET gives it; in a core file, `pr_reg` of `struct elf_prstatus`
 * @throws {MalformedInputError} when the set is cut off
 */
export function parseRegisterSet(architecture: Architecture, bytes: Uint8Array): RegisterValues {
  const set = new StructView(bytes, `register set of ${architecture.name}`);
  const values: (bigint | undefined)[] = [];
  for (const { number, setOffset } of architecture.registers) values[number] = set.u64(setOffset);
  return values;
}

/** A register of one frame: a bigint is what it held, a number the address in memory where that is saved. */
export type RegisterSlot = bigint | Address | undefined;

/**
 * The registers of one frame. What calls have saved stays in the target's memory until it is asked for: of a dozen
 * registers a walk needs one or two.
 */
export class FrameRegisters {
  readonly #words: MemoryWords;
  readonly #slots: readonly RegisterSlot[];

  constructor(words: MemoryWords, slots: readonly RegisterSlot[]) {
    this.#words = words;
    this.#slots = slots;
  }

  slot(number: number): RegisterSlot {
    return this.#slots[number];
  }

  /** @throws {UnreadableMemoryError} when it was saved where nothing is */
  value(number: number): bigint | undefined {
    const slot = this.#slots[number];
    return typeof slot === 'number' ? this.#words.u64(slot) : slot;
  }

  /** The value as an address; `undefined` also when it is none. */
  address(number: number): Address | undefined {
    const value = this.value(number);
    return value === undefined ? undefined : addressOf(value);
  }

  /** Registers that a call leaves as they were; what else it held is lost. */
  calleeSaved({ registers }: Architecture): RegisterSlot[] {
    const slots: RegisterSlot[] = [];
    for (const { number, isCalleeSaved } of registers) if (isCalleeSaved) slots[number] = this.#slots[number];
    return slots;
  }
}

/** A 64-bit value as an address; `undefined` when it lies outside user space. */
export function addressOf(value: bigint): Address | undefined {
  return addressFromHalves(Number(value & 0xffff_ffffn), Number(value >> 32n));
}
