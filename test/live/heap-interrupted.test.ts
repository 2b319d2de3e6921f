import { afterAll, beforeAll, expect, test } from 'vitest';
import { PYFLIGHT_PROGRAM } from '../support/command-line.ts';
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

/** What a terminal says of a program that Ctrl-C ended, as shells do. */
const INTERRUPTED = 130;

test.each(['summary', 'top', 'referrers __main__ Cart'])(
  'Ctrl-C ends mem %s in the middle of the heap, and the process goes on',
  async (words) => {
    const line = ['mem', `${target.pid}`, ...words.split(' ')];
    await using run = new TerminalRun([process.execPath, PYFLIGHT_PROGRAM, ...line]);
    await run.until(/looking at all objects/);
    run.type('\u0003');
    expect(await run.status()).toBe(INTERRUPTED);
    expect(run.text).not.toMatch(/total|ITEMS|instance/);
    target.send('go on');
    expect(await target.nextLine()).toBe('300000');
  },
);

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
