/** A signal in words. */
interface SignalRow {
  readonly name: string;
  /** What the codes above 0 mean, those that the kernel gives when a thread brought the signal upon itself. */
  readonly codes?: Readonly<Record<number, string>>;
  /** What the address of a fault is; `undefined` where there is none. */
  readonly addressIs?: 'accessed' | 'instruction';
}

/** By number (asm-generic/signal.h, the same on x86-64 and aarch64); codes are those of asm-generic/siginfo.h. */
const SIGNALS: Readonly<Record<number, SignalRow>> = {
  1: { name: 'SIGHUP' },
  2: { name: 'SIGINT' },
  3: { name: 'SIGQUIT' },
  4: {
    name: 'SIGILL',
    addressIs: 'instruction',
    codes: {
      1: 'illegal opcode',
      2: 'illegal operand',
      3: 'illegal addressing mode',
      4: 'illegal trap',
      5: 'privileged opcode',
      6: 'privileged register',
      7: 'coprocessor error',
      8: 'internal stack error',
      9: 'unimplemented instruction address',
    },
  },
  5: {
    name: 'SIGTRAP',
    addressIs: 'instruction',
    codes: {
      1: 'breakpoint',
      2: 'single step',
      3: 'branch taken',
      4: 'hardware breakpoint',
      5: 'undiagnosed trap',
      6: 'performance event',
    },
  },
  6: { name: 'SIGABRT' },
  7: {
    name: 'SIGBUS',
    addressIs: 'accessed',
    codes: {
      1: 'the address is not aligned as it must be',
      2: 'no memory backs that address, such as behind the end of a mapped file',
      3: 'hardware error of the object',
      4: 'memory error of the hardware, consumed',
      5: 'memory error of the hardware, noticed',
    },
  },
  8: {
    name: 'SIGFPE',
    addressIs: 'instruction',
    codes: {
      1: 'integer division by zero',
      2: 'integer overflow',
      3: 'floating point division by zero',
      4: 'floating point overflow',
      5: 'floating point underflow',
      6: 'inexact floating point result',
      7: 'invalid floating point operation',
      8: 'subscript out of range',
      14: 'undiagnosed floating point exception',
      15: 'trap on a condition',
    },
  },
  9: { name: 'SIGKILL' },
  10: { name: 'SIGUSR1' },
  11: {
    name: 'SIGSEGV',
    addressIs: 'accessed',
    codes: {
      1: 'nothing is mapped there',
      2: 'the memory there does not permit that access',
      3: 'the access was outside its bounds',
      4: 'the protection key of that memory forbids the access',
      5: 'application data integrity is not enabled there',
      6: 'application data integrity was violated',
      7: 'application data integrity was violated, reported precisely',
      8: 'memory tags differ, reported late',
      9: 'memory tags differ',
      10: 'control protection',
    },
  },
  12: { name: 'SIGUSR2' },
  13: { name: 'SIGPIPE' },
  14: { name: 'SIGALRM' },
  15: { name: 'SIGTERM' },
  16: { name: 'SIGSTKFLT' },
  17: { name: 'SIGCHLD' },
  18: { name: 'SIGCONT' },
  19: { name: 'SIGSTOP' },
  20: { name: 'SIGTSTP' },
  21: { name: 'SIGTTIN' },
  22: { name: 'SIGTTOU' },
  23: { name: 'SIGURG' },
  24: { name: 'SIGXCPU' },
  25: { name: 'SIGXFSZ' },
  26: { name: 'SIGVTALRM' },
  27: { name: 'SIGPROF' },
  28: { name: 'SIGWINCH' },
  29: { name: 'SIGIO' },
  30: { name: 'SIGPWR' },
  31: {
    name: 'SIGSYS',
    addressIs: 'instruction',
    codes: { 1: 'seccomp forbids the system call', 2: 'system call dispatched to the user' },
  },
};

/** The kernel's real-time signals begin here; glibc keeps two of them for itself. */
const FIRST_REAL_TIME = 32;
const LAST_REAL_TIME = 64;

/** Codes that every signal may have (sigaction(2)). */
const GENERAL_CODES: Readonly<Record<number, string>> = {
  128: 'sent by the kernel',
  0: 'sent with kill',
  [-1]: 'sent with sigqueue',
  [-2]: 'sent by a timer',
  [-3]: 'sent by a message queue',
  [-4]: 'sent by asynchronous I/O',
  [-5]: 'sent by queued SIGIO',
  [-6]: 'sent with tgkill, as raise and abort do',
  [-7]: 'sent by execve, which ends the other threads',
  [-60]: 'sent by a name lookup that finished',
};

/** The name of a signal: `SIGSEGV`, `SIGRT37`, or its number where it has none. */
export function signalName(number: number): string {
  const row = SIGNALS[number];
  if (row !== undefined) return row.name;
  return number >= FIRST_REAL_TIME && number <= LAST_REAL_TIME ? `SIGRT${number}` : `${number}`;
}

/** What a code means with a signal; `undefined` for one that nobody has given a meaning. */
export function signalCodeWords(number: number, code: number): string | undefined {
  return SIGNALS[number]?.codes?.[code] ?? GENERAL_CODES[code];
}

/** What the address of a signal is: that which was accessed, or the instruction that did something wrong. */
export function signalAddressKind(number: number): 'accessed' | 'instruction' | undefined {
  return SIGNALS[number]?.addressIs;
}
