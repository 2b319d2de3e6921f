import { readdirSync, readFileSync } from 'node:fs';
import { toAddress } from '../../src/base/address.ts';
import { openProcessMemory } from '../../src/platform/process-memory.ts';
import { PlatformTarget } from './platform-target.ts';

/**
 * Threads that count in memory that we can look at, each in three functions: `count[i]` of thread i. They take no processor
 * from who looks at them.
 */
const PROGRAM = [
  'import ctypes, mmap, os, sys, threading, time; os.nice(19)',
  'count = (ctypes.c_uint64 * 16).from_buffer(mmap.mmap(-1, 4096))',
  'def inner(i):',
  '  while True: count[i] += 1',
  'def middle(i): inner(i)',
  'def outer(i): middle(i)',
  'for i in range(3):',
  '  thread = threading.Thread(target=outer, args=(i,)); thread.daemon = True; thread.start()',
  'print("ready"); print(ctypes.addressof(count))',
];

/** What the harness may tell the target to do. */
const OBEY = ['for line in iter(sys.stdin.readline, ""): exec(line)'];

/** A busy process whose progress can be seen from outside. */
export interface CountingTarget extends AsyncDisposable {
  readonly target: PlatformTarget;
  readonly pid: number;
  /** Waits until every thread has counted on. */
  untilAllProgress(): Promise<void>;
}

/** Starts a busy process of three counting threads and a main thread that executes the lines that it is sent. */
export async function startCounting(python: string): Promise<CountingTarget> {
  const target = await PlatformTarget.startUnder(python, ...PROGRAM, ...OBEY);
  const address = toAddress(Number(await target.nextLine()));
  const memory = openProcessMemory(target.pid);
  const counts = (): readonly bigint[] => [...new BigUint64Array(memory.read(address, 24).slice().buffer)];
  return {
    target,
    pid: target.pid,
    untilAllProgress: async () => {
      const before = counts();
      await until(
        () => counts().every((count, index) => count > (before[index] ?? 0n)),
        'the target goes on',
      );
    },
    [Symbol.asyncDispose]: async () => {
      memory[Symbol.dispose]();
      await target[Symbol.asyncDispose]();
    },
  };
}

/** Looks until it is so, for at most 20 seconds. */
export async function until(isSo: () => boolean, what: string): Promise<void> {
  const deadline = performance.now() + 20_000;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error(`It never came true that ${what}`);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** The state letters of a process's threads, each once and in order: `RS`. Empty when it is gone. */
export function threadStatesOf(pid: number): string {
  return [...new Set(statusesOf(pid).map((text) => /^State:\t(\S)/mu.exec(text)?.[1]))].sort().join('');
}

/** Tells whether any thread of a process has a tracer. */
export function isTraced(pid: number): boolean {
  return statusesOf(pid).some((text) => /^TracerPid:\t[1-9]/mu.test(text));
}

function statusesOf(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/task`).map((id) =>
      readFileSync(`/proc/${pid}/task/${id}/status`, 'latin1'),
    );
  } catch {
    return [];
  }
}
