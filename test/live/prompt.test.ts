import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { findInterpreters } from '../support/interpreters.ts';
import { startTarget, type Target } from '../support/target.ts';
import { TerminalRun } from '../support/terminal.ts';

const directory = mkdtempSync(join(tmpdir(), 'pyflight-prompt-'));
const PROGRAM = [process.execPath, 'bin/pyflight.cjs'];
const HISTORY = join(directory, 'pyflight/history');

let target: Target;

beforeAll(async () => {
  target = await startTarget(interpreter(), 'threads.py');
});

afterAll(async () => {
  await target.stop();
  rmSync(directory, { recursive: true });
});

/** One is enough: the terminal is ours, whatever the target runs. */
function interpreter() {
  const found = findInterpreters().findLast(({ kind }) => kind === 'shared' || kind === 'static');
  if (found === undefined) throw new Error('there is no Python to run');
  return found;
}

/** Opens a prompt, and waits for it. */
async function open(columns = 80, env = {}, pid = target.pid): Promise<TerminalRun> {
  const run = new TerminalRun([...PROGRAM, `${pid}`], {
    columns,
    env: { XDG_STATE_HOME: directory, ...env },
  });
  await run.until(PROMPT);
  return run;
}

const ESCAPE = '\u001b\\[';
const PASTE_MARKS = new RegExp(`${ESCAPE}\\?2004[hl]`, 'g');
const COLOURS = new RegExp(`${ESCAPE}\\d+m`);

const PROMPT = /pyflight> $/;

/** Types a command and answers what it shows until the next prompt. */
async function say(run: TerminalRun, line: string): Promise<string> {
  run.type(`${line}\r`);
  const shown = await run.until(PROMPT);
  return shown.slice(shown.indexOf('\n') + 1).replaceAll('\r', '');
}

describe('a prompt on a terminal', () => {
  test('has a banner, runs commands, keeps them, and is left with exit', async () => {
    await using run = await open();
    expect(run.text).toMatch(new RegExp(`process {2}${target.pid} of \\S+, up .+\\r\\npython`));
    expect((await say(run, 'stack')).match(/^Traceback for thread/gm)).toHaveLength(
      target.groundTruth.threads.length,
    );
    expect(await say(run, 'stack -h')).toContain('├─ USAGE\n  ➜ stack [options]\n');
    expect(await say(run, 'stakc')).toContain('(Did you mean stack?)\n  help    shows what can be typed\n');
    expect(await say(run, '  locks')).toContain('worker-0');
    expect(await say(run, 'history -n 2')).toMatch(/^ {4}3 {5}stakc\n {4}4 {5}history -n 2\n/);
    // It is there although the prompt still runs.
    expect(readFileSync(HISTORY, 'utf8')).toBe('stack\nstack -h\nstakc\nhistory -n 2\n');
    expect(statSync(HISTORY).mode & 0o777).toBe(0o600);
    run.type('exit\r');
    expect(await run.status()).toBe(0);
    expect(run.raw.match(PASTE_MARKS)?.at(-1)).toBe('\u001b[?2004l');
  });

  test('completes commands, options, choices, threads, files, modules and their names, and searches what was typed', async () => {
    await using run = await open();
    await say(run, 'stakc');
    run.type('stac\t--form\tfau\t');
    await run.until(/stack --format faulthandler $/);
    run.type('\u0015stack --thread worker-\t\t');
    await run.until(/worker-0 {2}worker-1 {2}worker-2/);
    run.type('\u0015stack -f packa\t');
    await run.until(/package/);
    run.type('\u0015getglobal __ma\tWORK\t');
    await run.until(/getglobal __main__ WORKERS $/);
    run.type('\u0015vmtool -c threa\t\u0015vmtool -c threading Thr\t');
    await run.until(/vmtool -c threading Thread/);
    run.type('\u0015\u0012stakc\r');
    await run.until(/unknown command 'stakc'/);
    await run.until(PROMPT);
    run.type('\u0004');
    expect(await run.status()).toBe(0);
  });

  test('gives output to programs and files', async () => {
    await using run = await open();
    const threads = target.groundTruth.threads.length;
    expect(await say(run, 'stack | grep -c "^Traceback for"')).toBe(`${threads}\npyflight> `);
    const file = join(directory, 'out put.txt');
    expect(await say(run, `stack > '${file}'`)).toBe('pyflight> ');
    expect(await say(run, `stack --thread worker-0 >> '${file}'`)).toBe('pyflight> ');
    expect(readFileSync(file, 'utf8').match(/^Traceback/gm)).toHaveLength(threads + 1);
    expect(readFileSync(file, 'utf8')).not.toContain('\u001b');
    expect(await say(run, 'stack --watch=0.05 | head -1')).toMatch(/^=== look 1,.*\npyflight> $/);
  });

  test('stops a command at Ctrl-C, clears a line, and is left by two at an empty one', async () => {
    await using run = await open();
    run.type('stack --watch=0.05\r');
    await run.until(/look 2/);
    run.type('\u0003');
    await run.until(PROMPT);
    run.type('nonsense\u0003');
    await run.until(/nonsense\^C\r\npyflight> $/);
    run.type('\u0003');
    await run.until(/Ctrl-C again, Ctrl-D or exit leaves/);
    await run.until(PROMPT);
    expect(await say(run, 'help')).toContain('├─ COMMANDS');
    run.type('\u0003');
    await run.until(PROMPT);
    run.type('\u0003');
    expect(await run.status()).toBe(0);
  });

  test('takes pastes line by line, and letters of all scripts', async () => {
    await using run = await open();
    run.type('\u001b[200~help history\rstack --thread 数据\u0003é\u001b[201~');
    await run.until(/├─ OPTIONS/);
    await run.until(/stack --thread 数据é$/);
    run.type('\r');
    expect(await run.until(PROMPT)).toContain('数据é');
  });

  test('fits 40 columns', async () => {
    await using run = await open(40, { NO_COLOR: '1' });
    await say(run, 'help');
    await say(run, 'stack --help');
    for (const line of run.text.split(/\r?\n/)) expect(line.length).toBeLessThanOrEqual(40);
    // No colours, but the codes of the editor.
    expect(run.raw).not.toMatch(COLOURS);
  });

  test('does without codes on a dumb terminal', async () => {
    await using run = await open(80, { TERM: 'dumb' });
    run.type('stack --format pyflame | head -1\n');
    await run.until(/^\d+.*:\r\n/m);
    await run.until(PROMPT);
    run.type('\u0003');
    await run.until(/Ctrl-C again/);
    await run.until(PROMPT);
    run.type('\u0004');
    expect(await run.status()).toBe(0);
    expect(run.raw).not.toContain('\u001b');
  });

  test('says that the process runs another program, and leaves with status 3 when it has ended', async () => {
    const other = await startTarget(target.interpreter, 'exec-away.py');
    await using run = await open(80, {}, other.pid);
    expect(await say(run, 'stack | head -1')).toContain('Traceback for thread');
    other.say('go');
    while (!readFileSync(`/proc/${other.pid}/cmdline`, 'utf8').startsWith('sleep'))
      await new Promise((resolve) => setImmediate(resolve));
    expect(await say(run, 'stack')).toContain(
      `note: process ${other.pid} runs another program now\nerror: Cannot inspect process`,
    );
    await other.stop();
    run.type('stack\r');
    expect(await run.status()).toBe(3);
    expect(run.text.match(/error: Cannot inspect process/g)).toHaveLength(2);
  });

  test('is suspended by Ctrl-Z, and goes on with its line', async () => {
    await using shell = new TerminalRun(['sh', '-i'], {
      env: { XDG_STATE_HOME: directory, ENV: '' },
    });
    shell.type('PS1="shell% "\r');
    await shell.until(/shell% $/);
    shell.type(`${PROGRAM.join(' ')} ${target.pid}\r`);
    await shell.until(PROMPT);
    shell.type('help his\u001a');
    await shell.until(/Stopped/);
    await shell.until(/shell% $/);
    shell.type('echo "sane: $((6 * 7))"\r');
    await shell.until(/sane: 42/);
    shell.type('fg\r');
    await shell.until(/pyflight> help his$/);
    shell.type('tory\r');
    await shell.until(/➜ history \[options\]/);
    shell.type('stack --watch=0.05\r');
    await shell.until(/look 2/);
    shell.type('\u001a');
    await shell.until(/Stopped/);
    expect(readFileSync(`/proc/${target.pid}/status`, 'utf8')).toMatch(/^State:\t[SR]/m);
    shell.type('fg\r');
    await shell.until(/look \d+/);
    shell.type('\u0003');
    await shell.until(PROMPT);
    shell.type('\u0004');
    await shell.until(/shell% $/);
  });
});

describe('without a terminal', () => {
  async function run(input: string, words: readonly string[] = []) {
    const child = spawn(process.execPath, ['bin/pyflight.cjs', `${target.pid}`, ...words], {
      stdio: ['pipe', 'pipe', 'pipe'],
      env: { PATH: process.env['PATH'], XDG_STATE_HOME: join(directory, 'none') },
    });
    const texts = { out: '', notes: '' };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      texts.out += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      texts.notes += text;
    });
    child.stdin.end(input);
    const [status] = await once(child, 'close');
    return { status, ...texts };
  }

  test('commands come from standard input, without banner, prompt and history', async () => {
    const { status, out, notes } = await run(
      '# which threads\nstack | grep -c ^Traceback\n\nlocks --bad\nexit\nstack\n',
    );
    expect([status, out]).toEqual([2, `${target.groundTruth.threads.length}\n`]);
    expect(notes).toContain("error: unknown option '--bad'");
    expect(() => statSync(join(directory, 'none'))).toThrow('ENOENT');
  });

  test('no command is an empty session', async () => {
    expect(await run('')).toEqual({ status: 0, out: '', notes: '' });
  });

  test('--cmd takes programs and files too', async () => {
    expect(await run('', ['--cmd', 'stack --thread worker-0 | head -1 | cut -c 1-9'])).toEqual({
      status: 0,
      out: 'Traceback\n',
      notes: '',
    });
  });
});
