import { MalformedInputError } from '../../base/errors.ts';

/** What /proc/PID/stat or /proc/PID/task/TID/stat tells of a process or a thread. */
export interface TaskStat {
  readonly id: number;
  /** The kernel's name of it, at most 15 bytes. */
  readonly name: string;
  /** `R` running, `S` sleeping, `D` in an uninterruptible sleep, `T` stopped, `t` traced, `Z` zombie, `X` dead … */
  readonly state: string;
  /** `undefined` for the first process and for one whose parent is outside our pid namespace. */
  readonly parentId: number | undefined;
  /** Device number of the controlling terminal. */
  readonly terminalDevice: number | undefined;
  readonly isKernelThread: boolean;
  /** CPU time in ticks of {@link TICKS_PER_SECOND}. */
  readonly userTicks: number;
  readonly systemTicks: number;
  readonly threadCount: number;
  /** When it began, in ticks since the boot. */
  readonly startTicks: number;
  readonly residentPages: number;
  /**
   * Where the stack of the main thread begins, which execve(2) chooses anew; `undefined` for one that we may not look
   * into, and for one that has no memory.
   */
  readonly stackStart: number | undefined;
  /** The CPU that it runs on, or ran on last. */
  readonly cpu: number | undefined;
}

/**
 * Ticks of the times in /proc: USER_HZ, which is part of the kernel's interface and 100 on every architecture but
 * alpha and ia64 (include/uapi/asm-generic/param.h).
 */
export const TICKS_PER_SECOND = 100;

/** PF_KTHREAD of include/linux/sched.h. */
const KERNEL_THREAD_FLAG = 0x0020_0000;

/**
 * Parses one stat line. The name stands in parentheses and may hold anything, `) R 1` included, so it ends at the
 * last parenthesis.
 * @throws {MalformedInputError} for text of another form
 */
// pid  (comm)      state ppid pgrp session tty_nr tpgid flags ... utime stime ... num_threads itrealvalue starttime vsize rss
// 4242 (my) (app) S 4200 4242 4200 34816 4242 4194304 1532 0 0 0 12 3 0 0 20 0 5 0 88213 26427392 2301 18446744073709551615 …
export function parseStat(text: string): TaskStat {
  const open = text.indexOf(' (');
  const close = text.lastIndexOf(') ');
  const fields = text.slice(close + 2).split(' ');
  if (open < 0 || close < open || fields.length < 22) {
    throw new MalformedInputError('/proc/PID/stat', 0, 'line is not a process');
  }
  /** A field by its number in proc(5), which counts from 1. */
  const field = (number: number) => Number(fields[number - 3]);
  return {
    id: Number(text.slice(0, open)),
    name: text.slice(open + 2, close),
    state: fields[0] ?? '',
    parentId: field(4) === 0 ? undefined : field(4),
    terminalDevice: field(7) === 0 ? undefined : field(7),
    isKernelThread: (field(9) & KERNEL_THREAD_FLAG) !== 0,
    userTicks: field(14),
    systemTicks: field(15),
    threadCount: field(20),
    startTicks: field(22),
    residentPages: field(24),
    stackStart: Number(fields[25] ?? 0) || undefined,
    cpu: fields[36] === undefined ? undefined : field(39),
  };
}

const SPACE = 0x20;
const CLOSING_BRACKET = 0x29;
const DIGIT_0 = 0x30;

/** What tells the program that a process runs from another one, and whether it still runs. */
export type ProgramMark = Pick<TaskStat, 'state' | 'startTicks' | 'stackStart'>;

/** Parses the mark alone of a line that the kernel has written: for those who look often, at a tenth of the time. */
export function parseProgramMark(line: Uint8Array, length: number): ProgramMark {
  const stateAt = findStateIn(line, length);
  const startTicksAt = skipFields(line, stateAt, 22 - 3);
  const stackStartAt = skipFields(line, startTicksAt, 28 - 22);
  return {
    state: String.fromCharCode(line[stateAt] ?? 0),
    startTicks: numberAt(line, startTicksAt),
    stackStart: numberAt(line, stackStartAt) || undefined,
  };
}

/** Where the letter of the state is in a stat line: the name before it, which may hold anything, ends with the last bracket. */
export function findStateIn(line: Uint8Array, length: number): number {
  return line.lastIndexOf(CLOSING_BRACKET, length - 1) + 2;
}

function skipFields(line: Uint8Array, from: number, count: number): number {
  let at = from;
  for (let left = count; left > 0 && at < line.length; at++) if (line[at] === SPACE) left -= 1;
  return at;
}

function numberAt(line: Uint8Array, from: number): number {
  let number = 0;
  for (let at = from; at < line.length; at++) {
    const digit = (line[at] ?? 0) - DIGIT_0;
    if (digit < 0 || digit > 9) break;
    number = number * 10 + digit;
  }
  return number;
}

/** Tells whether a state letter means that the process or thread has ended. */
export function isEndedState(state: string): boolean {
  return state === 'Z' || state === 'X' || state === 'x';
}
