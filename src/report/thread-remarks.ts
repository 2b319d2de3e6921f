import { hex } from '../base/address.ts';
import { escapeForTerminal } from '../base/escaping.ts';
import { formatSeconds } from '../base/quantities.ts';
import type { ThreadActivity, ThreadStack } from '../model/thread-stack.ts';
import type { Style } from './style.ts';

/** Renders what is known of a thread beyond PyStack's header: a faint line under it, or none. */
export function threadRemarks(thread: ThreadStack, style: Style): readonly string[] {
  const parts = [
    thread.pythonName === undefined ? undefined : `named ${escapeForTerminal(thread.pythonName)}`,
    formatActivity(thread.activity),
    thread.cpuTimeNs === undefined ? undefined : `CPU ${formatSeconds(Number(thread.cpuTimeNs) / 1e9)}`,
    thread.innerThreadId === undefined ? undefined : `id ${thread.innerThreadId} in its container`,
    thread.pthreadId === undefined ? undefined : `pthread ${hex(thread.pthreadId)}`,
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? [] : [style.faint(`    ${parts.join(' · ')}`)];
}

function formatActivity(activity: ThreadActivity): string | undefined {
  switch (activity.state) {
    case 'running':
      return 'running';
    case 'stopped':
      return 'stopped';
    case 'blocked':
      return `blocked in ${activity.syscallName ?? `system call ${activity.syscall}`}`;
    case 'unknown':
      return undefined;
  }
}
