import { MalformedInputError } from '../../base/errors.ts';

/** What /proc/PID/status or /proc/PID/task/TID/status tells of a process or a thread. */
export interface TaskStatus {
  readonly name: string;
  /** The letter alone: `S`. */
  readonly state: string;
  /** The process that a thread belongs to; for a process its own id. */
  readonly processId: number;
  /** Who traces it; `undefined` for nobody. */
  readonly tracerPid: number | undefined;
  readonly realUid: number;
  readonly effectiveUid: number;
  readonly savedUid: number;
  /** Its id in every pid namespace from ours inwards, its own last; `undefined` before Linux 4.1. */
  readonly namespaceIds: readonly number[] | undefined;
  /** The effective capabilities as bits. */
  readonly effectiveCapabilities: bigint;
  readonly threadCount: number;
  /** The processor keeps a second stack of return addresses for the thread, and compares (CET). */
  readonly hasShadowStack: boolean;
  /** Seccomp filters that its system calls go through; one where the kernel does not count them, before Linux 5.9. */
  readonly filterCount: number;
}

/**
 * Parses the lines of a status file that we use.
 * @throws {MalformedInputError} when one of them is missing
 */
// Name:	my\napp
// State:	S (sleeping)
// Tgid:	4242
// TracerPid:	0
// Uid:	1000	1000	1000	1000
// NSpid:	4242	7
// Threads:	5
// CapEff:	000001ffffffffff
// Seccomp:	2
// Seccomp_filters:	1
// x86_Thread_features:	shstk
export function parseStatus(text: string): TaskStatus {
  const lines = new Map<string, string>();
  for (const line of text.split('\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) lines.set(line.slice(0, colon), line.slice(colon + 1).trim());
  }
  const required = (key: string): string => {
    const value = lines.get(key);
    if (value === undefined) throw new MalformedInputError('/proc/PID/status', text.length, `no line ${key}`);
    return value;
  };
  const [realUid = 0, effectiveUid = 0, savedUid = 0] = required('Uid').split(/\s+/u).map(Number);
  const tracerPid = Number(required('TracerPid'));
  return {
    name: unescapeName(required('Name')),
    state: required('State').slice(0, 1),
    processId: Number(required('Tgid')),
    tracerPid: tracerPid === 0 ? undefined : tracerPid,
    realUid,
    effectiveUid,
    savedUid,
    namespaceIds: lines.get('NSpid')?.split(/\s+/u).map(Number),
    effectiveCapabilities: BigInt(`0x${required('CapEff')}`),
    threadCount: Number(required('Threads')),
    filterCount: (lines.get('Seccomp') ?? '0') === '0' ? 0 : Number(lines.get('Seccomp_filters') ?? 1),
    hasShadowStack: /\bshstk\b/u.test(lines.get('x86_Thread_features') ?? ''),
  };
}

/** Takes back the escapes of a newline and a backslash (fs/proc/array.c, `proc_task_name`). */
function unescapeName(name: string): string {
  return name.replaceAll(/\\[n\\]/gu, (escaped) => (escaped === '\\n' ? '\n' : '\\'));
}
