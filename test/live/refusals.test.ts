import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { stripVTControlCharacters } from 'node:util';
import { afterAll, describe, expect, test } from 'vitest';
import { isTraced, until } from '../support/counting-target.ts';
import { PlatformTarget } from '../support/platform-target.ts';
import { runProgram } from '../support/program-run.ts';

const isRoot = process.getuid?.() === 0;
const PROGRAM = `${process.execPath} bin/pyflight.cjs`;
const directory = mkdtempSync(join(tmpdir(), 'pyflight-refusals-'));

afterAll(() => rmSync(directory, { recursive: true }));

function has(command: string): boolean {
  return spawnSync('sh', ['-c', `command -v ${command}`]).status === 0;
}

/** What a command says when it refuses: its status, the sentence, and what to type next. */
async function refusalOf(
  words: readonly string[],
  options: Parameters<typeof runProgram>[1] = {},
): Promise<readonly [number | string, ...string[]]> {
  const { status, out, notes } = await runProgram(words, options).ended;
  expect(out).toBe('');
  return [status, ...notes.trimEnd().split('\n')];
}

const SEE_PROCESSES = '  pyflight ps    lists the Python processes';

const SLEEPER = ['import sys, threading, time', 'print("ready"); sys.stdin.readline()'];

describe('pyflight stack refuses', () => {
  test('a thread of another process', async () => {
    await using target = await PlatformTarget.startPython(
      'import sys, threading, time',
      'threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()',
      ...SLEEPER,
    );
    const thread = readdirSync(`/proc/${target.pid}/task`).at(-1) ?? '';
    expect(await refusalOf(['stack', thread])).toEqual([
      2,
      `error: Cannot inspect process ${thread}: it is a thread of process ${target.pid}`,
      `  pyflight stack ${target.pid} --thread ${thread}    shows that thread of the process`,
    ]);
  });

  test('a zombie', async () => {
    await using target = await PlatformTarget.startPython(
      'import os, sys',
      'pid = os.fork()',
      'if pid == 0: os._exit(0)',
      'os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)',
      'print("ready"); print(pid); sys.stdin.readline()',
    );
    const zombie = await target.nextLine();
    expect(await refusalOf(['stack', zombie])).toEqual([
      3,
      `error: Cannot inspect process ${zombie}: it is a zombie, which has ended and has no memory`,
      SEE_PROCESSES,
    ]);
  });

  test.each([
    ['sleep', ['100']],
    ['bash', ['-c', 'read line']],
    [process.execPath, ['-e', 'process.stdin.resume()']],
  ])('%s, which runs no Python', async (command, args) => {
    await using target = await PlatformTarget.start(command, args);
    const [status, sentence, ...advice] = await refusalOf(['stack', `${target.pid}`]);
    expect([status, advice]).toEqual([
      5,
      [SEE_PROCESSES, '  A Python under another name, as in a plug-in, may be found with --exhaustive.'],
    ]);
    expect(sentence).toMatch(
      /^error: Cannot inspect process \d+: no CPython interpreter is loaded in \/\S+$/u,
    );
  });

  test.runIf(isRoot)('a thread of the kernel', async () => {
    expect(await refusalOf(['stack', '2'])).toEqual([
      5,
      'error: Cannot inspect process 2: it is the kernel thread kthreadd',
      SEE_PROCESSES,
    ]);
  });

  test.each(['0', '-1', `${2n ** 200n}`, 'text', '1.5', '0x0', '10h', '', '12 34'])(
    '%j, which is no pid',
    async (word) => {
      const shown = /^[\w.-]+$/u.test(word) ? word : `'${word}'`;
      expect(await refusalOf(['stack', word])).toEqual([
        2,
        `error: Cannot use ${shown} as a process id: it is not a number from 1 to 4194304`,
        '  pyflight stack --help    shows what can be typed',
      ]);
    },
  );

  const AS_NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];

  test.runIf(isRoot && has('setpriv')).each([[[]], [['--no-block']]])(
    'a process of another user %j',
    async (more) => {
      await using target = await PlatformTarget.startPython(...SLEEPER);
      const words = ['stack', `${target.pid}`, ...more];
      expect(await refusalOf(words, { through: AS_NOBODY })).toEqual([
        4,
        expect.stringMatching(
          /^error: Cannot inspect process \d+: it belongs to root \(uid 0\), we run as \w+ \(uid 65534\) and lack CAP_SYS_PTRACE$/u,
        ),
        `  sudo env "PATH=$PATH" pyflight ${words.join(' ')}`,
      ]);
    },
  );

  test.runIf(isRoot && has('setpriv'))('nothing to the owner of a process who is not root', async () => {
    await using target = await PlatformTarget.start('setpriv', [
      ...AS_NOBODY.slice(1),
      '/usr/bin/python3',
      '-c',
      'import sys; print("ready", flush=True); sys.stdin.readline()',
    ]);
    expect(await target.nextLine()).toBe('ready');
    const result = await runProgram(['stack', `${target.pid}`], { through: AS_NOBODY }).ended;
    expect(result).toMatchObject({ status: 0, notes: '' });
    expect(result.out).toContain('in <module>');
  });

  test.each([
    ['gdb', (pid: number) => ['-q', '-nx', '-batch', '-p', `${pid}`, '-ex', 'shell sleep 60']],
    ['strace', (pid: number) => ['-q', '-o', '/dev/null', '-p', `${pid}`]],
  ])('to stop what %s traces, and reads it all the same when told', async (tracer, argsFor) => {
    if (!has(tracer)) return;
    await using target = await PlatformTarget.startPython('print("ready"); __import__("time").sleep(1000)');
    const child = spawn(tracer, argsFor(target.pid), { stdio: 'ignore' });
    try {
      await until(() => isTraced(target.pid), `${tracer} traces the target`);
      expect(await refusalOf(['stack', `${target.pid}`])).toEqual([
        4,
        `error: Cannot stop process ${target.pid}: process ${child.pid} (${tracer}) is tracing it already`,
        '  A process has one tracer at a time: end that debugger, or read without stopping the process:',
        `  pyflight stack ${target.pid} --no-block`,
      ]);
      const running = await runProgram(['stack', `${target.pid}`, '--no-block']).ended;
      expect([running.status, running.out.split('\n').length]).toEqual([0, 3]);
    } finally {
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  });

  test('to stop a process without the FFI, and reads it all the same when told', async () => {
    await using target = await PlatformTarget.startPython(...SLEEPER);
    const env = { PYFLIGHT_NO_FFI: '1' };
    expect(await refusalOf(['stack', `${target.pid}`], { env })).toEqual([
      1,
      `error: Cannot stop process ${target.pid}: the optional package koffi is not installed`,
      '  npm install koffi    installs it beside pyflight',
      `  pyflight stack ${target.pid} --no-block    reads without stopping the process`,
    ]);
    const running = await runProgram(['stack', `${target.pid}`, '--no-block'], { env }).ended;
    expect(running).toMatchObject({ status: 0, notes: '' });
  });
});

/** A Python program in a file of given bytes, which sleeps. */
async function startFile(name: string, content: string | Uint8Array): Promise<PlatformTarget> {
  const path = join(directory, name);
  writeFileSync(path, content);
  return await PlatformTarget.startPython(
    `exec(compile(open(${JSON.stringify(path)}, "rb").read(), ${JSON.stringify(path)}, "exec"))`,
  );
}

const SLEEPS = 'print("ready"); import time; time.sleep(1000)';

describe('pyflight stack shows', () => {
  test('a source line that is not UTF-8 as its file declares it', async () => {
    const text = `# coding: latin-1\n${SLEEPS} # café\n`;
    await using target = await startFile('latin.py', Buffer.from(text, 'latin1'));
    const { status, out } = await runProgram(['stack', `${target.pid}`]).ended;
    expect([status, out]).toEqual([0, expect.stringContaining(`        ${SLEEPS} # café\n`)]);
  });

  test('a source line of a megabyte', async () => {
    await using target = await startFile('long.py', `x = "${'a'.repeat(1_000_000)}"; ${SLEEPS}\n`);
    const { status, out } = await runProgram(['stack', `${target.pid}`, '--locals']).ended;
    expect([status, out.length > 1_000_000]).toEqual([0, true]);
  });

  const EVIL = String.raw`"\x1b[31mred\x1b]0;title\x07\u202e\x9b1m\r"`;

  test.each([
    [[]],
    [['--locals', '-v']],
    [['--json']],
    [['--format', 'faulthandler']],
    [['--format', 'pyflame']],
  ])('names, paths and values that hold terminal codes without them, with %j', async (more) => {
    await using target = await PlatformTarget.startPython(
      `import threading, time; evil = ${EVIL}`,
      'code = compile("def f(*a):\\n  local, keys = evil, {evil: evil.encode()}\\n  time.sleep(1000)\\nf()", "/" + evil + ".py", "exec")',
      'if hasattr(code, "replace"): code = code.replace(co_name=evil)',
      'thread = threading.Thread(target=exec, args=(code, globals()), name=evil); thread.start()',
      'open("/proc/self/task/%d/comm" % thread.native_id, "w").write(evil)',
      'print("ready"); time.sleep(1000)',
    );
    const { status, out, notes } = await runProgram(['stack', `${target.pid}`, ...more]).ended;
    expect(status).toBe(0);
    expect(out).toContain('red');
    // biome-ignore lint/suspicious/noControlCharactersInRegex: those are what must not be there
    expect(`${out}${notes}`).not.toMatch(/[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]/u);
  });

  test('500 threads, and as many lines as its reader wants', async () => {
    await using target = await PlatformTarget.startPython(
      'import threading, time; threading.stack_size(1 << 17)',
      'for i in range(500): threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()',
      'print("ready"); time.sleep(1000)',
    );
    const { status, out } = await runProgram(['stack', `${target.pid}`]).ended;
    expect([status, out.match(/^Traceback for thread/gmu)?.length]).toEqual([0, 501]);
    const line = `${PROGRAM} stack ${target.pid} | head -1; echo "\${PIPESTATUS[@]}"`;
    const head = spawnSync('bash', ['-c', line], { encoding: 'utf8' });
    expect([head.stdout, head.stderr]).toEqual([
      expect.stringMatching(/^Traceback for thread \d+ .*\n0 0\n$/u),
      '',
    ]);
  });

  test.each([
    [{ LC_ALL: 'C', LANG: 'C' }],
    [{ TERM: 'dumb' }],
    [{ TERM: '' }],
    [{ NO_COLOR: '1', LC_ALL: 'en_US.ISO-8859-1' }],
  ])('the same bytes with %j', async (env) => {
    await using target = await startFile('plain.py', `${SLEEPS} # naïve 函数\n`);
    const [usual, other] = [{}, env].map(
      (each) => runProgram(['stack', `${target.pid}`], { env: each }).ended,
    );
    expect(await other).toEqual(await usual);
  });
});

test.each([
  ['>&-', 0],
  ['2>&-', 0],
  ['<&- >&- 2>&-', 0],
  ['> /dev/full', 1],
  ['--watch=0.1 > /dev/full', 1],
  ['-f /dev/full', 1],
  ['-f /nowhere/at/all', 1],
])('pyflight stack <pid> %s ends with %d and without a stack of ours', async (redirection, status) => {
  await using target = await PlatformTarget.startPython(...SLEEPER);
  const line = `${PROGRAM} stack ${target.pid} ${redirection}`;
  const result = spawnSync('sh', ['-c', line], { encoding: 'utf8', timeout: 20_000 });
  expect([result.status, /bug of|^ *at |\.js/mu.test(result.stderr)]).toEqual([status, false]);
  expect(result.stderr.split('\n').length).toBeLessThan(4);
});

/** Runs a line of shell on a terminal of a given width and answers what it wrote there. */
function onTerminal(columns: number, line: string): string {
  const result = spawnSync('script', ['-qec', `stty cols ${columns}; ${line}`, '/dev/null'], {
    encoding: 'utf8',
    timeout: 20_000,
    env: { PATH: process.env['PATH'], TERM: 'xterm' },
  });
  return result.stdout.replaceAll('\r', '');
}

const WORDS = [
  '',
  'help',
  ...['stack', 'remote', 'ps', 'demo', 'vmtool', 'console'].map((name) => `${name} --help`),
];

describe.runIf(has('script'))('on a terminal', () => {
  test.each(WORDS.map((words) => [words === '' ? '--help' : words]))(
    'pyflight %s fits 80 columns, and 40 but for words',
    (words) => {
      for (const columns of [80, 40]) {
        const lines = stripVTControlCharacters(onTerminal(columns, `${PROGRAM} ${words}`)).split('\n');
        expect(lines.length).toBeGreaterThan(5);
        const long = lines.filter((line) => line.length > columns && !/^ *\S+$/u.test(line));
        expect(long).toEqual([]);
      }
    },
  );

  test.each([
    ['', true],
    ['NO_COLOR=1', false],
    ['NO_COLOR=', true],
    ['TERM=dumb', false],
  ])('%s pyflight has colours: %s', async (setting, expected) => {
    await using target = await PlatformTarget.startPython(...SLEEPER);
    const out = onTerminal(40, `env ${setting} ${PROGRAM} stack ${target.pid}`);
    expect([out.includes('Traceback for thread'), out.includes('\u001b[3')]).toEqual([true, expected]);
  });
});
