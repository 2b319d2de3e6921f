import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { afterEach, describe, expect, test } from 'vitest';
import { type Address, toAddress } from '../../src/base/address.ts';
import { BadArgumentError } from '../../src/base/errors.ts';
import { isResumedCall } from '../../src/platform/interrupted-calls.ts';
import { openProcessMemory, type ProcessMemory } from '../../src/platform/process-memory.ts';
import { pauseProcess } from '../../src/platform/process-pause.ts';
import { nameOfSyscall } from '../../src/platform/syscalls.ts';
import {
  listThreadIds,
  readThreadStat,
  readThreadStatus,
  readThreadSyscall,
} from '../../src/platform/thread-files.ts';
import { until } from '../support/counting-target.ts';
import { PlatformTarget } from '../support/platform-target.ts';
import { expectRefused } from '../support/strangers.ts';

const isRoot = process.getuid?.() === 0;

/** Threads that count in memory that we can look at: `count[i]` of thread i. */
const COUNTING = [
  'import ctypes, mmap, os, signal, sys, threading, time',
  'count = (ctypes.c_uint64 * 64).from_buffer(mmap.mmap(-1, 4096))',
  'def work(i):',
  '  while True: count[i] += 1',
  'def start(n):',
  '  for i in range(n): threading.Thread(target=work, args=(i,), daemon=True).start()',
  'def ready():',
  '  print("ready"); print(ctypes.addressof(count))',
];

/** A signal above SIGRTMIN: each one that is sent is queued. */
const QUEUED_SIGNAL = 35;

/** The handler of the interpreter writes a byte for each signal that it gets; those are counted. */
const SIGNAL_COUNTING = [
  'reader, writer = os.pipe(); os.set_blocking(writer, False); signal.set_wakeup_fd(writer)',
  `signal.signal(${QUEUED_SIGNAL}, lambda *_: None)`,
  'start(2)',
  'def drain():',
  '  while True: count[10] += len(os.read(reader, 65536))',
  'threading.Thread(target=drain, daemon=True).start()',
  'ready()',
  'while True: count[11] += 1',
];

/** Another process of ours, which will be killed while it traces. */
function startTracer(program: string, args: readonly number[]) {
  const command = ['--import', 'tsx', `test/support/${program}`, ...args.map(String)];
  return spawn(process.execPath, command, { stdio: ['ignore', 'pipe', 'inherit'] });
}

afterEach(() => {
  delete process.env['PYFLIGHT_NO_FFI'];
});

/** A target and the counters in its memory. */
class CountingTarget implements AsyncDisposable {
  readonly target: PlatformTarget;
  readonly #memory: ProcessMemory;
  readonly #address: Address;

  constructor(target: PlatformTarget, address: number) {
    this.target = target;
    this.#memory = openProcessMemory(target.pid);
    this.#address = toAddress(address);
  }

  static async start(...program: readonly string[]): Promise<CountingTarget> {
    const target = await PlatformTarget.startPython(...COUNTING, ...program);
    return new CountingTarget(target, Number(await target.nextLine()));
  }

  get pid(): number {
    return this.target.pid;
  }

  get counts(): readonly number[] {
    const bytes = this.#memory.read(this.#address, 512);
    return [...new BigUint64Array(bytes.slice().buffer)].map(Number);
  }

  /** Waits until a counter has reached a value. */
  waitFor(index: number, value: number): void {
    waitUntil(() => (this.counts[index] ?? 0) >= value);
  }

  /** Waits until the target has done something. */
  waitForProgress(index = 0): void {
    this.waitFor(index, (this.counts[index] ?? 0) + 1);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#memory[Symbol.dispose]();
    await this.target[Symbol.asyncDispose]();
  }
}

/** Looks until it is so; a target that hangs fails the test. */
function waitUntil(isSo: () => boolean): void {
  const deadline = performance.now() + 20_000;
  while (!isSo()) {
    if (performance.now() > deadline) throw new Error(`It never came true that ${isSo}`);
  }
}

function statesOf(pid: number): string {
  return listThreadIds(pid)
    .map((threadId) => readThreadStat(pid, threadId)?.state ?? '')
    .join('');
}

/** Whether the main thread sleeps in read(2). */
function isReading(pid: number): boolean {
  const state = readThreadSyscall(pid, pid);
  return state?.kind === 'inside' && nameOfSyscall(state.number) === 'read';
}

function tracersOf(pid: number): readonly (number | undefined)[] {
  return listThreadIds(pid).map((threadId) => readThreadStatus(pid, threadId)?.tracerPid);
}

describe('pauseProcess()', () => {
  test('stops every thread until the resume, which counts once', async () => {
    await using counting = await CountingTarget.start('start(4); ready(); sys.stdin.readline()');
    waitUntil(() => isReading(counting.pid));
    const pause = pauseProcess(counting.pid);
    expect([...pause.threadIds].sort()).toEqual([...listThreadIds(counting.pid)].sort());
    expect(pause.unstoppedThreadIds).toEqual([]);
    // The main thread sleeps in read(2), where it is left.
    expect(pause.sleepingThreadIds).toEqual([counting.pid]);
    expect(statesOf(counting.pid)).toBe('Stttt');
    const before = counting.counts;
    const pausedForNs = pause.pausedForNs;
    for (let round = 0; round < 2000; round += 1) counting.counts.every(Boolean);
    expect(counting.counts).toEqual(before);
    expect(pause.pausedForNs).toBeGreaterThan(pausedForNs);
    pause.resume();
    const totalNs = pause.pausedForNs;
    pause.resume();
    pause[Symbol.dispose]();
    expect(pause.pausedForNs).toBe(totalNs);
    expect(tracersOf(counting.pid)).toEqual([undefined, undefined, undefined, undefined, undefined]);
    for (const index of [0, 1, 2, 3]) counting.waitForProgress(index);
  });

  test('stops threads that are started and end all the time', async () => {
    await using counting = await CountingTarget.start(
      'def churn():',
      '  count[0] += 1',
      '  if len(os.listdir("/proc/self/task")) < 40: threading.Thread(target=churn, daemon=True).start()',
      '  threading.Thread(target=churn, daemon=True).start()',
      'def spawn():',
      '  while True:',
      '    try: churn()',
      '    except RuntimeError: pass',
      'for i in range(3): threading.Thread(target=spawn, daemon=True).start()',
      'ready(); sys.stdin.readline()',
    );
    let mostThreads = 0;
    for (let round = 0; round < 100; round += 1) {
      counting.waitForProgress();
      using pause = pauseProcess(counting.pid);
      // On a machine that is short of CPU one may not have come to its stop within the time that it is given.
      if (pause.unstoppedThreadIds.length > 0) continue;
      const listed = listThreadIds(counting.pid);
      expect(statesOf(counting.pid)).toMatch(/^[St][tZX]+$/u);
      expect(listed.filter((threadId) => !pause.threadIds.includes(threadId))).toEqual([]);
      mostThreads = Math.max(mostThreads, listed.length);
    }
    expect(mostThreads).toBeGreaterThan(4);
    counting.waitForProgress();
  });

  test('loses no signal that a program sends to itself', async () => {
    await using counting = await CountingTarget.start(
      'def handler(*_): count[1] += 1',
      'signal.signal(signal.SIGUSR1, handler)',
      'ready()',
      'for i in range(10000):',
      '  os.kill(os.getpid(), signal.SIGUSR1)',
      '  limit = time.monotonic() + 2',
      '  while count[1] <= i - count[2] and time.monotonic() < limit: pass',
      '  if count[1] <= i - count[2]: count[2] += 1',
      '  count[0] += 1',
      '  for j in range(1000): pass',
      'sys.stdin.readline()',
    );
    let pauses = 0;
    while ((counting.counts[0] ?? 0) < 10_000) {
      using pause = pauseProcess(counting.pid);
      pauses += pause.threadIds.length;
    }
    expect(pauses).toBeGreaterThan(200);
    expect(counting.counts.slice(0, 3)).toEqual([10_000, 10_000, 0]);
  });

  test('leaves the target running, and its signals to it, when we are killed at any moment', async () => {
    await using counting = await CountingTarget.start(...SIGNAL_COUNTING);
    await using sender = await PlatformTarget.startPython(
      'import os, signal, sys, time',
      'print("ready")',
      'for line in sys.stdin:',
      '  for i in range(500):',
      `    os.kill(${counting.pid}, ${QUEUED_SIGNAL})`,
      '    for j in range(300): pass',
      '  print("sent")',
    );
    for (let round = 1; round <= 5; round += 1) {
      const tracer = startTracer('pause-loop.ts', [counting.pid]);
      sender.send('go');
      for (let dots = 0; dots < round; dots += 1) await once(tracer.stdout, 'data');
      tracer.kill('SIGKILL');
      await once(tracer, 'exit');
      await sender.nextLine();
      expect(tracersOf(counting.pid)).toEqual([undefined, undefined, undefined, undefined]);
      counting.waitForProgress(0);
      counting.waitForProgress(11);
      counting.waitFor(10, round * 500);
    }
    expect(counting.counts[10]).toBe(2500);
  });

  test('leaves the target the signal that it is about to get when we are killed', async () => {
    await using counting = await CountingTarget.start(...SIGNAL_COUNTING);
    for (let round = 1; round <= 5; round += 1) {
      const tracer = startTracer('pause-holder.ts', [counting.pid, QUEUED_SIGNAL]);
      await once(tracer.stdout, 'data');
      const states = statesOf(counting.pid);
      // First, since a process cannot be ended while its tracer holds it.
      tracer.kill('SIGKILL');
      await once(tracer, 'exit');
      // The thread that reads the pipe is left asleep when it sleeps.
      expect(states).toMatch(/^t[tS]{3}$/u);
      counting.waitFor(10, round * 100);
    }
    expect(counting.counts[10]).toBe(500);
  });

  test('leaves a process stopped that was stopped before', async () => {
    await using counting = await CountingTarget.start('start(2); ready(); sys.stdin.readline()');
    process.kill(counting.pid, 'SIGSTOP');
    waitUntil(() => statesOf(counting.pid) === 'TTT');
    const before = counting.counts;
    for (let round = 0; round < 50; round += 1) {
      using pause = pauseProcess(counting.pid);
      expect(pause.unstoppedThreadIds).toEqual([]);
      expect(statesOf(counting.pid)).toMatch(/^[Tt]tt$/u);
    }
    waitUntil(() => statesOf(counting.pid) === 'TTT');
    expect(counting.counts).toEqual(before);
    process.kill(counting.pid, 'SIGCONT');
    counting.waitForProgress();
  });

  test('lets a stop and a continue that come meanwhile have their way', async () => {
    await using counting = await CountingTarget.start('start(2); ready(); sys.stdin.readline()');
    for (let round = 0; round < 30; round += 1) {
      const stopped = pauseProcess(counting.pid);
      process.kill(counting.pid, 'SIGSTOP');
      stopped.resume();
      waitUntil(() => statesOf(counting.pid) === 'TTT');
      const continued = pauseProcess(counting.pid);
      process.kill(counting.pid, 'SIGCONT');
      continued.resume();
      counting.waitForProgress();
    }
  });

  test('leaves the parent of a vfork asleep', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'pyflight-pause-'));
    const pipe = join(directory, 'pipe');
    await using counting = await CountingTarget.start(
      `pipe = ${JSON.stringify(pipe)}; os.mkfifo(pipe)`,
      'start(1)',
      'def spawn():',
      '  files = [(os.POSIX_SPAWN_OPEN, 0, pipe, os.O_RDONLY, 0)]',
      '  pid = os.posix_spawn("/bin/true", ["true"], {}, file_actions=files)',
      '  os.waitpid(pid, 0); count[1] += 1',
      'ready()',
      'for i in range(3): spawn()',
      'sys.stdin.readline()',
    );
    for (let round = 1; round <= 3; round += 1) {
      waitUntil(() => readThreadStat(counting.pid, counting.pid)?.state === 'D');
      for (const index of [0, 1]) {
        using pause = pauseProcess(counting.pid);
        expect([index, pause.unstoppedThreadIds, pause.sleepingThreadIds]).toEqual([
          index,
          [],
          [counting.pid],
        ]);
        expect(pause.findAwakened()).toEqual([]);
        expect(Number(pause.pausedForNs)).toBeLessThan(500_000_000);
      }
      writeFileSync(pipe, '');
      while ((counting.counts[1] ?? 0) < round) await new Promise((resolve) => setImmediate(resolve));
    }
    counting.waitForProgress();
    rmSync(directory, { recursive: true });
  });

  test('survives that the target runs another program from another thread', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'pyflight-exec-'));
    const program = join(directory, 'exec.py');
    writeFileSync(
      program,
      [
        'import os, sys, threading',
        'n = int(sys.argv[1])',
        'for i in range(3): threading.Thread(target=threading.Event().wait, daemon=True).start()',
        'if n == 0: print("ready", flush=True)',
        'if n == 12: print("done", flush=True); sys.stdin.readline(); os._exit(0)',
        'def go(): os.execv(sys.executable, [sys.executable, "-S", sys.argv[0], str(n + 1)])',
        'threading.Thread(target=go).start()',
        'threading.Event().wait()',
      ].join('\n'),
    );
    await using target = await PlatformTarget.start('python3', ['-S', program, '0']);
    expect(await target.nextLine()).toBe('ready');
    let lastLine: string | undefined;
    const done = target.nextLine().then((line) => {
      lastLine = line;
    });
    let longestNs = 0n;
    while (lastLine === undefined) {
      const pause = pauseProcess(target.pid);
      expect(statesOf(target.pid)).not.toBe('');
      pause.resume();
      if (pause.pausedForNs > longestNs) longestNs = pause.pausedForNs;
      // Paused all the time, it would hardly get on.
      await setTimeout(2);
    }
    await done;
    expect(lastLine).toBe('done');
    expect(Number(longestNs)).toBeLessThan(900_000_000);
    expect(tracersOf(target.pid).filter((tracer) => tracer !== undefined)).toEqual([]);
    rmSync(directory, { recursive: true });
  });

  test('does not keep a process that is killed meanwhile', async () => {
    await using counting = await CountingTarget.start('start(3); ready(); sys.stdin.readline()');
    const pause = pauseProcess(counting.pid);
    process.kill(counting.pid, 'SIGKILL');
    pause.resume();
    await counting.target.ended();
    expect(() => pauseProcess(counting.pid)).toThrow(
      `Cannot inspect process ${counting.pid}: no such process`,
    );
  });

  test('pauses a process whose main thread has ended, and a child of our own', async () => {
    await using counting = await CountingTarget.start(
      'start(1); ready(); ctypes.CDLL(None).pthread_exit(None)',
    );
    waitUntil(() => statesOf(counting.pid).includes('Z'));
    const pause = pauseProcess(counting.pid);
    expect([pause.threadIds.length, statesOf(counting.pid)]).toEqual([1, 'Zt']);
    pause.resume();
    counting.waitForProgress();

    const child = spawn('cat', { stdio: ['pipe', 'pipe', 'inherit'] });
    for (let round = 0; round < 20; round += 1) {
      pauseProcess(child.pid ?? 0).resume();
      child.stdin.write('x');
      expect(`${(await once(child.stdout, 'data'))[0]}`).toBe('x');
    }
    child.stdin.end();
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  test('says who traces the process already', async () => {
    await using counting = await CountingTarget.start('start(1); ready(); sys.stdin.readline()');
    await using tracer = await PlatformTarget.startPython(
      'import ctypes, sys',
      'libc = ctypes.CDLL(None)',
      `assert libc.ptrace(0x4206, ${listThreadIds(counting.pid)[1]}, None, None) == 0`,
      'print("ready"); __import__("time").sleep(100)',
    );
    expect(() => pauseProcess(counting.pid)).toThrow(
      `Cannot stop process ${counting.pid}: process ${tracer.pid} (python3) is tracing it already`,
    );
    expect(tracersOf(counting.pid)).toEqual([undefined, tracer.pid]);
    counting.waitForProgress();
    // While it still writes that it is ready it is left asleep, and not traced.
    await until(() => {
      const state = readThreadSyscall(tracer.pid, tracer.pid);
      return state?.kind === 'inside' && isResumedCall(state.number);
    }, 'the tracer sleeps');
    expect(() => {
      using outer = pauseProcess(tracer.pid);
      pauseProcess(outer.threadIds[0] ?? 0);
    }).toThrow(`Cannot stop process ${tracer.pid}: process ${process.pid} (`);
    expect(tracersOf(tracer.pid)).toEqual([undefined]);
  });

  test.runIf(isRoot)('says who may not stop it', async () => {
    await expectRefused(pauseProcess);
  });

  test.runIf(process.arch === 'x64')(
    'syscallOf() tells of a thread that stands still what /proc tells',
    async () => {
      await using target = await PlatformTarget.startPython(
        'import select, sys, threading, time',
        'def spin():',
        '  while True: pass',
        'for work in (spin, lambda: time.sleep(1000), threading.Lock().acquire, lambda: select.select([], [], [])):',
        '  threading.Thread(target=work, daemon=True).start()',
        'lock = threading.Lock(); lock.acquire()',
        'threading.Thread(target=lock.acquire, daemon=True).start()',
        'print("ready"); sys.stdin.readline()',
      );
      for (let look = 0; look < 20; look += 1) {
        using pause = pauseProcess(target.pid);
        for (const id of pause.threadIds) {
          expect(pause.syscallOf(id)).toEqual(readThreadSyscall(target.pid, id));
        }
      }
    },
  );

  test('refuses to stop ourselves, and to do without the FFI', async () => {
    expect(() => pauseProcess(process.pid)).toThrow(BadArgumentError);
    await using target = await PlatformTarget.startPython('import sys; print("ready"); sys.stdin.readline()');
    process.env['PYFLIGHT_NO_FFI'] = '1';
    expect(() => pauseProcess(target.pid)).toThrow(
      `Cannot stop process ${target.pid}: the optional package koffi is not installed`,
    );
  });
});
