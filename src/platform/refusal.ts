import { statSync } from 'node:fs';
import { NotPermittedError, type RefusalReason } from '../base/errors.ts';
import { parseStatus, type TaskStatus } from './proc/status.ts';
import { parseUidMap } from './proc/uid-map.ts';
import { readSystemText } from './system-file.ts';
import { readUserName } from './user-name.ts';

/** Bit of CAP_SYS_PTRACE (include/uapi/linux/capability.h). */
const CAP_SYS_PTRACE = 19n;

/** What decides whether the kernel lets us look, as far as /proc tells (ptrace(2), *Ptrace access mode checking*). */
export interface RefusalFacts {
  readonly ownUid: number;
  readonly ownCapabilities: bigint;
  /** Of the target; `undefined` when even that could not be read. */
  readonly target: TaskStatus | undefined;
  /** Value of kernel.yama.ptrace_scope; `undefined` where there is no Yama. */
  readonly yamaScope: number | undefined;
  readonly isInOtherUserNamespace: boolean;
  /** The kernel keeps the memory of programs private that changed their user or cannot be read by theirs. */
  readonly isDumpable: boolean;
  userName(uid: number): string | undefined;
}

interface Explanation {
  readonly reason: RefusalReason;
  readonly state: string;
}

/** Makes the error for a refusal of the kernel, with the reason that /proc shows now. */
export function explainRefusal(pid: number, cause: unknown): NotPermittedError {
  const { reason, state } = explainFacts(readFacts(pid));
  return new NotPermittedError(pid, reason, state, { cause });
}

/** The likeliest reason of a refusal, and the words for it. */
export function explainFacts(facts: RefusalFacts): Explanation {
  if (facts.yamaScope === 3) {
    return { reason: 'forbidden', state: 'kernel.yama.ptrace_scope is 3, which forbids it to everyone' };
  }
  if ((facts.ownCapabilities & (1n << CAP_SYS_PTRACE)) === 0n) return explainLack(facts);
  if (facts.isInOtherUserNamespace) {
    const state = 'it runs in another user namespace, where our CAP_SYS_PTRACE does not count';
    return { reason: 'capability', state };
  }
  const state =
    'the kernel refuses although we have CAP_SYS_PTRACE, so a security module or seccomp filter forbids it';
  return { reason: 'forbidden', state };
}

/** Whom the values of kernel.yama.ptrace_scope let look (Documentation/admin-guide/LSM/Yama.rst). */
const YAMA_RULES: ReadonlyMap<number | undefined, string> = new Map([
  [1, 'lets a program look only into its own children'],
  [2, 'asks for CAP_SYS_PTRACE'],
]);

/** What stands in the way of one who lacks CAP_SYS_PTRACE. */
function explainLack(facts: RefusalFacts): Explanation {
  const { target, yamaScope } = facts;
  if (target !== undefined && !hasOnlyUid(target, facts.ownUid)) {
    const owner = describeUser(target.realUid === facts.ownUid ? target.effectiveUid : target.realUid, facts);
    const state = `it belongs to ${owner}, we run as ${describeUser(facts.ownUid, facts)} and lack CAP_SYS_PTRACE`;
    return { reason: 'other-user', state };
  }
  const yamaRule = YAMA_RULES.get(yamaScope);
  if (yamaRule !== undefined) {
    return { reason: 'yama', state: `kernel.yama.ptrace_scope is ${yamaScope}, which ${yamaRule}` };
  }
  if (target !== undefined && (target.effectiveCapabilities & ~facts.ownCapabilities) !== 0n) {
    return {
      reason: 'capability',
      state: 'it has capabilities that we do not have, and we lack CAP_SYS_PTRACE',
    };
  }
  if (!facts.isDumpable) {
    return { reason: 'capability', state: 'it is marked as not dumpable, and we lack CAP_SYS_PTRACE' };
  }
  return { reason: 'unknown', state: 'the kernel refuses, and we lack CAP_SYS_PTRACE' };
}

function hasOnlyUid(target: TaskStatus, uid: number): boolean {
  return target.realUid === uid && target.effectiveUid === uid && target.savedUid === uid;
}

function describeUser(uid: number, facts: RefusalFacts): string {
  const name = facts.userName(uid);
  return name === undefined ? `uid ${uid}` : `${name} (uid ${uid})`;
}

function readFacts(pid: number): RefusalFacts {
  const target = attempt(() => parseStatus(readSystemText(`/proc/${pid}/status`)));
  const own = attempt(() => parseStatus(readSystemText('/proc/self/status')));
  // The kernel gives the files of a process that is not dumpable to root (fs/proc/base.c, task_dump_owner).
  const owner = attempt(() => statSync(`/proc/${pid}/maps`).uid);
  return {
    ownUid: own?.effectiveUid ?? process.geteuid?.() ?? 0,
    ownCapabilities: own?.effectiveCapabilities ?? 0n,
    target,
    yamaScope: attempt(() => Number(readSystemText('/proc/sys/kernel/yama/ptrace_scope'))),
    isInOtherUserNamespace: isInOtherUserNamespace(pid),
    isDumpable: owner === undefined || owner === target?.effectiveUid,
    userName: readUserName,
  };
}

/** By the maps of the user ids, since the link of the namespace itself cannot be read without permission. */
function isInOtherUserNamespace(pid: number): boolean {
  const [own, other] = ['self', `${pid}`].map((id) =>
    attempt(() => parseUidMap(readSystemText(`/proc/${id}/uid_map`))),
  );
  return own !== undefined && other !== undefined && JSON.stringify(own) !== JSON.stringify(other);
}

/** These files only help to explain: one that cannot be read leaves its fact out. */
function attempt<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}
