import { findInterpreters } from './interpreters.ts';

const interpreters = findInterpreters().filter(({ root, kind }) => root === undefined && kind === 'shared');
const python = interpreters.find(({ family }) => family === '3.12') ?? interpreters[0];

/** The Python whose cores are looked into. */
export const CORE_PYTHON = python?.path ?? 'python3';

/** Threads that block in C, and a main thread that says so. */
export const THREADS = [
  'import ctypes, os, sys, threading',
  'gate = threading.Lock(); gate.acquire()',
  'for index in range(3): threading.Thread(target=gate.acquire, daemon=True).start()',
];
/**
 * Waits until the threads sleep in futex(2), 202 on x86-64 and 98 on aarch64, with one of the two operations that wait. One
 * that stands right behind a call that wakes others is in another line for gdb than for addr2line.
 */
const UNTIL_ASLEEP = [
  'def sleeps(task):',
  '    words = open(f"/proc/self/task/{task}/syscall").read().split()',
  '    return words[0] in ("202", "98") and int(words[2], 16) & 127 in (0, 9)',
  'while [task != str(os.getpid()) and sleeps(task) for task in os.listdir("/proc/self/task")].count(True) < 3: pass',
];

/** The same, and an address at which nothing is. */
export const SEGFAULT = [...THREADS, ...UNTIL_ASLEEP, 'ctypes.string_at(0x75bcd15)'];
