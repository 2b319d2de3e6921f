import { type Address, type AddressRange, toAddress } from '../../base/address.ts';
import type { Memory } from '../../base/ports.ts';
import { readIfSound } from '../../base/read-if-sound.ts';
import { foreignOffset } from '../objects/foreign-struct.ts';

/** The part of a greenlet's C stack that was copied away for another one to run there. */
export interface StackSlice {
  /** Where it was, and will be again. */
  readonly start: number;
  readonly sizeBytes: number;
  /** Where it is now; `undefined` when nothing was copied. */
  readonly copy: Address | undefined;
}

/**
 * Memory as a suspended greenlet sees it: reads of its slice of the stack go to the copy. From 3.12 on the interpreter's
 * own frames lie on the C stack.
 */
export class SliceMemory implements Memory {
  readonly #below: Memory;
  readonly #slice: StackSlice;

  constructor(below: Memory, slice: StackSlice) {
    this.#below = below;
    this.#slice = slice;
  }

  read(address: Address, sizeBytes: number): Uint8Array {
    const { start, copy } = this.#slice;
    const [from, to] = [
      Math.max(address, start),
      Math.min(address + sizeBytes, start + this.#slice.sizeBytes),
    ];
    if (copy === undefined || from >= to) return this.#below.read(address, sizeBytes);
    const moved = foreignOffset(copy, from - start, 'stack_copy');
    if (to - from === sizeBytes) return this.#below.read(moved, sizeBytes);
    const whole = new Uint8Array(sizeBytes);
    if (from > address) whole.set(this.#below.read(address, from - address), 0);
    whole.set(this.#below.read(moved, to - from), from - address);
    const behind = address + sizeBytes - to;
    if (behind > 0) whole.set(this.#below.read(toAddress(to), behind), to - address);
    return whole;
  }

  readMany(ranges: readonly AddressRange[]): readonly (Uint8Array | undefined)[] {
    return ranges.map(({ address, sizeBytes }) => {
      return readIfSound(() => this.read(address, sizeBytes));
    });
  }
}
