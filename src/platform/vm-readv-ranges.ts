import { ProcessExitedError } from '../base/errors.ts';
import type { RangeReader } from '../base/ports.ts';
import type { Libc, NativeBuffer } from './libc.ts';
import { findLivingThread } from './process-files.ts';
import { explainRefusal } from './refusal.ts';

// errno of include/uapi/asm-generic/errno-base.h.
const EPERM = 1;
const ESRCH = 3;
const EFAULT = 14;

/** IOV_MAX, above which process_vm_readv(2) fails with EINVAL. */
const MAX_RANGES = 1024;
/** A range is a `struct iovec` of four 32-bit words: written as numbers, since a bigint per pointer would be garbage. */
const RANGE_WORDS = 4;
const TWO_32 = 0x1_0000_0000;

const PAGE_BYTES = 4096;
/** To find the page of another range takes as long as to copy so many bytes that nobody asked for. */
const MOST_GAP_BYTES = 1024;

/** Ranges of a live process's memory, read by process_vm_readv(2). */
export class VmReadvRanges implements RangeReader {
  readonly #pid: number;
  readonly #libc: Libc;
  /** The thread by which we reach the memory: the main one, unless that has ended before the others. */
  #threadId: number;
  readonly #local = new BigUint64Array(2);
  #ranges = new Uint32Array(MAX_RANGES * RANGE_WORDS);
  #count = 0;
  /** Where the last range ends; NaN when there is none. */
  #end = Number.NaN;
  plannedBytes = 0;
  #buffer: NativeBuffer;
  bytes: Uint8Array;
  words: Uint32Array;

  constructor(pid: number, libc: Libc) {
    this.#pid = pid;
    this.#threadId = pid;
    this.#libc = libc;
    this.#buffer = libc.allocate(64 * 1024);
    this.bytes = this.#buffer.bytes;
    this.words = wordsOf(this.bytes);
  }

  clear(): void {
    this.#count = 0;
    this.#end = Number.NaN;
    this.plannedBytes = 0;
  }

  plan(address: number, sizeBytes: number): number {
    const gap = address - this.#end;
    if (gap >= 0 && gap <= MOST_GAP_BYTES && isOnOnePage(this.#end - 1, address + sizeBytes))
      return this.#extend(gap, sizeBytes);
    const at = this.#count * RANGE_WORDS;
    if (at === this.#ranges.length) this.#ranges = twice(this.#ranges);
    this.#ranges[at] = address;
    this.#ranges[at + 1] = Math.floor(address / TWO_32);
    this.#ranges[at + 2] = sizeBytes;
    this.#ranges[at + 3] = 0;
    this.#count += 1;
    this.#end = address + sizeBytes;
    const offset = this.plannedBytes;
    this.plannedBytes = offset + sizeBytes;
    return offset;
  }

  fill(): number {
    if (this.plannedBytes > this.bytes.length) this.#grow();
    let filled = 0;
    for (let first = 0; first < this.#count; first += MAX_RANGES) {
      const count = Math.min(MAX_RANGES, this.#count - first);
      const wanted = this.#bytesOf(first, count);
      const came = this.#read(filled, first, count);
      filled += came;
      if (came < wanted) break;
    }
    return filled;
  }

  /** Has the last range go on to the end of one that follows it; answers where that will be. */
  #extend(gap: number, sizeBytes: number): number {
    const at = (this.#count - 1) * RANGE_WORDS + 2;
    this.#ranges[at] = (this.#ranges[at] ?? 0) + gap + sizeBytes;
    this.#end += gap + sizeBytes;
    const offset = this.plannedBytes + gap;
    this.plannedBytes = offset + sizeBytes;
    return offset;
  }

  /** How many bytes a batch has; without a loop when there is only one batch, as nearly always. */
  #bytesOf(first: number, count: number): number {
    if (count === this.#count) return this.plannedBytes;
    let bytes = 0;
    for (let at = first; at < first + count; at += 1) bytes += this.#ranges[at * RANGE_WORDS + 2] ?? 0;
    return bytes;
  }

  #read(filled: number, first: number, count: number): number {
    this.#local[0] = this.#buffer.address + BigInt(filled);
    this.#local[1] = BigInt(this.bytes.length - filled);
    const ranges = first === 0 ? this.#ranges : this.#ranges.subarray(first * RANGE_WORDS);
    const came = this.#libc.processVmReadv(this.#threadId, this.#local, ranges, count);
    if (came >= 0) return came;
    if (came === -EFAULT) return 0;
    if (came === -ESRCH) {
      this.#turnToLivingThread();
      return this.#read(filled, first, count);
    }
    // check-errors-ignore: what the kernel said, kept as the cause of the error that is thrown
    if (came === -EPERM) throw explainRefusal(this.#pid, new Error('process_vm_readv: EPERM'));
    throw new RangeError(`process_vm_readv failed with errno ${-came}`);
  }

  /** The main thread may have ended before the others. */
  #turnToLivingThread(): void {
    const threadId = findLivingThread(this.#pid);
    if (threadId === undefined || threadId === this.#threadId) throw new ProcessExitedError(this.#pid);
    this.#threadId = threadId;
  }

  #grow(): void {
    this.#buffer = this.#libc.allocate(2 * this.plannedBytes);
    this.bytes = this.#buffer.bytes;
    this.words = wordsOf(this.bytes);
  }
}

/** Whether all bytes from the first to before the end lie on one page: all of them can be read, or none. */
function isOnOnePage(first: number, end: number): boolean {
  return (first % PAGE_BYTES) + (end - first) <= PAGE_BYTES;
}

function wordsOf(bytes: Uint8Array): Uint32Array {
  return new Uint32Array(bytes.buffer, bytes.byteOffset, Math.floor(bytes.length / 4));
}

function twice(ranges: Uint32Array): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(2 * ranges.length);
  larger.set(ranges);
  return larger;
}
