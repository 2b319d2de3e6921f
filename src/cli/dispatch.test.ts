import { describe, expect, test } from 'vitest';
import { runCommandLine } from '../../test/support/fake-cli.ts';
import { at, makeFrame, makeProcess, makeSnapshot, makeThread } from '../../test/support/snapshots.ts';
import { NotPermittedError, NotPythonError, ProcessExitedError } from '../base/errors.ts';
import { ANSI } from '../report/style.ts';
import { VERSION } from './version.ts';

const SNAPSHOT = makeSnapshot([makeThread({ gil: 'holds', frames: [makeFrame()] })]);

const STACK = `Traceback for thread 5010 (python) [Has the GIL] (most recent call last):
    (Python) File "/srv/shop/app.py", line 1, in main
`;

const WORLD = { snapshots: [SNAPSHOT] };

describe('dispatch() runs', () => {
  test.each([
    ['stack', ['stack', '5010']],
    ['a pid with options', ['5010', '--no-block']],
    ['remote', ['remote', '5010']],
    ['--cmd after the pid', ['5010', '--cmd', 'stack']],
    ['--cmd=', ['5010', '--cmd=stack', '--no-color']],
    ['--cmd before the pid', ['--cmd', 'stack', '5010']],
    ['--cmd with a pid of its own', ['1', '--cmd', 'stack 5010']],
    ['options before the command', ['--no-color', 'stack', '5010']],
  ])('%s', async (_, argv) => {
    const { status, out, calls } = await runCommandLine(argv, WORLD);
    expect([status, out, calls[0]]).toEqual([0, STACK, 'attach 5010 {"exhaustive":false,"native":false}']);
    expect(calls.at(-1)).toBe('close');
  });

  test('an inner command with its options', async () => {
    const { out, files } = await runCommandLine(['5010', '--cmd', `stack -f 'my stacks.txt'`], WORLD);
    expect(out).toBe('✓ Write stack to my stacks.txt successfully!\n');
    expect(files.get('my stacks.txt')).toBe(STACK);
  });

  test.each(['-V', '--version'])('%s', async (word) => {
    expect(await runCommandLine([word])).toMatchObject({ status: 0, out: `${VERSION}\n`, notes: '' });
  });

  test.each([['-h'], ['--help'], ['help']])('%s', async (word) => {
    const { status, out } = await runCommandLine([word]);
    expect([status, out.split('\n')[0]]).toEqual([
      0,
      'Looks into running Python processes, with nothing installed inside them.',
    ]);
  });

  test.each([
    [['stack', '--help'], '  ➜ pyflight stack [pid] [options]'],
    [['help', 'stack'], '  ➜ pyflight stack [pid] [options]'],
    [['5010', '--cmd', 'stack -h'], '  ➜ pyflight stack [pid] [options]'],
    [['5010', '--cmd', 'help stack'], '  ➜ pyflight stack [pid] [options]'],
    [['5010', '--cmd', 'stack', '--help'], '  ➜ pyflight <pid> [options]'],
    [['5010', '--help'], '  ➜ pyflight <pid> [options]'],
  ])('%j', async (argv, usage) => {
    const { status, out, notes } = await runCommandLine(argv);
    expect([status, out.split('\n')[1], notes]).toEqual([0, usage, '']);
  });

  test('the help of everything within 40 columns', async () => {
    const { out } = await runCommandLine(['--help'], { context: { columns: 40 } });
    for (const line of out.split('\n')) expect(line.length).toBeLessThanOrEqual(40);
  });
});

describe('dispatch() refuses', () => {
  test.each([
    ['an unknown command', ['stakc', '5010'], "unknown command 'stakc'\n(Did you mean stack?)", '--help'],
    ['a word like nothing', ['frobnicate'], "unknown command 'frobnicate'", '--help'],
    ['the name of what every object has', ['constructor'], "unknown command 'constructor'", '--help'],
    [
      'an unknown inner command',
      ['5010', '--cmd', 'stakc'],
      "unknown command 'stakc'\n(Did you mean stack?)",
      '--help',
    ],
    [
      'an unknown first option',
      ['--no-colour'],
      "unknown option '--no-colour'\n(Did you mean --no-color?)",
      '--help',
    ],
    [
      'an unknown option',
      ['stack', '5010', '--local-variables'],
      "unknown option '--local-variables'",
      'stack --help',
    ],
    ['--cmd without a command', ['5010', '--cmd'], "option '--cmd <command>' argument missing", '--help'],
  ])('%s', async (_, argv, message, help) => {
    expect(await runCommandLine(argv, WORLD)).toMatchObject({
      status: 2,
      out: '',
      notes: `error: ${message}\n  pyflight ${help}    shows what can be typed\n`,
    });
  });

  test.each([
    [['5010', '--cmd', ''], 'Cannot run the command: it is empty'],
    [['5010', '--cmd', `stack 'x`], "Cannot read stack 'x: a ' is not closed"],
    [['help', 'stakc'], 'Cannot explain stakc: there is no such command; did you mean stack?'],
    [
      ['stack', '5010', '--json', '--format', 'pyflame'],
      'Cannot use --json with --format pyflame: choose one',
    ],
    [
      ['stack', '5010', '--locals', '--format', 'pyflame'],
      'Cannot use --locals with --format pyflame: that layout has none',
    ],
    [
      ['stack', '5010', '--watch', '--format', 'faulthandler'],
      'Cannot use --watch with --format faulthandler: it has no marks',
    ],
    [
      ['stack', '5010', '--watch', '-f', 'x'],
      'Cannot use --watch with --filepath: redirect the output instead',
    ],
    [
      ['stack', '5010', '--native-last', '--no-block'],
      'Cannot use --native-last with --no-block: it needs the registers of stopped threads',
    ],
    [
      ['stack', '5010', '--native', '--format', 'pyflame'],
      'Cannot use --native with --format pyflame: that layout has none',
    ],
    [
      ['stack', '5010', '--native-all', '--watch'],
      'Cannot use --native-all with --watch: leave out one of them',
    ],
  ])('%j', async (argv, message) => {
    expect(await runCommandLine(argv, WORLD)).toMatchObject({
      status: 2,
      out: '',
      notes: `error: ${message}\n  pyflight ${argv[0] === 'stack' ? 'stack ' : ''}--help    shows what can be typed\n`,
    });
  });
});

describe('dispatch() reports', () => {
  test('a process that is not there', async () => {
    expect(await runCommandLine(['stack', '1'])).toMatchObject({
      status: 3,
      notes: [
        'error: Cannot inspect process 1: no such process',
        '  pyflight ps    lists the Python processes',
        '  A pid from inside a container differs from the one outside.',
        '',
      ].join('\n'),
    });
  });

  test('a demo without a Python to run', async () => {
    expect(await runCommandLine(['demo'])).toMatchObject({
      status: 1,
      notes: [
        'error: Cannot start the demo: there is no python3 on PATH',
        '  Install python3 with the package manager of your system, on Debian: apt install python3',
        '  pyflight demo --python /path/to/python3    uses one that is elsewhere',
        '',
      ].join('\n'),
    });
  });

  test('a refusal with the same command for root', async () => {
    const error = new NotPermittedError(5010, 'other-user', 'it belongs to root');
    expect(await runCommandLine(['-v', 'stack', '5010'], { snapshots: [error] })).toMatchObject({
      status: 4,
      notes: [
        'error: Cannot inspect process 5010: it belongs to root',
        '  sudo env "PATH=$PATH" pyflight -v stack 5010',
        '',
      ].join('\n'),
    });
  });

  test('a process that ended between two looks, and closes it', async () => {
    const world = { snapshots: [SNAPSHOT, new ProcessExitedError(5010)], interruptedWait: 9 };
    const { status, calls, notes } = await runCommandLine(['stack', '5010', '--watch'], world);
    expect([status, calls.at(-1)]).toEqual([3, 'close']);
    expect(notes).toContain('error: Cannot inspect process 5010: it ended meanwhile\n');
  });

  test('a bug of ours in a sentence, and where it happened with -v', async () => {
    const world = { snapshots: [new TypeError('x is not a function')] };
    const quiet = await runCommandLine(['stack', '5010'], world);
    expect([quiet.status, quiet.notes]).toEqual([
      1,
      'error: a bug of pyflight (TypeError: x is not a function); please report it with what it prints with -v\n',
    ]);
    const verbose = await runCommandLine(['stack', '5010', '-v'], world);
    expect(verbose.notes).toContain('\n    at ');
  });

  test('the causes of an error with -v', async () => {
    const cause = new Error('EPERM: \u001b[2J');
    const error = new NotPermittedError(5010, 'capability', 'refused', { cause });
    const { notes } = await runCommandLine(['stack', '5010', '-v'], { snapshots: [error] });
    expect(notes).toContain('  because: EPERM: \\x1b[2J\n');
  });

  test('problems on standard error, and status 1 when a stack is missing', async () => {
    const torn = {
      kind: 'torn-thread',
      message: 'Thread 5010 changed while it was read',
      osThreadId: 5010,
    } as const;
    const stale = { kind: 'file-mismatch', message: 'app.py is newer than the process' } as const;
    const partial = makeSnapshot([makeThread({ problems: [torn] })], { problems: [stale] });
    expect(await runCommandLine(['stack', '5010'], { snapshots: [partial] })).toMatchObject({
      status: 1,
      out: 'The frame stack for thread 5010 could not be read\n',
      notes: 'warning: app.py is newer than the process\nwarning: Thread 5010 changed while it was read\n',
    });
    const whole = { ...SNAPSHOT, problems: [stale] };
    expect(await runCommandLine(['stack', '5010'], { snapshots: [whole] })).toMatchObject({ status: 0 });
  });
});

describe('stack', () => {
  test('asks the library for what the options say', async () => {
    const argv = ['stack', '5010', '--locals', '--no-block', '--thread', 'pool 1', '--exhaustive'];
    const { calls } = await runCommandLine(argv, WORLD);
    expect(calls).toEqual([
      'attach 5010 {"exhaustive":true,"native":false}',
      'snapshot {"locals":true,"pause":false,"thread":"pool 1"}',
      'close',
    ]);
  });

  test('prints one JSON document', async () => {
    const { out } = await runCommandLine(['stack', '5010', '--json'], WORLD);
    expect(JSON.parse(out)).toMatchObject({ schemaVersion: 1, process: { pid: 5010 } });
  });

  test.each([
    ['pyflame', '139783479478080*:\n/srv/shop/app.py:main:1\n'],
    [
      'faulthandler',
      '(MainThread) 0x00007f21e0a3c740 (most recent call first):\n  File "/srv/shop/app.py", line 1 in main\n',
    ],
  ])('prints the layout %s', async (format, expected) => {
    expect((await runCommandLine(['stack', '5010', '--format', format], WORLD)).out).toBe(expected);
  });

  test('says how it read, and more of each thread, with -v', async () => {
    const { out, notes } = await runCommandLine(['stack', '5010', '-v'], WORLD);
    expect(notes).toBe('CPython 3.12.1, found by symbol _PyRuntime, stopped for 1.25 ms\n');
    expect(out.split('\n')[1]).toBe('    named MainThread · pthread 0x7f21e0a3c740');
  });

  test('prints nothing for a process without threads', async () => {
    expect(await runCommandLine(['stack', '5010'], { snapshots: [makeSnapshot([])] })).toMatchObject({
      status: 0,
      out: '',
    });
  });

  test('writes plain text into a file from a coloured terminal', async () => {
    const argv = ['stack', '5010', '-f', 'x.txt'];
    const { out, files } = await runCommandLine(argv, { ...WORLD, context: { style: ANSI } });
    expect(out).toBe('\u001b[32m✓\u001b[0m Write stack to x.txt successfully!\n');
    expect(files.get('x.txt')).toBe(STACK);
  });

  test('has no colours with --no-color before or after', async () => {
    for (const argv of [
      ['--no-color', 'stack', '5010'],
      ['stack', '5010', '--no-color'],
    ]) {
      expect((await runCommandLine(argv, { ...WORLD, context: { style: ANSI } })).out).toBe(STACK);
    }
  });

  test('watches until it is interrupted', async () => {
    const moved = makeSnapshot([makeThread({ gil: 'holds', frames: [makeFrame({ position: at(2) })] })]);
    const { status, out, calls } = await runCommandLine(['stack', '5010', '--watch=0.5'], {
      snapshots: [SNAPSHOT, moved],
      interruptedWait: 2,
    });
    expect([status, calls.filter((call) => call.startsWith('snapshot')).length]).toEqual([130, 2]);
    expect(out).toBe(`=== look 1, 2026-03-01T12:00:00.000Z, 1 thread

Traceback for thread 5010 (python) [Has the GIL] (most recent call last):
  new
    (Python) File "/srv/shop/app.py", line 1, in main

=== look 2, 2026-03-01T12:00:00.000Z, 1 thread

Traceback for thread 5010 (python) [Has the GIL] (most recent call last):
  moved
    (Python) File "/srv/shop/app.py", line 2, in main

`);
  });

  test('watches as JSON, a document a line', async () => {
    const { out } = await runCommandLine(['stack', '5010', '--watch', '--json'], {
      ...WORLD,
      interruptedWait: 2,
    });
    const documents = out.trimEnd().split('\n');
    expect(documents.map((line) => JSON.parse(line).schemaVersion)).toEqual([1, 1]);
  });

  test('says each problem of a watch once, as long as it lasts', async () => {
    const stale = { kind: 'file-mismatch', message: 'app.py is newer' } as const;
    const world = { snapshots: [{ ...SNAPSHOT, problems: [stale] }], interruptedWait: 3 };
    expect((await runCommandLine(['stack', '5010', '--watch'], world)).notes).toBe(
      'warning: app.py is newer\n',
    );
  });
});

describe('remote', () => {
  test.each([
    ['the wanted layout', ['remote', '--no-color', '-v', '5010', '--loc'], '{"locals":true,"pause":true}'],
    ['without stopping', ['-vv', 'remote', '5010', '--no-block'], '{"locals":false,"pause":false}'],
  ])('reads %s', async (_, argv, wishes) => {
    const { status, out, notes, calls } = await runCommandLine(argv, WORLD);
    expect([status, out, calls[1]]).toEqual([0, STACK, `snapshot ${wishes}`]);
    expect(notes.split('\n')[0]).toBe('INFO(process_remote): CPython 3.12.1 in /usr/bin/python3.12');
  });

  test('logs problems as PyStack does, and still succeeds', async () => {
    const torn = { kind: 'torn-thread', message: 'Thread 5 changed' } as const;
    const world = { snapshots: [{ ...SNAPSHOT, problems: [torn] }] };
    expect(await runCommandLine(['remote', '5010'], world)).toMatchObject({
      status: 0,
      notes: 'WARNING(process_remote): Thread 5 changed\n',
    });
  });

  test.each([
    ['no-such-process', [], 'Engine error: No such process id: 5010'],
    [
      'not-permitted',
      [new NotPermittedError(5010, 'other-user', 'it belongs to root')],
      'Engine error: Operation not permitted',
    ],
    [
      'not-python',
      [new NotPythonError(5010, '/usr/bin/sleep')],
      'Engine error: Could not determine python version from /usr/bin/sleep',
    ],
    [
      'process-exited',
      [new ProcessExitedError(5010)],
      'Engine error: Cannot inspect process 5010: it ended meanwhile',
    ],
  ])(
    'shows %s in the words of PyStack, with skulls only where pictures may be',
    async (_, snapshots, text) => {
      const plain = await runCommandLine(['remote', '5010', '--no-color'], { snapshots });
      const pictured = await runCommandLine(['remote', '5010'], { snapshots, context: { style: ANSI } });
      expect([plain.status, plain.notes.split('\n')[0]]).toEqual([1, text]);
      expect(plain.notes.endsWith('\n\n')).toBe(true);
      expect(pictured.notes.startsWith(`\u001b[31m💀 ${text} 💀\n`)).toBe(true);
      expect(pictured.notes.endsWith('\u001b[0m\n\n')).toBe(true);
    },
  );

  test('refuses native frames without a stop', async () => {
    expect(await runCommandLine(['remote', '5010', '--native', '--no-block'], WORLD)).toMatchObject({
      status: 2,
      notes: expect.stringContaining('error: Native traces are only available in blocking mode\n'),
    });
  });
});

describe('native options', () => {
  test.each([
    ['stack', '--native', 'python-threads'],
    ['stack', '--native-last', 'python-threads'],
    ['stack', '--native-all', 'all-threads'],
    ['remote', '--native', 'python-threads'],
    ['remote', '--native-all', 'all-threads'],
  ])('%s %s asks the library for the native calls of %s', async (command, option, native) => {
    const { calls } = await runCommandLine([command, '5010', option], WORLD);
    expect(calls[1]).toContain(`"native":"${native}"`);
  });
});

describe('ps and the picker', () => {
  const processes = [makeProcess(), makeProcess({ pid: 77, commandLine: ['python3', 'b.py'] })];

  const TABLE = ` PID  PYTHON  USER  UPTIME   CPU    MEMORY  CONTAINER  COMMAND
5010  3.12.1  shop  1h 02m  12 s  46.1 MiB  -          python3 /srv/shop/app.py --fast
  77  3.12.1  shop  1h 02m  12 s  46.1 MiB  -          python3 b.py
`;

  test.each([
    ['ps', ['ps']],
    ['no word, without a terminal', []],
  ])('%s prints the table', async (_, argv) => {
    expect(await runCommandLine(argv, { processes })).toMatchObject({ status: 0, out: TABLE, notes: '' });
  });

  test('ps --json prints one document', async () => {
    const { out } = await runCommandLine(['ps', '--json'], { processes });
    expect(JSON.parse(out)).toMatchObject({ schemaVersion: 1, processes: [{ pid: 5010 }, { pid: 77 }] });
  });

  test.each([
    ['ps', ['ps'], {}],
    ['the picker', [], { typed: [] }],
  ])('%s says when there is no process', async (_, argv, world) => {
    expect(await runCommandLine(argv, world)).toMatchObject({
      status: 0,
      out: '',
      notes: 'No Python process can be seen from here.\n',
    });
  });

  test.each([
    ['a row', ['2'], 77],
    ['a pid', ['5010'], 5010],
    ['a row after a mistake', ['3', 'x', ' 1 '], 5010],
  ])('the picker takes %s', async (_, typed, pid) => {
    const { calls, out } = await runCommandLine([], { ...WORLD, processes, typed });
    expect(calls).toEqual([`attach ${pid} {"native":false}`, 'close']);
    expect(out.startsWith('#   PID')).toBe(true);
  });

  test.each([
    ['Enter', ['']],
    ['q', ['q']],
    ['Ctrl-D', []],
  ])('the picker leaves at %s', async (_, typed) => {
    expect(await runCommandLine([], { ...WORLD, processes, typed })).toMatchObject({ status: 0, calls: [] });
  });
});
