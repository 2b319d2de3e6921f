import { loadLibc } from './libc.ts';
import { SIGNAL_ACTION } from './signal-action.ts';
import { readThreadStat } from './thread-files.ts';

// include/uapi/asm-generic/signal.h and signal-defs.h
const SIGCHLD = 17;
const SA_NOCLDSTOP = 1;

/**
 * Has the kernel send no SIGCHLD when a child of ours stops, as it does under ptrace: libuv would wait for the child then, from
 * another thread than the one that traces it, and take the stop for the end. Does nothing for the child of somebody else.
 */
export function ignoreStopsOfChild(pid: number): void {
  if (readThreadStat(pid, pid)?.parentId !== process.pid) return;
  const libc = loadLibc();
  const action = new Uint8Array(SIGNAL_ACTION.sizeBytes);
  if (libc === undefined || libc.sigaction(SIGCHLD, undefined, action) < 0) return;
  const flags = new Uint32Array(action.buffer, SIGNAL_ACTION.flags, 1);
  flags[0] = (flags[0] ?? 0) | SA_NOCLDSTOP;
  libc.sigaction(SIGCHLD, action, undefined);
}
