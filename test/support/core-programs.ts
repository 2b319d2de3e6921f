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
/** The same, and an address at which nothing is. */
export const SEGFAULT = [...THREADS, 'ctypes.string_at(0x75bcd15)'];
