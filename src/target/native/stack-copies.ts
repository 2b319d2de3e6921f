import { type Address, type AddressRange, isAddress, offsetBy, toAddress } from '../../base/address.ts';
import { UnreadableMemoryError } from '../../base/errors.ts';
import type { Memory } from '../../base/ports.ts';
import type { MemoryMapping } from '../../platform/proc/maps.ts';
import { readMaps } from '../../platform/process-files.ts';
import type { Pause } from '../../platform/process-pause.ts';
import type { ThreadRegisters } from '../../platform/thread-registers.ts';

/** What a function keeps below its stack pointer (System V ABI for AMD64, 3.2.2, "red zone"). */
const RED_ZONE_BYTES = 128;

/** The walker reads whole pages. */
const PAGE_BYTES = 4096;

/** The most that is copied of one stack: the default limit of a main thread's. */
const MAX_STACK_BYTES = 8 << 20;

/** The most that is copied of all. */
const MAX_TOTAL_BYTES = 128 << 20;

/** What is read of a stack at first; then it is twice as much each time, until its end or a page that cannot be read. */
const FIRST_PIECE_BYTES = 64 << 10;

/** The registers of threads and their stacks, as they were when the threads stood still. */
export interface StackCopies {
  readonly registers: ReadonlyMap<number, ThreadRegisters>;
  /** Nothing of it changes any more. */
  readonly stacks: Pick<Memory, 'read'>;
}

/** Where a stack is in use: from the stack pointer up. */
interface UsedStack {
  readonly pointer: Address;
  /** Above it lies nothing of this stack, as far as is known. */
  readonly top: Address | undefined;
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
  copy(pause: Pick<Pause, 'threadIds' | 'registersOf'>): StackCopies {
    const registers = new Map<number, ThreadRegisters>();
    for (const id of pause.threadIds) {
      const found = pause.registersOf(id);
      if (found !== undefined) registers.set(id, found);
    }
    return this.copyFrom(registers);
  }

  /** Copies the stacks of threads that stand still with these registers. */
  copyFrom(registers: ReadonlyMap<number, ThreadRegisters>): StackCopies {
    const stacks = [...registers.values()].flatMap(usedStackOf);
    if (!stacks.every(({ pointer }) => this.#mappingOf(pointer) !== undefined))
      this.#mappings = readMaps(this.#pid);
    const regions = this.#copyStacks(stacks);
    const left = [...registers].flatMap(([id, each]) => this.#stackLeftBy(each, id === this.#pid, regions));
    if (left.length > 0) regions.push(...this.#copyStacks(left));
    regions.sort((a, b) => a.address - b.address);
    return { registers, stacks: new CopiedMemory(regions, this.#memory, this.#mappings) };
  }

  /** Reads each stack from its pointer to its end, which may be a page that cannot be read. */
  #copyStacks(stacks: readonly UsedStack[]): Region[] {
    const regions: Region[] = [];
    let left = MAX_TOTAL_BYTES;
    let open = this.#rangesOf(stacks);
    for (let pieceBytes = FIRST_PIECE_BYTES; open.length > 0 && left > 0; pieceBytes *= 2) {
      const pieces = open.map(({ address, sizeBytes }) => ({
        address,
        sizeBytes: Math.min(sizeBytes, pieceBytes),
      }));
      const copies = this.#memory.readMany(pieces);
      open = open.flatMap(({ address, sizeBytes }, at) => {
        const bytes = copies[at] ?? this.#readableStart(pieces[at]);
        regions.push({ address, bytes });
        left -= bytes.length;
        const isWhole = copies[at] !== undefined && bytes.length === sizeBytes;
        if (copies[at] === undefined || isWhole) return [];
        return [{ address: offsetBy(address, bytes.length), sizeBytes: sizeBytes - bytes.length }];
      });
    }
    return regions;
  }

  /**
   * The pages of a piece before the first that cannot be read. Since glibc 2.42 the pages that guard a stack are
   * no mapping of their own (MADV_GUARD_INSTALL), so that the stacks of several threads look like one.
   */
  #readableStart(piece: AddressRange | undefined): Uint8Array {
    if (piece === undefined) return new Uint8Array();
    const pages: AddressRange[] = [];
    for (let offset = 0; offset < piece.sizeBytes; offset += PAGE_BYTES)
      pages.push({ address: offsetBy(piece.address, offset), sizeBytes: PAGE_BYTES });
    const copies = this.#memory.readMany(pages);
    const end = copies.indexOf(undefined);
    return Buffer.concat(
      copies.slice(0, end === -1 ? undefined : end).filter((bytes) => bytes !== undefined),
    );
  }

  /** From each stack pointer to the end of its stack or mapping, or to where the next stack is in use. */
  #rangesOf(stacks: readonly UsedStack[]): readonly AddressRange[] {
    const ranges: AddressRange[] = [];
    const ascending = stacks.toSorted((a, b) => a.pointer - b.pointer);
    for (const [at, { pointer, top }] of ascending.entries()) {
      const mapping = this.#mappingOf(pointer);
      const last = ranges.at(-1);
      const isCovered = last !== undefined && pointer < last.address + last.sizeBytes;
      if (mapping === undefined || isCovered) continue;
      const from = startOf(mapping, pointer);
      const next = ascending[at + 1]?.pointer;
      const ends = [from + MAX_STACK_BYTES, mapping.end];
      if (top !== undefined && top <= mapping.end) ends.push(pageOf(top) + PAGE_BYTES);
      if (next !== undefined && startOf(mapping, next) > from) ends.push(startOf(mapping, next));
      ranges.push({ address: from, sizeBytes: Math.min(...ends) - from });
    }
    return ranges;
  }

  /**
   * The stack that a thread has left for an alternate one, where it handles a signal. What the kernel has saved there
   * leads back, so that the lowest address of the thread's own stack among the words that were copied is no higher than
   * where it was interrupted.
   */
  #stackLeftBy(
    { stackPointer, threadPointer }: ThreadRegisters,
    isMain: boolean,
    regions: readonly Region[],
  ): readonly UsedStack[] {
    const pointer = Number(stackPointer);
    const own = isMain
      ? this.#mappings.find(({ path }) => path === '[stack]')
      : this.#mappingOf(Number(threadPointer ?? 0));
    const region = regions.find(
      ({ address, bytes }) => address <= pointer && pointer < address + bytes.length,
    );
    if (own === undefined || region === undefined || own === this.#mappingOf(pointer)) return [];
    const view = new BigUint64Array(region.bytes.slice().buffer);
    let lowest = own.end;
    for (const word of view) if (word >= own.start && word < lowest) lowest = toAddress(Number(word));
    return lowest === own.end ? [] : [{ pointer: lowest, top: topOf(threadPointer) }];
  }

  #mappingOf(address: number): MemoryMapping | undefined {
    return this.#mappings.find(({ start, end }) => start <= address && address < end);
  }
}

function usedStackOf({ stackPointer, threadPointer }: ThreadRegisters): readonly UsedStack[] {
  const pointer = Number(stackPointer);
  if (!isAddress(pointer)) return [];
  const top = topOf(threadPointer);
  return [{ pointer, top: top !== undefined && top > pointer ? top : undefined }];
}

/** glibc and musl keep what belongs to a thread above its stack; a main thread has it elsewhere. */
function topOf(threadPointer: bigint | undefined): Address | undefined {
  const top = Number(threadPointer ?? 0);
  return isAddress(top) && top > 0 ? top : undefined;
}

function startOf(mapping: MemoryMapping, pointer: number): Address {
  return toAddress(Math.max(mapping.start, pageOf(pointer - RED_ZONE_BYTES)));
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
class CopiedMemory implements Pick<Memory, 'read'> {
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
