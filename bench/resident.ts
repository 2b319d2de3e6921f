import { readFileSync } from 'node:fs';

/** What of a process is in memory. */
export function residentKiB(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/mu.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]);
}
