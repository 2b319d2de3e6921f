import { expect, test } from 'vitest';
import { explainFacts, type RefusalFacts } from './refusal.ts';

const TARGET = {
  name: 'python3',
  state: 'S',
  processId: 42,
  tracerPid: undefined,
  realUid: 1000,
  effectiveUid: 1000,
  savedUid: 1000,
  namespaceIds: [42],
  effectiveCapabilities: 0n,
  threadCount: 1,
  hasShadowStack: false,
  filterCount: 0,
};
const FACTS: RefusalFacts = {
  ownUid: 1000,
  ownCapabilities: 0n,
  target: TARGET,
  yamaScope: undefined,
  isInOtherUserNamespace: false,
  isDumpable: true,
  userName: (uid) =>
    new Map([
      [0, 'root'],
      [1000, 'app'],
    ]).get(uid),
};
const SYS_PTRACE = 1n << 19n;

test.each<[string, Partial<RefusalFacts>, string, string]>([
  [
    'another user',
    { target: { ...TARGET, realUid: 0, effectiveUid: 0, savedUid: 0 } },
    'other-user',
    'it belongs to root (uid 0), we run as app (uid 1000) and lack CAP_SYS_PTRACE',
  ],
  [
    'a user without a name',
    { ownUid: 7 },
    'other-user',
    'it belongs to app (uid 1000), we run as uid 7 and lack CAP_SYS_PTRACE',
  ],
  [
    'a set-user-id program',
    { target: { ...TARGET, effectiveUid: 0 } },
    'other-user',
    'it belongs to root (uid 0), we run as app (uid 1000) and lack CAP_SYS_PTRACE',
  ],
  [
    'Yama for children only',
    { yamaScope: 1 },
    'yama',
    'kernel.yama.ptrace_scope is 1, which lets a program look only into its own children',
  ],
  [
    'Yama for administrators',
    { yamaScope: 2 },
    'yama',
    'kernel.yama.ptrace_scope is 2, which asks for CAP_SYS_PTRACE',
  ],
  [
    'Yama for nobody',
    { yamaScope: 3, ownCapabilities: SYS_PTRACE },
    'forbidden',
    'kernel.yama.ptrace_scope is 3, which forbids it to everyone',
  ],
  [
    'more capabilities',
    { target: { ...TARGET, effectiveCapabilities: 1n } },
    'capability',
    'it has capabilities that we do not have, and we lack CAP_SYS_PTRACE',
  ],
  [
    'no dumps',
    { isDumpable: false },
    'capability',
    'it is marked as not dumpable, and we lack CAP_SYS_PTRACE',
  ],
  [
    'another user namespace',
    { ownCapabilities: SYS_PTRACE, isInOtherUserNamespace: true },
    'capability',
    'it runs in another user namespace, where our CAP_SYS_PTRACE does not count',
  ],
  [
    'a filter',
    { ownCapabilities: SYS_PTRACE },
    'forbidden',
    'the kernel refuses although we have CAP_SYS_PTRACE, so a security module or seccomp filter forbids it',
  ],
  ['nothing that shows', { target: undefined }, 'unknown', 'the kernel refuses, and we lack CAP_SYS_PTRACE'],
])('explainFacts() names %s', (_what, facts, reason, state) => {
  expect(explainFacts({ ...FACTS, ...facts })).toEqual({ reason, state });
});
