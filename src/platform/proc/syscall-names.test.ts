import { expect, test } from 'vitest';
import { syscallName } from './syscall-names.ts';

// As `ausyscall --dump` prints them.
test.each([
  ['x64', 0, 'read'],
  ['x64', 202, 'futex'],
  ['x64', 219, 'restart_syscall'],
  ['x64', 230, 'clock_nanosleep'],
  ['x64', 281, 'epoll_pwait'],
  ['x64', 424, 'pidfd_send_signal'],
  ['arm64', 98, 'futex'],
  ['arm64', 63, 'read'],
  ['arm64', 115, 'clock_nanosleep'],
  ['x64', 9999, undefined],
  ['mips', 1, undefined],
])('syscallName() calls %s number %i %s', (architecture, number, name) => {
  expect(syscallName(architecture, number)).toBe(name);
});
