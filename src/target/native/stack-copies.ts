import { type Address, type AddressRange, isAddress, toAddress } from '../../base/address.ts';
import { UnreadableMemoryError } from '../../base/errors.ts';
import type { Memory } from '../../base/ports.ts';
import type { MemoryMapping } from '../../platform/proc/maps.ts';
import { readMaps } from '../../platform/process-files.ts';
import type { Pause, ThreadRegisters } from '../../platform/process-pause.ts';

/** What a function keeps below its stack pointer (System V ABI for AMD64, 3.2.2, "red zone"). */
const RED_ZONE_BYTES = 128;

/** The walker reads whole pages. */
const PAGE_BYTES = 4096;

/** The most that is copied of one stack: the default limit of a main thread's. */
const MAX_STACK_BYTES = 8 << 20;

/** The most that is copied of all. */
const MAX_TOTAL_BYTES = 128 << 20;

/** The registers of threads and their stacks, as they were when the threads stood still. */
export interface StackCopies {
  readonly registers: ReadonlyMap<number, ThreadRegisters>;
  readonly stacks: CopiedMemory;
}

/**
 * Copies what native stacks are unwound from. Made before the pause, since it reads the mappings, which takes as long as
 * all the rest.
 */
export class StackCopier {
  readonly #pid: number;
  readonly #memory: Memory;
  #mappings: readonly MemoryMapping[];

  constructor(pid: number, memory: Memory) {
    this.#pid = pid;
    this.#memory = memory;
    this.#mappings = readMaps(pid);
  }

  /** @param pause a pause that has not been resumed yet */
  copy(pause: Pause): StackCopies {
    const registers = new Map<number, ThreadRegisters>();
    for (const id of pause.threadIds) {
      const found = pause.registersOf(id);
      if (found !== undefined) registers.set(id, found);
    }
    const pointers = [...registers.values()]
      .map(({ stackPointer }) => Number(stackPointer))
      .filter(isAddress);
    if (!pointers.every((pointer) => this.#mappingOf(pointer) !== undefined))
      this.#mappings = readMaps(this.#pid);
    const ranges = this.#usedStacks(pointers);
    const copies = this.#memory.readMany(ranges);
    const regions = ranges.flatMap(({ address }, at) => {
      const bytes = copies[at];
      return bytes === undefined ? [] : [{ address, bytes }];
    });
    return { registers, stacks: new CopiedMemory(regions, this.#memory, this.#mappings) };
  }

  /** From each stack pointer to the end of its mapping; where several point into one, from the lowest. */
  #usedStacks(pointers: readonly Address[]): readonly AddressRange[] {
    const ranges: AddressRange[] = [];
    let total = 0;
    for (const pointer of pointers.toSorted((a, b) => a - b)) {
      const mapping = this.#mappingOf(pointer);
      if (mapping === undefined) continue;
      const last = ranges.at(-1);
      if (last !== undefined && pointer < last.address + last.sizeBytes) continue;
      const from = toAddress(Math.max(mapping.start, pageOf(pointer - RED_ZONE_BYTES)));
      const sizeBytes = Math.min(mapping.end - from, MAX_STACK_BYTES, MAX_TOTAL_BYTES - total);
      if (sizeBytes <= 0) break;
      total += sizeBytes;
      ranges.push({ address: from, sizeBytes });
    }
    return ranges;
  }

  #mappingOf(address: number): MemoryMapping | undefined {
    return this.#mappings.find(({ start, end }) => start <= address && address < end);
  }
}

function pageOf(address: number): number {
  return address - (address % PAGE_BYTES);
}

interface Region {
  readonly address: Address;
  readonly bytes: Uint8Array;
}

/**
 * Memory as it was when it was copied, and beside it what hardly ever changes: code, also that of compilers which write it while
 * the program runs. What else a program writes to is not read where it was not copied, as it is of another moment.
 */
export class CopiedMemory implements Pick<Memory, 'read'> {
  readonly #regions: readonly Region[];
  readonly #memory: Memory;
  readonly #mappings: readonly MemoryMapping[];

  /** @param regions in ascending order */
  constructor(regions: readonly Region[], memory: Memory, mappings: readonly MemoryMapping[]) {
    this.#regions = regions;
    this.#memory = memory;
    this.#mappings = mappings;
  }

  read(address: Address, sizeBytes: number): Uint8Array {
    const region = this.#regions.findLast((each) => each.address <= address);
    const offset = region === undefined ? 0 : address - region.address;
    if (region !== undefined && offset + sizeBytes <= region.bytes.length)
      return region.bytes.subarray(offset, offset + sizeBytes);
    const mayHaveChanged = this.#mappings.some(
      ({ isWritable, isExecutable, start, end }) =>
        isWritable && !isExecutable && start < address + sizeBytes && address < end,
    );
    if (mayHaveChanged) throw new UnreadableMemoryError(address, sizeBytes);
    return this.#memory.read(address, sizeBytes);
  }
}
