import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { attach, type Frame, type ThreadStack } from '../../src/api/index.ts';
import { problemsOf } from '../../src/model/snapshot-problems.ts';
import { pauseProcess } from '../../src/platform/process-pause.ts';
import { findInterpreters, firstOfEach } from '../support/interpreters.ts';
import { PlatformTarget } from '../support/platform-target.ts';

const PAUSES = 1000;
const LOOKS = 60;

/** Pauses a process at moments that have nothing to do with what it does. */
async function pauseOften(pid: number, count: number): Promise<void> {
  for (let done = 0; done < count; done += 1) {
    using _ = pauseProcess(pid);
    if (done % 3 === 0) await setTimeout(1);
  }
}

const ORDINARY = findInterpreters().filter(({ root, kind }) => root === undefined && kind !== 'debug');
/** One of each way in which frames are kept. What is delicate of system calls is the same for all that try again by themselves. */
const SOME = firstOfEach(['2.7', '3.8', '3.11', '3.13'], ORDINARY);

/** A thread that polls with a time limit and counts what surprises it; it says so after each line that it hears. */
const POLLING = [
  'import select, sys, threading, time',
  'epoll = select.epoll(); said = {"ended": 0, "interrupted": 0, "late": 0}',
  'def wait():',
  '  while True:',
  '    began = time.time()',
  '    try: epoll.poll(0.04)',
  '    except (IOError, OSError): said["interrupted"] += 1',
  '    said["ended"] += 1',
  '    said["late"] += time.time() - began > 1',
  'thread = threading.Thread(target=wait); thread.daemon = True; thread.start()',
  'print("ready")',
  'for line in iter(sys.stdin.readline, ""): print(" ".join("%s %d" % i for i in sorted(said.items())))',
];

for (const { name, path, family } of ORDINARY)
  test(`pauseProcess() leaves epoll_wait(2) of ${name} alone, and its time limit`, async () => {
    await using target = await PlatformTarget.startUnder(path, ...POLLING);
    // PEP 475: Python 3.5 and later try again by themselves.
    await pauseOften(target.pid, family === '2.7' ? PAUSES : PAUSES / 5);
    target.send('');
    const said = /^ended (\d+) interrupted 0 late 0$/u.exec(await target.nextLine());
    expect(Number(said?.[1])).toBeGreaterThan(1);
  });

for (const { name, path } of SOME)
  test(`snapshot() of native calls leaves epoll_wait(2) of ${name} alone, and unwinds it whole`, async () => {
    await using target = await PlatformTarget.startUnder(path, ...POLLING);
    using inspection = await attach(target.pid);
    for (let look = 0; look < LOOKS; look += 1) {
      const { threads } = inspection.snapshot({ native: 'all-threads' });
      expect(threads.length).toBe(2);
      for (const { native } of threads) expect(native?.cutOff).toBeUndefined();
      await setTimeout(1);
    }
    target.send('');
    const said = await target.nextLine();
    expect(said).toMatch(/^ended \d+ interrupted 0 late 0$/u);
  });

const hasCompiler = spawnSync('gcc', ['--version']).status === 0;

describe.skipIf(!hasCompiler)(`a C program${hasCompiler ? '' : ' (no gcc)'}`, () => {
  const directory = mkdtempSync(join(tmpdir(), 'pyflight-calls-'));
  const program = join(directory, 'blocking-calls');
  beforeAll(() => {
    const source = fileURLToPath(new URL('../programs/blocking-calls.c', import.meta.url));
    expect(spawnSync('gcc', ['-O1', '-pthread', '-o', program, source]).status).toBe(0);
  });
  afterAll(() => rmSync(directory, { recursive: true }));

  test('pauseProcess() makes no blocking call fail with EINTR', async () => {
    await using target = await PlatformTarget.start(program, []);
    expect(await target.nextLine()).toBe('ready');
    await pauseOften(target.pid, 2 * PAUSES);
    target.send('');
    const results = new Map<string, { readonly rounds: number; readonly surprises: number }>();
    for (let line = await target.nextLine(); line !== 'end'; line = await target.nextLine()) {
      const [, name = '', rounds, surprises] = /^(.+): (\d+) (\d+)$/u.exec(line) ?? [];
      results.set(name, { rounds: Number(rounds), surprises: Number(surprises) });
    }
    target.send('q');
    await target.ended();
    expect(results.size).toBe(11);
    for (const [name, { rounds, surprises }] of results) {
      expect(`${name}: ${rounds}`).toMatch(/: \d{2,}$/u);
      // A stop that comes in the microseconds in which the thread copies a part cannot be taken back.
      if (name === 'write of much' || name === 'recv of all') expect(surprises).toBeLessThan(PAUSES / 4);
      else expect(`${name}: ${surprises} surprises`).toBe(`${name}: 0 surprises`);
    }
  });
});

/** The numbers that the frames of the thread got as their argument, innermost first, without the module's frames. */
function numbersIn({ frames }: ThreadStack): readonly (string | undefined)[] {
  return frames.filter(({ name }) => name === 'outer' || name === 'inner').map(numberIn);
}

function numberIn({ variables }: Frame): string | undefined {
  const view = variables?.find(({ name }) => name === 'number')?.value;
  return view?.kind === 'int' ? String(view.value) : undefined;
}

for (const { name, path } of SOME)
  test(`snapshot() of ${name} is in one piece while another process wakes its threads`, async () => {
    await using target = await PlatformTarget.startUnder(
      path,
      'import os, signal, sys, threading, time',
      'source, sink = os.pipe(); parent = os.getpid()',
      'def inner(number): os.read(source, 1)',
      'def outer(number): inner(number)',
      'def read():',
      '  number = 0',
      '  while True:',
      '    number += 1; outer(number)',
      'if os.fork() == 0:',
      '  while os.getppid() == parent:',
      '    os.write(sink, b"x"); time.sleep(0.0004)',
      '  os._exit(0)',
      'thread = threading.Thread(target=read, name="reader"); thread.daemon = True; thread.start()',
      'print("ready"); sys.stdin.readline()',
    );
    using inspection = await attach(target.pid);
    const seen = new Set<string | undefined>();
    let torn = 0;
    for (let look = 0; look < LOOKS; look += 1) {
      const snapshot = inspection.snapshot({ locals: true });
      const reader = snapshot.threads.find(({ pythonName }) => pythonName === 'reader');
      await setTimeout(1);
      if (problemsOf(snapshot).some(({ kind }) => kind === 'torn-thread')) torn += 1;
      else if (reader !== undefined) {
        const numbers = numbersIn(reader);
        expect(new Set(numbers).size).toBeLessThanOrEqual(1);
        seen.add(numbers[0]);
      }
    }
    expect(torn).toBeLessThan(LOOKS / 20);
    expect(seen.size).toBeGreaterThan(LOOKS / 4);
  });
