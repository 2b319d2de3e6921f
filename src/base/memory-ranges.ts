import { toAddress } from './address.ts';
import { isAboutMemory } from './errors.ts';
import type { Memory, RangeReader } from './ports.ts';

/** Ranges of any memory, one read for each: where there is no faster way, and for memory that a test made. */
export class MemoryRanges implements RangeReader {
  readonly #memory: Memory;
  #planned: { readonly address: number; readonly sizeBytes: number }[] = [];
  plannedBytes = 0;
  bytes = new Uint8Array(0);
  words = new Uint32Array(0);

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  clear(): void {
    this.#planned = [];
    this.plannedBytes = 0;
  }

  plan(address: number, sizeBytes: number): number {
    const offset = this.plannedBytes;
    this.#planned.push({ address, sizeBytes });
    this.plannedBytes += sizeBytes;
    return offset;
  }

  fill(): number {
    if (this.bytes.length < this.plannedBytes) {
      this.bytes = new Uint8Array(2 * this.plannedBytes);
      this.words = new Uint32Array(this.bytes.buffer, 0, this.bytes.length / 4);
    }
    let filled = 0;
    for (const { address, sizeBytes } of this.#planned) {
      try {
        this.bytes.set(this.#memory.read(toAddress(address), sizeBytes), filled);
      } catch (error) {
        if (!isAboutMemory(error)) throw error;
        break;
      }
      filled += sizeBytes;
    }
    return filled;
  }
}
