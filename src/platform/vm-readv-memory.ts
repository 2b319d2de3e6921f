import type { Address, AddressRange } from '../base/address.ts';
import { ProcessExitedError, UnreadableMemoryError } from '../base/errors.ts';
import type { Memory } from '../base/ports.ts';
import type { Libc, NativeBuffer } from './libc.ts';
import { findLivingThread } from './process-files.ts';
import { explainRefusal } from './refusal.ts';

// errno of include/uapi/asm-generic/errno-base.h.
const EPERM = 1;
const ESRCH = 3;
const EFAULT = 14;

/** IOV_MAX, above which process_vm_readv(2) fails with EINVAL. */
const MAX_RANGES = 1024;

/** What one call is asked for at most, but for a single range that is larger. */
const MAX_BATCH_BYTES = 4 * 1024 * 1024;

/** A larger range is torn memory, not a thing that anyone keeps in it; it counts as not readable. */
export const MAX_RANGE_BYTES = 256 * 1024 * 1024;

/** Small answers share blocks of this size: allocating one of its own costs 1.2 µs, half of a read. */
const SLAB_BYTES = 64 * 1024;

/** Memory of a live process, read by process_vm_readv(2). */
export class VmReadvMemory implements Memory, Disposable {
  readonly #pid: number;
  readonly #libc: Libc;
  readonly #local = new BigUint64Array(2);
  readonly #remote = new BigUint64Array(2 * MAX_RANGES);
  /** The thread by which we reach the memory: the main one, unless that has ended before the others. */
  #threadId: number;
  #slab: NativeBuffer;
  #slabUsed = 0;
  #isClosed = false;

  private constructor(pid: number, libc: Libc) {
    this.#pid = pid;
    this.#threadId = pid;
    this.#libc = libc;
    this.#slab = libc.allocate(SLAB_BYTES);
  }

  /** `undefined` where the system call is missing or refused: an old seccomp filter, or gVisor. */
  static open(pid: number, libc: Libc): VmReadvMemory | undefined {
    const memory = new VmReadvMemory(pid, libc);
    // The kernel checks permission before addresses, so that a bad address tells that we may.
    memory.#remote.set([0n, 1n]);
    const count = memory.#fill({ bytes: new Uint8Array(0), address: memory.#slab.address }, 1, 0, 1);
    return count >= 0 || count === -EFAULT ? memory : undefined;
  }

  read(address: Address, sizeBytes: number): Uint8Array {
    if (sizeBytes > MAX_RANGE_BYTES) throw new UnreadableMemoryError(address, sizeBytes);
    const block = this.#allocate(sizeBytes);
    this.#remote[0] = BigInt(address);
    this.#remote[1] = BigInt(sizeBytes);
    const count = this.#fill(block, sizeBytes, 0, 1);
    if (count === sizeBytes) return block.bytes;
    this.#throwUnlessFault(count);
    throw new UnreadableMemoryError(address, sizeBytes);
  }

  readMany(ranges: readonly AddressRange[]): readonly (Uint8Array | undefined)[] {
    const answers: (Uint8Array | undefined)[] = [];
    while (answers.length < ranges.length) {
      const next = ranges[answers.length];
      if (next !== undefined && next.sizeBytes > MAX_RANGE_BYTES) answers.push(undefined);
      else this.#readBatch(ranges, answers);
    }
    return answers;
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
  }

  /** Reads as many ranges as go into one batch, from the first one on that has no answer yet. */
  #readBatch(ranges: readonly AddressRange[], answers: (Uint8Array | undefined)[]): void {
    const first = answers.length;
    let count = 0;
    let totalBytes = 0;
    for (const { address, sizeBytes } of ranges.slice(first, first + MAX_RANGES)) {
      if (sizeBytes > MAX_RANGE_BYTES || (count > 0 && totalBytes + sizeBytes > MAX_BATCH_BYTES)) break;
      this.#remote[2 * count] = BigInt(address);
      this.#remote[2 * count + 1] = BigInt(sizeBytes);
      totalBytes += sizeBytes;
      count += 1;
    }
    const block = this.#allocate(totalBytes);
    let offset = 0;
    let filledTo = 0;
    let isFilled = false;
    for (let index = 0; index < count; index += 1) {
      if (!isFilled) {
        const rest = { bytes: block.bytes, address: block.address + BigInt(offset) };
        const filled = this.#fill(rest, totalBytes - offset, index, count - index);
        this.#throwUnlessFault(filled);
        filledTo = offset + Math.max(filled, 0);
        isFilled = true;
      }
      const end = offset + (ranges[first + index]?.sizeBytes ?? 0);
      // A call ends in the first range that it cannot read to its end; the next call goes on behind that one.
      isFilled = end <= filledTo;
      answers.push(isFilled ? block.bytes.subarray(offset, end) : undefined);
      offset = end;
    }
  }

  /** Calls for the `count` prepared ranges from index `first` on; answers what came, or a negated errno. */
  #fill(block: NativeBuffer, sizeBytes: number, first: number, count: number): number {
    if (this.#isClosed) throw new TypeError('Cannot read memory that was closed');
    this.#local[0] = block.address;
    this.#local[1] = BigInt(sizeBytes);
    const remote = first === 0 ? this.#remote : this.#remote.subarray(2 * first);
    const filled = this.#libc.processVmReadv(this.#threadId, this.#local, remote, count);
    if (filled !== -ESRCH) return filled;
    const threadId = findLivingThread(this.#pid);
    if (threadId === undefined || threadId === this.#threadId) return filled;
    this.#threadId = threadId;
    return this.#libc.processVmReadv(threadId, this.#local, remote, count);
  }

  #throwUnlessFault(count: number): void {
    if (count >= 0 || count === -EFAULT) return;
    if (count === -ESRCH) throw new ProcessExitedError(this.#pid);
    // check-errors-ignore: what the kernel said, kept as the cause of the error that is thrown
    if (count === -EPERM) throw explainRefusal(this.#pid, new Error('process_vm_readv: EPERM'));
    throw new RangeError(`process_vm_readv failed with errno ${-count}`);
  }

  reserve(sizeBytes: number): void {
    if (sizeBytes > MAX_RANGE_BYTES) return;
    this.#slab = this.#libc.allocate(sizeBytes + SLAB_BYTES);
    this.#slabUsed = 0;
    // The kernel gives memory page by page as it is first written to, which takes its time too.
    this.#slab.bytes.fill(0);
  }

  #allocate(sizeBytes: number): NativeBuffer {
    if (this.#slabUsed + sizeBytes > this.#slab.bytes.length) {
      if (sizeBytes > SLAB_BYTES / 4) return this.#libc.allocate(sizeBytes);
      this.#slab = this.#libc.allocate(SLAB_BYTES);
      this.#slabUsed = 0;
    }
    const start = this.#slabUsed;
    this.#slabUsed = (start + sizeBytes + 7) & ~7;
    const { bytes, address } = this.#slab;
    const part = new Uint8Array(bytes.buffer, bytes.byteOffset + start, sizeBytes);
    return { bytes: part, address: address + BigInt(start) };
  }
}
