import { MemoryRanges } from '../base/memory-ranges.ts';
import type { Memory, RangeReader } from '../base/ports.ts';
import { checkInspectable } from './inspectable.ts';
import { type Libc, loadLibc } from './libc.ts';
import { MemFileMemory } from './mem-file-memory.ts';
import { VmReadvMemory } from './vm-readv-memory.ts';
import { VmReadvRanges } from './vm-readv-ranges.ts';

/** The memory of a live process. Once it is closed, nothing can be read from it. */
export interface ProcessMemory extends Memory, Disposable {
  /**
   * Makes room for answers of that many bytes before they are asked for, since making it takes longer than the read and
   * may set off a collection of garbage, which nobody wants while the process stands still.
   */
  reserve(sizeBytes: number): void;
}

/**
 * Opens the memory of a process, by process_vm_readv(2) where that works, else by /proc/PID/mem. Both cost about the
 * same for a page that is there (3.4 and 3.8 µs with the allocation); process_vm_readv takes many ranges at once
 * and tells of a bad address in 1.6 µs against 11 µs. The environment variable PYFLIGHT_NO_PROCESS_VM_READV asks
 * to do without it.
 * @throws {NotPermittedError} when the kernel does not let us, and what {@link checkInspectable} throws
 */
export function openProcessMemory(pid: number): ProcessMemory {
  checkInspectable(pid);
  const libc = loadVmReadv();
  return (libc === undefined ? undefined : VmReadvMemory.open(pid, libc)) ?? MemFileMemory.open(pid);
}

/**
 * A reader of many ranges of a process's memory at once.
 * @param memory the same process's memory, opened, which tells whether process_vm_readv(2) works there
 */
export function openRangeReader(pid: number, memory: ProcessMemory): RangeReader {
  const libc = memory instanceof VmReadvMemory ? loadVmReadv() : undefined;
  return libc === undefined ? new MemoryRanges(memory) : new VmReadvRanges(pid, libc);
}

function loadVmReadv(): Libc | undefined {
  return process.env['PYFLIGHT_NO_PROCESS_VM_READV'] === undefined ? loadLibc() : undefined;
}
