import { BadArgumentError, FfiUnavailableError } from '../base/errors.ts';
import { loadLibc } from './libc.ts';
import { readThreadStat } from './thread-files.ts';

/** One bit for each CPU that a kernel may be built for (CONFIG_NR_CPUS). */
const MASK_BYTES = 8192 / 8;

/** Kept by each thread of ours that runs JavaScript, as the kernel keeps for each where it may run. */
let ownCpu: number | undefined;

/**
 * Has the thread that asks run where a thread of a process runs, or ran last, and nowhere else: what asks for a CPU by a timer gets it from
 * what computes there, which stands still meanwhile. Where the kernel does not let us, it stays where it is.
 */
export function moveToCpuOf(pid: number, threadId: number): void {
  const cpu = readThreadStat(pid, threadId)?.cpu;
  if (cpu === undefined || cpu === ownCpu) return;
  const cpus = new Uint8Array(MASK_BYTES);
  cpus[cpu >>> 3] = 1 << (cpu & 7);
  if (loadLibc()?.setAffinity(cpus) === 0) ownCpu = cpu;
}

/**
 * Checks that the thread that asks may run wherever a process may.
 * @throws {BadArgumentError} when it may not
 * @throws {FfiUnavailableError} without koffi
 */
export function checkSharesCpus(pid: number): void {
  const libc = loadLibc();
  if (libc === undefined) throw new FfiUnavailableError('look from the CPU that the program runs on');
  const [own, theirs] = [new Uint8Array(MASK_BYTES), new Uint8Array(MASK_BYTES)];
  if (libc.getAffinity(0, own) < 0 || libc.getAffinity(pid, theirs) < 0) return;
  if (theirs.every((bits, at) => (bits & ~(own[at] ?? 0)) === 0)) return;
  throw new BadArgumentError(
    `Cannot look from the CPU that process ${pid} runs on: it may run on CPUs that pyflight may not (taskset -p tells which)`,
  );
}
