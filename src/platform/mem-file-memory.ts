import { closeSync, openSync, readSync } from 'node:fs';
import type { Address, AddressRange } from '../base/address.ts';
import { ProcessExitedError, UnreadableMemoryError } from '../base/errors.ts';
import type { Memory } from '../base/ports.ts';
import { readIfMapped } from '../base/read-if-sound.ts';
import { errnoNameOf, isGone, isRefused } from './errno.ts';
import { findLivingThread } from './process-files.ts';
import { explainRefusal } from './refusal.ts';
import { MAX_RANGE_BYTES } from './vm-readv-memory.ts';

/** Memory of a live process, read from /proc/PID/mem: all that can be done without a foreign function interface. */
export class MemFileMemory implements Memory, Disposable {
  readonly #pid: number;
  #fd: number;

  private constructor(pid: number, fd: number) {
    this.#pid = pid;
    this.#fd = fd;
  }

  static open(pid: number): MemFileMemory {
    return new MemFileMemory(pid, openMemFile(pid));
  }

  read(address: Address, sizeBytes: number): Uint8Array {
    if (sizeBytes > MAX_RANGE_BYTES) throw new UnreadableMemoryError(address, sizeBytes);
    const bytes = new Uint8Array(sizeBytes);
    let filled = 0;
    let isReopened = false;
    while (filled < sizeBytes) {
      const count = this.#readSome(bytes, filled, address);
      if (count === 0) {
        // The file is that of one address space, and this one is gone: the process has ended, or runs another program.
        if (isReopened) throw new ProcessExitedError(this.#pid);
        this.#reopen();
        isReopened = true;
      }
      filled += count;
    }
    return bytes;
  }

  /** Does nothing: every read of the file is one call with a small answer of its own. */
  reserve(): void {}

  readMany(ranges: readonly AddressRange[]): readonly (Uint8Array | undefined)[] {
    return ranges.map(({ address, sizeBytes }) => {
      return readIfMapped(() => this.read(address, sizeBytes));
    });
  }

  [Symbol.dispose](): void {
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#fd = -1;
  }

  #readSome(bytes: Uint8Array, filled: number, address: Address): number {
    if (this.#fd < 0) throw new TypeError('Cannot read memory that was closed');
    try {
      return readSync(this.#fd, bytes, filled, bytes.length - filled, address + filled);
    } catch (error) {
      const name = errnoNameOf(error);
      if (name === 'EIO' || name === 'EFAULT') {
        throw new UnreadableMemoryError(address, bytes.length, { cause: error });
      }
      if (name === 'ESRCH') throw new ProcessExitedError(this.#pid, { cause: error });
      throw error;
    }
  }

  #reopen(): void {
    const fd = openMemFile(this.#pid);
    closeSync(this.#fd);
    this.#fd = fd;
  }
}

/** The file belongs to a thread; any living one will do, since all share the memory. */
function openMemFile(pid: number): number {
  const threadId = findLivingThread(pid);
  if (threadId === undefined) throw new ProcessExitedError(pid);
  try {
    return openSync(`/proc/${pid}/task/${threadId}/mem`, 'r');
  } catch (error) {
    if (isGone(error)) throw new ProcessExitedError(pid, { cause: error });
    throw isRefused(error) ? explainRefusal(pid, error) : error;
  }
}
