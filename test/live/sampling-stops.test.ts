import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attach, startProgram, startSampling } from '../../src/api/index.ts';
import { pauseProcess } from '../../src/platform/process-pause.ts';
import { listThreadIds, readThreadStat } from '../../src/platform/thread-files.ts';
import { ThreadStops } from '../../src/platform/thread-pause.ts';
import { runPyflight } from '../support/command-line.ts';
import {
  type CountingTarget,
  isTraced,
  startCounting,
  threadStatesOf,
  until,
} from '../support/counting-target.ts';
import { findInterpreters } from '../support/interpreters.ts';
import { describeInterpreters, describeScene } from '../support/matrix.ts';
import { countLooks, seenStacks } from '../support/profile-shares.ts';

/** How often a sampler is killed: each time at another moment of its sweeps. */
const KILLS = 3;

/** Samples the process of the first argument with the options of the second for ever, and says by a dot that it goes on. */
const SAMPLER = `
import { startSampling } from '${new URL('../../dist/index.js', import.meta.url)}';
const [pid, options] = process.argv.slice(1);
const sampling = startSampling(Number(pid), { rateHz: 500, ...JSON.parse(options) });
while (sampling.progress.sweeps < 20) await new Promise((resolve) => setTimeout(resolve, 1));
process.stdout.write('.');
await sampling.ended;`;

/** A program that computes until there is a file. */
const COMPUTING = `
import os, sys
while not os.path.exists(sys.argv[1]): sum(range(1000))
sys.exit(3)`;

describeInterpreters('2.7', (interpreter) => {
  describeScene({ interpreter, program: 'sampled.py' }, (scene) => {
    test('no stack of a thread that stands still for it is torn, however short its calls are', async () => {
      scene().target.say('recurse');
      await scene().target.next();
      const plan = { blocking: true, rateHz: 1000, sweeps: 300, mode: 'wall', thread: 'computer' } as const;
      const { account, ...profile } = await startSampling(scene().truth.pid, plan).ended;
      const stacks = seenStacks({ account, ...profile });
      const mixed = countLooks(stacks, ({ calls }) => calls.includes('odd') && calls.includes('even'));
      expect([mixed, account.pausedNs > 0]).toEqual([0, true]);
      // It may wait for the GIL when a sweep begins, and so be asleep, and wake in the middle of it.
      expect(account.tornSamples + account.unsteadySamples).toBeLessThan(0.05 * account.samples);
    });
  });
});

// What follows is the same for every version.
const [newest] = findInterpreters()
  .filter(({ root }) => root === undefined)
  .slice(-1);
const [python = ''] = newest?.command ?? [];

// include/uapi/linux/sched.h
const SCHED_OTHER = 0;
const SCHED_FIFO = 1;
/** include/uapi/linux/capability.h */
const CAP_SYS_NICE = 23n;
const capabilities = /^CapEff:\s*([\da-f]+)$/mu.exec(readFileSync('/proc/self/status', 'latin1'))?.[1] ?? '0';
const mayRunFirst = newest !== undefined && ((BigInt(`0x${capabilities}`) >> CAP_SYS_NICE) & 1n) === 1n;

describe.runIf(newest !== undefined)('a program whose threads are stopped for samples', () => {
  let target: CountingTarget;

  beforeAll(async () => {
    target = await startCounting(python);
  });
  afterAll(() => target[Symbol.asyncDispose]());

  for (const options of [{ blocking: true }, { native: true, mode: 'wall' }])
    test(`goes on when a sampler with ${JSON.stringify(options)} is killed`, async () => {
      for (let kill = 0; kill < KILLS; kill += 1) {
        await killTracer(target.pid, options, kill);
        await until(() => !isTraced(target.pid), 'nobody traces it');
        await target.untilAllProgress();
        expect(threadStatesOf(target.pid)).not.toMatch(/[tT]/u);
      }
    });

  test('stays stopped by a signal, and goes on when that says so', async () => {
    process.kill(target.pid, 'SIGSTOP');
    await until(() => threadStatesOf(target.pid) === 'T', 'it is stopped');
    await killTracer(target.pid, { native: true, mode: 'wall' }, 0);
    await until(() => !isTraced(target.pid), 'nobody traces it');
    expect(threadStatesOf(target.pid)).toBe('T');
    process.kill(target.pid, 'SIGCONT');
    await target.untilAllProgress();
  });

  test('is not held up by a thread that cannot stop, which runs on as soon as it can', async () => {
    const directory = mkdtempSync(join(tmpdir(), 'pyflight-sampling-stops-'));
    const pipe = join(directory, 'pipe');
    target.target.send(`os.mkfifo(${JSON.stringify(pipe)})`);
    // The child of a vfork(2) waits for the other end of the pipe, and its parent for that, uninterruptibly.
    const files = `[(os.POSIX_SPAWN_OPEN, 0, ${JSON.stringify(pipe)}, os.O_RDONLY, 0)]`;
    target.target.send(`os.posix_spawn("/bin/true", ["true"], {}, file_actions=${files}); print("spawned")`);
    await until(() => readThreadStat(target.pid, target.pid)?.state === 'D', 'it waits for its child');
    const [main, ...others] = listThreadIds(target.pid);
    using stops = new ThreadStops(target.pid);
    for (let pause = 0; pause < 2; pause += 1) {
      using paused = stops.pause([main ?? 0, ...others]);
      expect([...paused.threadIds].sort()).toEqual([...others].sort());
    }
    writeFileSync(pipe, '');
    expect(await target.target.nextLine()).toBe('spawned');
    await until(() => !isTraced(target.pid), 'nobody traces it');
    await target.untilAllProgress();
    rmSync(directory, { recursive: true });
  });

  test.runIf(mayRunFirst)(
    'does not wait for a CPU that we wait for: we run before others until it runs on',
    () => {
      using stops = new ThreadStops(target.pid);
      const policies = [ownPolicy()];
      const paused = stops.pause(listThreadIds(target.pid));
      policies.push(ownPolicy());
      paused.resume();
      policies.push(ownPolicy());
      expect(policies).toEqual([SCHED_OTHER, SCHED_FIFO, SCHED_OTHER]);
    },
  );

  test('is not sampled so while somebody else traces it: the error says what to type', async () => {
    const pid = String(target.pid);
    using _ = pauseProcess(target.pid);
    const { status, notes } = await runPyflight([
      'perf',
      pid,
      '--native',
      '-d',
      '1',
      '-f',
      '-',
      '--format',
      'raw',
    ]);
    expect([status, notes]).toEqual([
      4,
      [
        `error: Cannot stop process ${pid}: process ${process.pid} (node) is tracing it already`,
        '  A process has one tracer at a time: end that debugger, or read without stopping the process:',
        `  pyflight perf ${pid}`,
        '',
      ].join('\n'),
    ]);
  });
});

test.runIf(newest !== undefined)(
  'a program that was started for it is not taken to have ended at a stop',
  async () => {
    const directory = mkdtempSync(join(tmpdir(), 'pyflight-sampling-stops-'));
    using program = await startProgram(python, ['-c', COMPUTING, join(directory, 'end')]);
    let hasEnded = false;
    void program.ended.then(() => {
      hasEnded = true;
    });
    await untilPython(program.pid);
    const sampling = startSampling(program.pid, { blocking: true, rateHz: 2000 });
    while (sampling.progress.sweeps < 100) await wait(1);
    expect(hasEnded).toBe(false);
    writeFileSync(join(directory, 'end'), '');
    expect(await program.ended).toBe(3);
    const { account } = await sampling.ended;
    expect([account.endedBecause, account.pausedNs > 0]).toEqual(['target-ended', true]);
    rmSync(directory, { recursive: true });
  },
);

/** How the kernel schedules the thread that asks (proc_pid_stat(5), field 41). */
function ownPolicy(): number {
  const fields = readFileSync('/proc/thread-self/stat', 'latin1')
    .replace(/^.*\) /u, '')
    .split(' ');
  return Number(fields[38]);
}

/** Waits until there is an interpreter in a process that has just been started. */
async function untilPython(pid: number): Promise<void> {
  for (;;) {
    try {
      (await attach(pid, { native: false }))[Symbol.dispose]();
      return;
    } catch {
      await wait(5);
    }
  }
}

/** Kills a sampler some milliseconds after it has begun. */
async function killTracer(pid: number, options: object, milliseconds: number): Promise<void> {
  const words = ['--input-type=module', '-e', SAMPLER, String(pid), JSON.stringify(options)];
  const tracer = spawn(process.execPath, words, { stdio: ['ignore', 'pipe', 'inherit'] });
  const ended = once(tracer, 'exit');
  const [said] = await Promise.race([once(tracer.stdout, 'data'), ended]);
  await wait(milliseconds);
  tracer.kill('SIGKILL');
  await ended;
  expect(String(said)).toBe('.');
}
