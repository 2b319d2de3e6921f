import { readdirSync } from 'node:fs';
import { isGone, isRefused } from './errno.ts';
import { parseStat, type TaskStat, TICKS_PER_SECOND } from './proc/stat.ts';
import { parseStatus, type TaskStatus } from './proc/status.ts';
import { parseSyscall, type SyscallState } from './proc/syscall.ts';
import { readSystemText } from './system-file.ts';

/** Every thread of a process, the main thread first and then by their ids; none when the process is gone. */
export function listThreadIds(pid: number): readonly number[] {
  try {
    return mainThreadFirst(pid, readdirSync(`/proc/${pid}/task`).map(Number));
  } catch (error) {
    if (isGone(error)) return [];
    throw error;
  }
}

/** Node.js sorts names as text, so that 1283 comes before 877; ids start anew when they have reached their limit. */
export function mainThreadFirst(pid: number, threadIds: readonly number[]): readonly number[] {
  const rank = (id: number): number => (id === pid ? 0 : id);
  return threadIds.toSorted((a, b) => rank(a) - rank(b));
}

/** Reads the state and times of a thread; `undefined` when it has gone, as in every reader of this file. */
export function readThreadStat(pid: number, threadId: number): TaskStat | undefined {
  const text = readFileOf(pid, threadId, 'stat');
  return text === undefined ? undefined : parseStat(text);
}

/** Reads the tracer of a thread and its ids in the pid namespaces. */
export function readThreadStatus(pid: number, threadId: number): TaskStatus | undefined {
  const text = readFileOf(pid, threadId, 'status');
  return text === undefined ? undefined : parseStatus(text);
}

/** Reads the kernel's name of a thread, at most 15 bytes. */
export function readThreadName(pid: number, threadId: number): string | undefined {
  return readFileOf(pid, threadId, 'comm')?.replace(/\n$/u, '');
}

/** Reads what a thread does; `undefined` also where the kernel does not let us know. */
export function readThreadSyscall(pid: number, threadId: number): SyscallState | undefined {
  const text = readFileOf(pid, threadId, 'syscall');
  return text === undefined ? undefined : parseSyscall(text);
}

/**
 * Reads how long a thread has run on a CPU. From schedstat, which is exact; where the kernel does not keep that, from
 * the ticks of stat, in steps of 10 ms.
 */
export function readThreadCpuTimeNs(pid: number, threadId: number): bigint | undefined {
  const running = /^\d+/u.exec(readFileOf(pid, threadId, 'schedstat') ?? '');
  if (running !== null && running[0] !== '0') return BigInt(running[0]);
  const stat = readThreadStat(pid, threadId);
  if (stat === undefined) return undefined;
  return BigInt(stat.userTicks + stat.systemTicks) * (1_000_000_000n / BigInt(TICKS_PER_SECOND));
}

/**
 * Reads a mark that is another one whenever the thread has run since: how often it was given a CPU, which schedstat
 * counts before it runs. Where the kernel does not keep that: how often it has let go of one, and what it does now.
 */
export function readThreadRunMark(pid: number, threadId: number): string | undefined {
  const statistics = readFileOf(pid, threadId, 'schedstat');
  if (statistics !== undefined && !statistics.startsWith('0 0 0')) return statistics;
  const switches = readFileOf(pid, threadId, 'status')?.match(/^(?:non)?voluntary_ctxt_switches:.*$/gmu);
  const call = readFileOf(pid, threadId, 'syscall');
  return switches === undefined || call === undefined ? undefined : `${switches?.join(' ')} ${call}`;
}

function readFileOf(pid: number, threadId: number, name: string): string | undefined {
  try {
    return readSystemText(`/proc/${pid}/task/${threadId}/${name}`);
  } catch (error) {
    if (isGone(error) || isRefused(error)) return undefined;
    throw error;
  }
}
