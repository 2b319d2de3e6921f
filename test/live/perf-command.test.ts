import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PYFLIGHT_PROGRAM, runPyflight } from '../support/command-line.ts';
import { findInterpreters, firstOfEach } from '../support/interpreters.ts';
import { describeScene, isSince } from '../support/matrix.ts';
import { ProfileServer } from '../support/profile-server.ts';
import { RunningPerf } from '../support/running-perf.ts';
import { violations } from '../support/schemas.ts';
import { startTarget, type Target } from '../support/target.ts';

const directory = mkdtempSync(join(tmpdir(), 'pyflight-perf-'));
const file = (name: string): string => join(directory, name);

afterAll(() => rmSync(directory, { recursive: true }));

/** A program that computes for a while and ends: for so long on a CPU, so that it is there longer where we are slower. */
const SHORT = `
import sys, time
def compute(seconds):
    while time.process_time() < seconds:
        sum(range(1000))
compute(0.6)
sys.stdout.write(repr(sys.argv[1:]) + "\\n")
sys.exit(3)
`;

/** What has to be done when Ctrl-C ends it takes until it is told to go on. */
const KEEPING = `
import sys
try:
    while True:
        sum(range(1000))
except KeyboardInterrupt:
    sys.stdout.write("kept " + sys.stdin.readline())
`;

describe.each(firstOfEach(['2.7', '3.11', '3.15']))('CPython $name', (interpreter) => {
  describeScene({ interpreter, program: 'sampled.py' }, (scene) => {
    test('perf writes where the time goes, and says how it came about', async () => {
      const pid = String(scene().truth.pid);
      const words = ['perf', pid, '-d', '0.4', '-r', '500', '--gc', '-f', '-', '--format', 'collapsed'];
      const { status, out, notes } = await runPyflight(words);
      const said = isSince(interpreter, '3.7')
        ? ''
        : 'CPython \\S+( debug)? does not show from outside when it collects garbage: --gc marks nothing\n';
      expect([status, notes]).toEqual([
        0,
        expect.stringMatching(new RegExp(`^${said}measured {5}time on a CPU\n`)),
      ]);
      for (const line of out.trimEnd().split('\n')) expect(line).toMatch(/^\S.*(\)|<GC>) \d+$/);
      expect(out).toMatch(/compute \(sampled\.py:\d+\);(heavy|medium|light) \(sampled\.py:\d+\)/);
      expect(out).not.toContain('time.sleep');
    });
  });
});

// What follows is the same for every version.
const [newest] = findInterpreters()
  .filter(({ root }) => root === undefined)
  .slice(-1);

describe.runIf(newest !== undefined)('on a process', () => {
  let target: Target;

  beforeAll(async () => {
    if (newest !== undefined) target = await startTarget(newest, 'sampled.py');
  });
  afterAll(() => target.stop());

  const pid = (): string => String(target.pid);

  test('perf writes every format by the ending of the file, and leaves nothing else there', async () => {
    const names = [
      'a.svg',
      'a.html',
      'a.txt',
      'a.speedscope.json',
      'a.pb.gz',
      'a.gecko.json',
      'a.trace.json',
      'a.md',
    ];
    await runPyflight(['perf', pid(), '-d', '0.2', '-f', file('a.pyflight')]);
    for (const name of names) {
      const { status, notes } = await runPyflight(['convert', file('a.pyflight'), '-f', file(name)]);
      expect([status, notes]).toEqual([0, `written to ${file(name)}\n`]);
      expect(readFileSync(file(name)).length).toBeGreaterThan(100);
    }
    expect(readdirSync(directory).toSorted()).toEqual(['a.pyflight', ...names].toSorted());
  });

  test('record has py-spy’s letters, and names its file by the format that py-spy calls so', async () => {
    const words = ['record', '--pid', pid(), '-d', '0.1', '-ig', '--nonblocking', '-f', 'flamegraph'];
    const within = ['sh', '-c', 'cd "$0" && exec "$@"', directory];
    const { notes } = await runPyflight(words, { through: within });
    expect(notes).toMatch(/^measured {5}time with the GIL\n/);
    const [, name = ''] = /written to (\d+-[\dT:-]+\.svg)\n$/.exec(notes) ?? [];
    expect(readFileSync(file(name), 'utf8')).toContain('<svg');
    rmSync(file(name));
  });

  test('what is no text goes to standard output byte by byte', async () => {
    const recorded = file('bytes.pyflight');
    await runPyflight(['perf', pid(), '-d', '0.2', '-f', recorded]);
    const intoFile = ['sh', '-c', `exec "$@" >${file('piped')}`, 'sh'];
    const piped = ['convert', recorded, '--format', 'pyflight', '-f', '-'];
    await runPyflight(piped, { through: intoFile });
    expect(readFileSync(file('piped')).equals(readFileSync(recorded))).toBe(true);
  });

  test('perf --json is what its schema says', async () => {
    const { out } = await runPyflight([
      'perf',
      pid(),
      '-d',
      '0.2',
      '-f',
      file('j.svg'),
      '--json',
      '--idle',
      '-t',
    ]);
    const document = JSON.parse(out);
    expect(violations('profile', document)).toEqual([]);
    // As long as was asked, and not until the last look.
    expect(document.account.durationNs).toBeGreaterThanOrEqual(2e8);
  });

  test.each([
    ['SIGINT', 0],
    ['SIGTERM', 143],
  ] as const)('%s ends it, and what was collected is written', async (signal, status) => {
    const path = file(`${signal}.txt`);
    await using server = await ProfileServer.start();
    const perf = new RunningPerf([pid(), '-f', path, ...server.words]);
    await server.untilMore();
    expect((await perf.end(signal)).status).toBe(status);
    expect(readFileSync(path, 'utf8')).toContain('compute (sampled.py');
  });

  test('who kills it leaves the process as it was', async () => {
    await using server = await ProfileServer.start();
    const perf = new RunningPerf([pid(), '-f', file('killed.svg'), '-r', '5000', ...server.words]);
    await server.untilMore();
    await perf.end('SIGKILL');
    expect(existsSync(file('killed.svg'))).toBe(false);
    target.say('are you there?');
    expect((await target.next()).pid).toBe(target.pid);
    expect(readFileSync(`/proc/${pid()}/status`, 'utf8')).toMatch(/^State:\t[SR]/m);
    expect(readFileSync(`/proc/${pid()}/status`, 'utf8')).toMatch(/^TracerPid:\t0$/m);
  });

  test('--same-cpu is refused beside what stops threads', async () => {
    for (const other of ['--blocking', '--native']) {
      const { status, notes } = await runPyflight(['perf', pid(), '--same-cpu', other]);
      expect([status, notes]).toEqual([
        2,
        expect.stringMatching(/^error: Cannot look from the CPU of threads that are stopped: /),
      ]);
    }
  });

  test.runIf(availableParallelism() > 1)('--same-cpu says so where pyflight may not run on all CPUs', () => {
    const allowed = /^Cpus_allowed_list:\s*(\d+)/m.exec(readFileSync('/proc/self/status', 'utf8'));
    const words = ['-c', allowed?.[1] ?? '0', process.execPath, PYFLIGHT_PROGRAM];
    words.push('perf', pid(), '--same-cpu', '-f', file('elsewhere.svg'));
    const { status, stderr } = spawnSync('taskset', words, { encoding: 'utf8' });
    expect([status, stderr]).toEqual([
      2,
      expect.stringContaining('it may run on CPUs that pyflight may not (taskset -p tells which)'),
    ]);
  });

  test('pyflame has Pyflame’s lines, dumps and flame charts', async () => {
    const line = /^(?:[^:;]+:[^:;]+:\d+;)*[^:;]+:[^:;]+:\d+ \d+$/;
    const profile = await runPyflight(['pyflame', '-s', '0.3', '-x', '-p', pid()]);
    expect([profile.status, profile.notes]).toEqual([0, '']);
    for (const text of profile.out.trimEnd().split('\n')) expect(text).toMatch(line);
    const dump = await runPyflight(['pyflame', '-d', pid()]);
    expect(dump.out).toMatch(/^\d+\*?:\n.*:\w+:\d+\n/);
    const chart = await runPyflight(['pyflame', '--flamechart', '--threads', '-s', '0.1', pid()]);
    expect(chart.out).toMatch(/^\d{16}\n(?:[^:;]+:[^:;]+:\d+;)+\n/);
    const once = await runPyflight(['pyflame', '--threads', '-s', '0', pid()]);
    const counts = once.out
      .trimEnd()
      .split('\n')
      .map((text) => Number(text.split(' ').at(-1)));
    expect(counts.reduce((sum, count) => sum + count, 0)).toBe(22);
    expect(once.out).not.toContain('(failed)');
    // Functions have one name, in profiles as in dumps.
    for (const { out } of [profile, dump, chart, once]) expect(out).not.toMatch(/:\w+\.[\w.<>]+:\d+/);
  });

  test.each([
    [['perf', 'PID', '-r', '0'], 'Cannot use 0 as hertz'],
    [['perf', 'PID', '-r', '1000000'], 'Cannot use 1000000 as hertz'],
    [['perf', 'PID', '-d', '0'], 'Cannot use 0 as a time'],
    [
      ['perf', 'PID', '-f', 'out.unknown'],
      'Cannot write a profile as out.unknown: the formats are svg (.svg)',
    ],
    [
      ['perf', 'PID', '-f', '/nowhere/out.svg'],
      'Cannot write /nowhere/out.svg: its directory does not exist',
    ],
    [['perf', 'PID', '--include', 'std::*,modul:shop'], 'Cannot use modul:shop as a pattern'],
    [['record', '--pid', 'PID', '--', 'python3'], 'Cannot sample two things'],
    [['record'], 'Cannot sample nothing'],
    [['record', '--', '/nowhere/python'], 'Cannot start /nowhere/python: no such file'],
    [['record', '--', 'false'], 'Cannot sample false: it ended, with status 1, before it was looked at'],
    [['pyflame'], 'Cannot tell what to sample'],
    [['pyflame', '-d', '-t', 'python3'], 'Cannot use -t with -p or -d'],
    [
      ['convert', PYFLIGHT_PROGRAM],
      `Cannot read ${PYFLIGHT_PROGRAM} at offset 0: it is no profile of pyflight\n  Name a file that pyflight has written`,
    ],
  ])('%j is refused in a sentence', async (words, sentence) => {
    const { status, notes } = await runPyflight(words.map((word) => (word === 'PID' ? pid() : word)));
    expect(status).toBeGreaterThan(0);
    expect(notes.replace(/^press .*\n/, '')).toContain(`error: ${sentence}`);
    expect(notes).not.toMatch(/^ {4}at /m);
  });
});

describe.runIf(newest !== undefined)('record', () => {
  test('starts a program, samples it to its end, and leaves its options to it', async () => {
    const [command = '', ...more] = newest?.command ?? [];
    writeFileSync(file('short.py'), SHORT);
    const output = file('short.txt');
    const words = [
      'record',
      '-r',
      '500',
      '-o',
      output,
      '--',
      command,
      ...more,
      file('short.py'),
      '--its_own',
      '-x',
    ];
    const { status, out, notes } = await runPyflight(words);
    expect([status, out]).toEqual([0, "['--its_own', '-x']\n"]);
    expect(notes).toContain('until the program ended');
    expect(notes).toMatch(/The program ended with status 3\.\n$/);
    expect(readFileSync(output, 'utf8')).toMatch(/compute \(short\.py:\d\) \d+/);
  });

  test('keeps what the program prints out of a profile that goes to standard output', async () => {
    const [command = '', ...more] = newest?.command ?? [];
    writeFileSync(file('short.py'), SHORT);
    const words = ['record', '-r', '500', '-f', 'raw', '-o', '-', '--', command, ...more, file('short.py')];
    const { out, notes } = await runPyflight(words);
    expect(out).toMatch(/^(?:[^\n]+ \d+\n)+$/);
    expect(notes).toContain('[]\n');
  });

  test('leaves a program that Ctrl-C ends the time that it needs', async () => {
    const [command = '', ...more] = newest?.command ?? [];
    writeFileSync(file('keeping.py'), KEEPING);
    await using server = await ProfileServer.start();
    const words = ['record', '-o', file('kept.txt'), ...server.words, '--', command, ...more];
    const child = spawn(process.execPath, [PYFLIGHT_PROGRAM, ...words, file('keeping.py')], {
      detached: true,
      stdio: 'pipe',
    });
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      out += text;
    });
    await server.untilMore();
    // As a terminal does it: to both of them.
    process.kill(-(child.pid ?? 0), 'SIGINT');
    for await (const text of child.stderr) if (String(text).includes('pushed,')) child.stdin.end('now\n');
    expect(out).toBe('kept now\n');
  });

  test.each(
    findInterpreters()
      .filter(({ root }) => root === undefined)
      .map(({ name, command }) => [name, command] as const),
  )(
    'samples a program whose outermost calls are of a frozen module: %s',
    async (_, [command = '', ...more]) => {
      const spin = ['end = os.times()[0] + 0.2', 'while os.times()[0] < end: pass'];
      const program = ['-m', 'timeit', '-n', '1', '-r', '1', '-s', 'import os', ...spin];
      const words = ['record', '-r', '500', '-f', 'raw', '-o', '-', '--', command, ...more, ...program];
      const { status, out } = await runPyflight(words);
      expect(status).toBe(0);
      expect(out).toMatch(/inner \(<timeit-src>:\d+\) \d+/);
    },
  );

  test('pyflame -t does the same with all words that follow', async () => {
    const [command = '', ...more] = newest?.command ?? [];
    writeFileSync(file('short.py'), SHORT);
    const { status, out } = await runPyflight(['pyflame', '-t', command, ...more, file('short.py'), '-x']);
    expect(status).toBe(0);
    expect(out).toMatch(/^\['-x'\]\n.*short\.py:compute:\d+ \d+/s);
  });
});
