import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { PYFLIGHT_PROGRAM } from '../support/command-line.ts';
import { until } from '../support/counting-target.ts';
import { PlatformTarget } from '../support/platform-target.ts';
import { TerminalRun } from '../support/terminal.ts';

let target: PlatformTarget;

/** So many objects that it takes a while to look at them. */
beforeAll(async () => {
  target = await PlatformTarget.startPython(
    'import sys',
    'class Cart: pass',
    'cart = Cart()',
    'kept = [[number] for number in range(300000)]',
    'print("ready")',
    'for line in sys.stdin: print(len(kept), flush=True)',
  );
});

afterAll(async () => {
  await target[Symbol.asyncDispose]();
});

/** Whether a process has something of its own done at SIGINT, which is number 2. */
function catchesInterrupts(pid: number): boolean {
  const [, mask = ''] = /^SigCgt:\s*(\w+)$/mu.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
  return (BigInt(`0x${mask}`) & 2n) !== 0n;
}

test.each(['summary', 'top', 'referrers __main__ Cart'])(
  'Ctrl-C ends mem %s in the middle of the heap, and the process goes on',
  async (words) => {
    const line = [PYFLIGHT_PROGRAM, 'mem', `${target.pid}`, ...words.split(' ')];
    const child = spawn(process.execPath, line, { stdio: ['ignore', 'pipe', 'pipe'] });
    const ended = once(child, 'close');
    const { pid = 0 } = child;
    await until(() => catchesInterrupts(pid), 'it hears of Ctrl-C');
    await until(() => !catchesInterrupts(pid), 'it looks at the heap');
    child.kill('SIGINT');
    expect(await ended).toEqual([null, 'SIGINT']);
    expect(child.stdout.read()).toBe(null);
    target.send('go on');
    expect(await target.nextLine()).toBe('300000');
  },
);

/** What a terminal says of a program that Ctrl-C ended, as shells do. */
const INTERRUPTED = 130;

test('Ctrl-C while mem diff waits compares at once', async () => {
  await using idle = await PlatformTarget.startPython('import sys', 'print("ready")', 'sys.stdin.read()');
  const line = ['mem', `${idle.pid}`, 'diff', '--interval', '1h'];
  await using run = new TerminalRun([process.execPath, PYFLIGHT_PROGRAM, ...line]);
  await run.until(/comparing with what is there in 3600 s/);
  run.type('\u0003');
  await run.until(/total/);
  await run.until(/within \d+ s/);
  expect(await run.status()).toBe(INTERRUPTED);
});
