import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { request } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { runPyflight } from '../support/command-line.ts';
import { findInterpreters } from '../support/interpreters.ts';
import { PlatformTarget } from '../support/platform-target.ts';

const directory = mkdtempSync(join(tmpdir(), 'pyflight-hard-'));
afterAll(() => rmSync(directory, { recursive: true }));

const perf = async (pid: number, ...words: readonly string[]) =>
  await runPyflight(['perf', `${pid}`, '--format', 'collapsed', '-f', '-', '-d', '0.5', ...words]);

/** A timer that fires every millisecond, and children that end as soon as they are there. */
const STORM = [
  'import json, os, select, signal, sys',
  'counts = {"alarms": 0, "started": 0, "reaped": 0, "failed": []}',
  'def on_alarm(*_): counts["alarms"] += 1',
  'def reap(*_):',
  '  try:',
  '    while os.waitpid(-1, os.WNOHANG)[0]: counts["reaped"] += 1',
  '  except ChildProcessError: pass',
  'def compute():',
  '  for _ in range(20): sum(range(1000))',
  'def start():',
  '  try:',
  '    if os.fork() == 0: os._exit(0)',
  '    counts["started"] += 1',
  '  except OSError as error: counts["failed"].append(str(error))',
  'signal.signal(signal.SIGALRM, on_alarm)',
  'signal.signal(signal.SIGCHLD, reap)',
  'signal.setitimer(signal.ITIMER_REAL, 0.001, 0.001)',
  'print("ready")',
  'while not select.select([sys.stdin], [], [], 0)[0]:',
  '  compute()',
  '  start()',
  'signal.setitimer(signal.ITIMER_REAL, 0)',
  'signal.signal(signal.SIGCHLD, signal.SIG_DFL)',
  'while counts["reaped"] < counts["started"]:',
  '  os.wait()',
  '  counts["reaped"] += 1',
  'print(json.dumps(counts))',
];

/** What it does all the time. */
const SEEN = /<module> \(<string>:1\);(?:compute|start) \(<string>:\d+\) \d+$/m;

test.each([[[]], [['-s']], [['--blocking']], [['--same-cpu']]])(
  'a storm of SIGALRM and SIGCHLD harms neither the profile of perf %j nor the process',
  async (words) => {
    await using target = await PlatformTarget.startPython(...STORM);
    const { status, out } = await perf(target.pid, '-r', '1000', '-F', ...words);
    expect([status, out]).toEqual([0, expect.stringMatching(SEEN)]);
    target.send('stop');
    const { alarms, started, reaped, failed } = JSON.parse(await target.nextLine());
    expect([reaped, failed]).toEqual([started, []]);
    expect(Math.min(alarms, started)).toBeGreaterThan(20);
  },
);

const copied = findInterpreters().filter(({ root, family }) => root === undefined && family !== '2.7');
const [oldest, newest] = [copied.at(0), copied.at(-1)];

test.each([oldest, newest].flatMap((each) => (each === undefined ? [] : [[each.name, each.path] as const])))(
  'perf samples a copy of Python in a virtual environment that was deleted since: %s',
  async (_, python) => {
    const environment = mkdtempSync(join(directory, 'venv-'));
    execFileSync(python, ['-m', 'venv', '--copies', '--without-pip', environment]);
    const program = ['def compute():', '  while True: sum(range(1000))', 'print("ready")', 'compute()'];
    await using target = await PlatformTarget.startUnder(join(environment, 'bin/python'), ...program);
    rmSync(environment, { recursive: true });
    const { status, out } = await perf(target.pid);
    expect([status, out]).toEqual([0, expect.stringMatching(/^<module> .*;compute \(<string>:2\) \d+$/m)]);
  },
);

const UWSGI = 'uwsgi_python3';
const hasUwsgi = spawnSync(UWSGI, ['--version']).error === undefined;

describe.skipIf(!hasUwsgi)('perf --subprocesses', () => {
  test('samples the workers of uWSGI, whose threads C code has made, and they go on to answer', async () => {
    const application = join(directory, 'application.py');
    writeFileSync(
      application,
      [
        'import os, threading, uwsgi',
        'def compute():',
        '  while True: sum(range(1000))',
        'def begin():',
        '  threading.Thread(target=compute, daemon=True).start()',
        '  os.write(1, b"worker\\n")',
        'uwsgi.post_fork_hook = begin',
        'def application(environ, start_response):',
        '  start_response("200 OK", [])',
        '  return [b"as before"]',
      ].join('\n'),
    );
    const socketPath = join(directory, 'uwsgi.sock');
    const processes = ['--master', '--processes', '2', '--threads', '2', '--enable-threads'];
    const words = [...processes, '--http-socket', socketPath, '--wsgi-file', application];
    const quietly = ['-c', 'exec "$@" 2>/dev/null', 'sh', UWSGI, ...words];
    await using target = await PlatformTarget.start('sh', quietly);
    for (let workers = 0; workers < 2; ) if ((await target.nextLine()) === 'worker') workers += 1;
    const { status, out } = await perf(target.pid, '-s');
    expect(status).toBe(0);
    const [response] = await once(request({ socketPath, path: '/' }).end(), 'response');
    expect(String((await response.toArray())[0])).toBe('as before');
    expect(
      out.match(/^process \d+:.*;process \d+:.*;compute \([^)]*application\.py:3\) \d+$/gm),
    ).toHaveLength(2);
  });
});
