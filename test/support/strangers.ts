import { expect } from 'vitest';
import { PlatformTarget } from './platform-target.ts';

/** Ids of a user and of another one, who need not have names. */
const [OWNER, STRANGER] = [65534, 12345];

/** Expects that a user is told why a process of another one is not to be touched. Only root can try that. */
export async function expectRefused(touch: (pid: number) => unknown): Promise<void> {
  await using other = await PlatformTarget.startPython(
    'import os, sys',
    `os.setgid(${OWNER}); os.setuid(${OWNER})`,
    'print("ready"); sys.stdin.readline()',
  );
  process.seteuid?.(STRANGER);
  try {
    expect(() => touch(other.pid)).toThrow(
      new RegExp(
        `^Cannot inspect process \\d+: it belongs to \\w+ \\(uid ${OWNER}\\), we run as uid ${STRANGER} and lack CAP_SYS_PTRACE$`,
        'u',
      ),
    );
  } finally {
    process.seteuid?.(0);
  }
}
