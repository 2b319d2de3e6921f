import { expect, test } from 'vitest';
import type { CoreFacts, CoreSignal } from '../model/core-signal.ts';
import { deathCause } from './death-cause.ts';

const NO_SIGNAL: CoreSignal = {
  number: 0,
  code: 0,
  address: undefined,
  sender: undefined,
  systemCall: undefined,
};

function cause(signal: Partial<CoreSignal> | undefined, facts: Partial<CoreFacts> = {}): string | undefined {
  return deathCause({
    writer: 'kernel',
    process: undefined,
    missingBytes: 0,
    signal: signal && { ...NO_SIGNAL, ...signal },
    ...facts,
  });
}

const PROCESS = {
  state: 'R',
  isZombie: false,
  niceness: 0,
  uid: 0,
  gid: 0,
  pid: 42,
  parentPid: 1,
  processGroup: 42,
  session: 42,
  name: 'python3',
  commandLine: 'python3',
};

test.each<[Partial<CoreSignal>, string]>([
  [
    { number: 11, code: 1, address: 0x75bc_d15n },
    'a segmentation fault accessing address: 0x75bcd15 (nothing is mapped there)',
  ],
  [
    { number: 11, code: 1, address: 0n },
    'a segmentation fault accessing address: 0x0 (a NULL pointer, nothing is mapped there)',
  ],
  [
    { number: 11, code: 1, address: 0x18n },
    'a segmentation fault accessing address: 0x18 (close to a NULL pointer, nothing is mapped there)',
  ],
  [
    { number: 11, code: 2, address: 0x7f00_0000_0000n },
    'a segmentation fault accessing address: 0x7f0000000000 (the memory there does not permit that access)',
  ],
  [
    { number: 11, code: 0x80 },
    'receiving signal SIGSEGV (a general protection fault, the address is not known)',
  ],
  [
    { number: 11, code: 0, sender: { pid: 7, uid: 1000 } },
    'receiving signal SIGSEGV (sent with kill) sent by pid 7 (uid 1000)',
  ],
  [
    { number: 8, code: 1, address: 0x4010n },
    'receiving signal SIGFPE (integer division by zero, at instruction 0x4010)',
  ],
  [
    { number: 4, code: 2, address: 0x4010n },
    'receiving signal SIGILL (illegal operand, at instruction 0x4010)',
  ],
  [
    { number: 7, code: 2, address: 0x4010n },
    'receiving signal SIGBUS (no memory backs that address, such as behind the end of a mapped file, accessing address 0x4010)',
  ],
  [
    { number: 6, code: -6, sender: { pid: 42, uid: 0 } },
    'receiving signal SIGABRT (sent with tgkill, as raise and abort do) sent by pid 42 (itself)',
  ],
  [
    { number: 3, code: -1, sender: { pid: 0, uid: 0 } },
    'receiving signal SIGQUIT (sent with sigqueue) sent by a process that it could not see',
  ],
  [
    { number: 31, code: 1, address: 0x4010n, systemCall: 59 },
    'receiving signal SIGSYS (seccomp forbids the system call, at instruction 0x4010, system call 59)',
  ],
  [{ number: 5, code: 0x80 }, 'receiving signal SIGTRAP (a breakpoint instruction)'],
  [{ number: 24, code: 0x80 }, 'receiving signal SIGXCPU (sent by the kernel)'],
  [
    { number: 11, code: 77, address: 0x9999_9999n },
    'a segmentation fault accessing address: 0x99999999 (code 77)',
  ],
  [{ number: 37, code: undefined }, 'receiving signal SIGRT37'],
  [
    { number: 99, code: 0, sender: { pid: 7, uid: 1 } },
    'receiving signal 99 (sent with kill) sent by pid 7 (uid 1)',
  ],
])('deathCause() tells the signal of row %#', (signal, expected) => {
  expect(cause(signal, { process: PROCESS })).toBe(`The process died due ${expected}`);
});

const ON_DEMAND = 'The core file seems to have been generated on demand (the process did not crash)';

test.each([
  ['signal 0', {}],
  ['SIGSTOP', { number: 19, code: 0x80 }],
  ['SIGTRAP', { number: 5, code: 1 }],
  ['SIGINT', { number: 2, code: 0x80 }],
])('deathCause() takes a core that a debugger wrote with %s for one made on demand', (_, signal) => {
  expect(cause(signal, { writer: 'debugger' })).toBe(ON_DEMAND);
});

test('deathCause() tells the signal that a process stood at when a debugger wrote its core', () => {
  expect(cause({ number: 11, code: 1, address: 0x9999_9999n }, { writer: 'debugger' })).toContain(
    '0x99999999',
  );
});

test('deathCause() says nothing where the core does not', () => {
  expect(cause(undefined)).toBeUndefined();
  expect(cause(undefined, { writer: undefined })).toBeUndefined();
});
