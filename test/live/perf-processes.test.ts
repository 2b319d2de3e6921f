import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startSampling } from '../../src/api/index.ts';
import { mayBeTooEarly } from '../../src/base/may-be-too-early.ts';
import { readThreadLabels } from '../../src/inspect/current-threads.ts';
import { readSearchPath } from '../../src/inspect/search-path.ts';
import { FrameTable } from '../../src/profile/frame-table.ts';
import { SampleTable } from '../../src/profile/sample-table.ts';
import { StackTree } from '../../src/profile/stack-tree.ts';
import { type FamilyPlan, ProcessFamily } from '../../src/sampling/process-family.ts';
import type { ProfileTables } from '../../src/sampling/sampled-process.ts';
import { ThreadPlaces } from '../../src/sampling/thread-places.ts';
import { type LiveTarget, openTarget } from '../../src/target/live-target.ts';
import { RunningProgram } from '../../src/target/running-program.ts';
import { runPyflight } from '../support/command-line.ts';
import { threadStatesOf } from '../support/counting-target.ts';
import { findInterpreters } from '../support/interpreters.ts';
import { PlatformTarget } from '../support/platform-target.ts';
import { ProfileServer } from '../support/profile-server.ts';
import { RunningPerf } from '../support/running-perf.ts';
import { FollowedSampling } from '../support/sampled-windows.ts';
import { violations } from '../support/schemas.ts';
import { startTarget, type Target } from '../support/target.ts';

const directory = mkdtempSync(join(tmpdir(), 'pyflight-processes-'));
const RAW = ['--format', 'collapsed', '-f', '-'];
const AS_NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];

// How processes are found and told is the same for every version.
const [newest] = findInterpreters()
  .filter(({ root }) => root === undefined)
  .slice(-1);

afterAll(() => rmSync(directory, { recursive: true }));

describe.runIf(newest !== undefined)('perf --subprocesses', () => {
  let target: Target;

  beforeAll(async () => {
    if (newest !== undefined) target = await startTarget(newest, 'family.py', { args: ['8'] });
  });
  afterAll(() => target.stop());

  const perf = async (...words: readonly string[]) =>
    await runPyflight(['perf', String(target.pid), '-s', '--idle', '-d', '0.5', ...words]);

  test('puts below each stack the process that it is of, and those that have started that one', async () => {
    const { status, out, notes } = await perf(...RAW);
    expect([status, notes]).toEqual([0, expect.stringMatching(/^processes {4}12 sampled$/m)]);
    const root = `process ${target.pid}:"[^;]*family\\.py 8"`;
    const below = (...frames: readonly string[]) => new RegExp(`^${frames.join(';')}`, 'm');
    expect(out).toMatch(below(root, '<module> .*announce'));
    expect(out).toMatch(below(root, 'process \\d+:"[^;]*family\\.py 8"', '<module> .*forked'));
    expect(out).toMatch(below(root, 'process \\d+:"[^;]*in_shell \\d+"', '<module> .*in_shell'));
    expect(out).toMatch(
      below(root, 'process \\d+:"[^;]*"', 'process \\d+:"[^;]*in_shell \\d+"', '<module> .*grandchild'),
    );
  });

  test('--merge puts all processes together', async () => {
    const { out } = await perf(...RAW, '--merge', '-F');
    expect(out).not.toContain('process ');
    const looks = Number(/forked [^;]*;stay [^;]* (\d+)$/m.exec(out)?.[1]);
    const ofOne = Number(/in_shell [^;]*;stay [^;]* (\d+)$/m.exec(out)?.[1]);
    expect(looks / ofOne).toBeGreaterThan(7);
  });

  test('formats that tell processes apart by themselves get no frames for them', async () => {
    const file = join(directory, 'all.speedscope.json');
    const { out } = await perf('-f', file, '--json');
    const document = JSON.parse(out);
    expect(violations('profile', document)).toEqual([]);
    expect(document.account).toMatchObject({ sampledProcesses: 12, unreadProcesses: [] });
    const { profiles, shared } = JSON.parse(readFileSync(file, 'utf8'));
    expect(profiles.map(({ name }: { readonly name: string }) => name)).toContain(
      `process ${target.pid}, thread (${target.pid}): MainThread`,
    );
    expect(JSON.stringify(shared)).not.toContain('process ');
  });

  test('--thread waits for a name that no thread has yet', async () => {
    const { status, notes } = await perf(...RAW, '--thread', 'nobody');
    expect([status, notes]).toEqual([7, expect.stringContaining('samples      0')]);
  });

  test('who kills it leaves all processes as they were', async () => {
    await using server = await ProfileServer.start();
    const perf = new RunningPerf([String(target.pid), '-s', '--idle', '-r', '5000', ...server.words]);
    await server.untilMore();
    await perf.end('SIGKILL');
    const family = membersOf(target.pid);
    expect(family.length).toBe(13);
    for (const pid of family) {
      expect(threadStatesOf(pid)).toMatch(/^[SR]$/);
      expect(readFileSync(`/proc/${pid}/status`, 'utf8')).toMatch(/^TracerPid:\t0$/m);
    }
  });
});

describe.runIf(newest !== undefined)('record --subprocesses', () => {
  const [command = '', ...more] = newest?.command ?? [];
  const record = async (...words: readonly string[]) =>
    await runPyflight(['record', '-s', '-F', '-f', 'raw', '-o', '-', '--', ...words]);

  test('samples the Python that a shell runs', async () => {
    const program = 'import time\nwhile time.process_time() < 0.5: sum(range(1000))';
    const { status, out } = await record('sh', '-c', `${command} ${more.join(' ')} -c "${program}"; true`);
    expect([status, out]).toEqual([0, expect.stringMatching(/^<module> .*\d+$/m)]);
  });

  test('says that there is no Python among them', async () => {
    const { status, notes } = await record('sh', '-c', 'sleep 0.2');
    expect([status, notes]).toEqual([
      3,
      expect.stringContaining('error: Cannot sample sh: it ended, with status 0, before it was looked at\n'),
    ]);
  });
});

describe('startSampling()', () => {
  const FAMILY = { mode: 'wall', rateHz: 200, subprocesses: true } as const;

  test('goes on with what a process leaves behind when it ends', async () => {
    const flag = join(directory, 'child-is-wanted');
    writeFileSync(flag, '');
    await using root = await PlatformTarget.startPython(
      'import os, sys, time',
      'def left_behind():',
      `  while os.path.exists(${JSON.stringify(flag)}): time.sleep(0.01)`,
      '  os._exit(0)',
      'print("ready")',
      'if os.fork() == 0: left_behind()',
      'sys.stdin.readline()',
    );
    const sampling = startSampling(root.pid, FAMILY);
    const family = new FollowedSampling(sampling);
    await family.untilSeen('left_behind');
    root.send('end');
    await root.ended();
    const { sweeps } = sampling.progress;
    await family.until(() => sampling.progress.sweeps > sweeps + 10);
    rmSync(flag);
    expect((await family.end('wait')).account).toMatchObject({
      endedBecause: 'target-ended',
      sampledProcesses: 2,
    });
  });

  test('ends when the only process begins another program than Python, and says so', async () => {
    await using target = await PlatformTarget.startPython(
      'import os, sys',
      'print("ready"); sys.stdin.readline(); os.execvp("sleep", ["sleep", "1000"])',
    );
    const sampling = new FollowedSampling(startSampling(target.pid, { ...FAMILY, subprocesses: false }));
    await sampling.untilSeen('<module>');
    target.send('become sleep');
    const { account } = await sampling.end('wait');
    expect(account).toMatchObject({ endedBecause: 'target-replaced', sampledProcesses: 1 });
  });

  test('counts a process once that began another program while it was opened', async () => {
    await using target = await PlatformTarget.startPython(
      'import os, signal, sys, time',
      'again = [sys.executable, "-S", "-c", "import time; time.sleep(1000)"]',
      'signal.signal(signal.SIGUSR1, lambda *_: os.execv(sys.executable, again))',
      'print("ready"); time.sleep(1000)',
    );
    const open = (pid: number): LiveTarget => {
      const before = new RunningProgram(pid);
      process.kill(pid, 'SIGUSR1');
      while (before.readFate() === 'goes-on');
      return openedSoon(pid);
    };
    const opens = [open];
    const readers = {
      open: (pid: number) => (opens.pop() ?? openedSoon)(pid),
      readLabels: readThreadLabels,
      readSearchPath,
    };
    let nowNs = 0;
    using family = new ProcessFamily(target.pid, emptyTables(), { plan: PLAN, readers, nowNs: () => nowNs });
    for (let look = 0; look < 10; look += 1) {
      nowNs += 50e6;
      family.tend(nowNs);
    }
    expect(family.profiled.map(({ commandLine }) => commandLine.at(-1))).toEqual([
      'import time; time.sleep(1000)',
    ]);
  });

  test('finds the Python that a shell starts later', async () => {
    const program = [
      'import os, time',
      'def compute():',
      '  shell = os.getppid()',
      '  while os.getppid() == shell: time.sleep(0.01)',
      'compute()',
    ];
    const script = 'read line; python3 -c "$0"; true';
    await using shell = await PlatformTarget.start('sh', ['-c', script, program.join('\n')]);
    const family = new FollowedSampling(startSampling(shell.pid, FAMILY));
    shell.send('go on');
    await family.untilSeen('compute');
    expect((await family.end()).processes).toHaveLength(1);
  });
});

describe('perf', () => {
  let target: PlatformTarget;

  beforeEach(async () => {
    target = await PlatformTarget.startPython(
      'import os, sys, threading, time',
      'threading.Thread(target=time.sleep, args=(1000,), name="sleeper", daemon=True).start()',
      'ended = os.fork()',
      'if ended == 0: os._exit(0)',
      'os.waitid(os.P_PID, ended, os.WEXITED | os.WNOWAIT)',
      'print("ready"); print(ended, flush=True)',
      'sys.stdin.readline()',
    );
  });
  afterEach(() => target[Symbol.asyncDispose]());

  const perf = async (...words: readonly string[]) =>
    await runPyflight(['perf', String(target.pid), ...RAW, '-d', '0.3', ...words]);

  test('--thread with a name that no thread has says what stack --thread says', async () => {
    const { status, out, notes } = await perf('--thread', 'nobody');
    const stack = await runPyflight(['stack', String(target.pid), '--thread', 'nobody']);
    expect([status, out, stack.status]).toEqual([7, '', 7]);
    expect(notes).toContain(stack.notes);
    expect(notes).toMatch(/^error: Cannot show thread nobody: the process has .*\(sleeper\)/m);
  });

  test.each([['sleeper'], ['its id']])('--thread takes a thread by %s', async (name) => {
    const id = readdirSync(`/proc/${target.pid}/task`).find((each) => each !== String(target.pid)) ?? '';
    const { status, out } = await perf('--idle', '--thread', name === 'its id' ? id : name);
    expect(status).toBe(0);
    expect(out).not.toContain('<module>');
    expect(out.trimEnd().split('\n')).toHaveLength(1);
  });

  test('a child that is a zombie is none, and refused on its own', async () => {
    const zombie = await target.nextLine();
    const { status, notes } = await perf('-s', '--idle');
    expect([status, notes]).toEqual([0, expect.not.stringContaining('processes')]);
    const alone = await runPyflight(['perf', zombie, ...RAW]);
    expect([alone.status, alone.notes]).toEqual([
      3,
      expect.stringMatching(/^error: .* it is a zombie, .*\n/),
    ]);
  });

  test('a process that is stopped is seen where it stands, and never on a CPU', async () => {
    process.kill(target.pid, 'SIGSTOP');
    const [idle, cpu] = [await perf('--idle'), await perf()];
    expect([idle.status, cpu.status]).toEqual([0, 7]);
    expect(idle.out).toMatch(/^<module> \(<string>:\d+\) \d+$/m);
    expect(threadStatesOf(target.pid)).toMatch(/^T+$/);
  });

  test.runIf(process.getuid?.() === 0)(
    'a child that may not be read is told of, and costs only itself',
    async () => {
      await using root = await PlatformTarget.start(AS_NOBODY[0] ?? '', [
        ...AS_NOBODY.slice(1),
        '/usr/bin/python3',
        '-c',
        [
          'import ctypes, os, sys, time',
          'child = os.fork()',
          'if child == 0:',
          '  ctypes.CDLL(None).prctl(4, 0)',
          '  os.write(1, b"ready\\n")',
          '  while os.getppid() != 1: time.sleep(0.02)',
          '  os._exit(0)',
          'print(child, flush=True)',
          'sys.stdin.readline()',
        ].join('\n'),
      ]);
      const { out, notes } = await runPyflight(
        ['perf', String(root.pid), '-s', '--idle', ...RAW, '-d', '0.5'],
        { through: AS_NOBODY },
      );
      expect(notes).toMatch(/^processes {4}1 sampled, 1 not: Cannot inspect process \d+: /m);
      expect(out).toMatch(/^<module>/m);
    },
  );
});

/** What a sampler notes of a family of processes. */
const PLAN: FamilyPlan = {
  withChildren: false,
  threadMayCome: true,
  mode: 'wall',
  thread: undefined,
  tasks: undefined,
  withGc: false,
  isBlocking: false,
  sharesCpu: false,
  withNative: false,
};

function emptyTables(): ProfileTables {
  return {
    frames: new FrameTable(),
    stacks: new StackTree(),
    places: new ThreadPlaces(),
    samples: new SampleTable(),
    pending: undefined,
  };
}

/** Opens a process as soon as there is a Python in it. */
function openedSoon(pid: number): LiveTarget {
  for (;;) {
    try {
      return openTarget(pid);
    } catch (error) {
      if (!mayBeTooEarly(error)) throw error;
    }
  }
}

/** A process and all that it has started. */
function membersOf(pid: number): readonly number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean);
  return [pid, ...children.flatMap((child) => membersOf(Number(child)))];
}
