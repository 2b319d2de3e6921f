import { execFileSync } from 'node:child_process';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { PYFLIGHT_PROGRAM, runPyflight } from '../support/command-line.ts';
import { firstOfEach, type Interpreter } from '../support/interpreters.ts';
import { violations } from '../support/schemas.ts';
import { startTarget, type Target } from '../support/target.ts';
import { TerminalRun } from '../support/terminal.ts';

/** The screen is ours, whatever the target runs: the oldest, one in the middle and the newest are enough. */
const INTERPRETERS = firstOfEach(['2.7', '3.11', '3.15']);

const PROGRAM = [process.execPath, PYFLIGHT_PROGRAM];

/** Says where the terminal is, what its mode is before and after, and the pid of the program and its exit status. */
const AROUND = `tty; echo "mode $(stty -g)"
sh -c 'echo "pid $$"; exec "$@"' sh "$@"
echo "status $?"; echo "mode $(stty -g)"`;

/** Starts `pyflight top` on a terminal. */
function startTop(target: Target, words: readonly string[] = []): TerminalRun {
  const top = [...PROGRAM, 'top', `${target.pid}`, '--delay', '200ms', ...words];
  return new TerminalRun(['sh', '-c', AROUND, 'sh', ...top]);
}

/** A function that runs nearly all the time, in the first row. */
const BUSY = /▼OWN .*\n *\d+\.\d % .* spin \(sampled\.py/;

describe.each(INTERPRETERS.map((each): [string, Interpreter] => [each.name, each]))(
  '%s',
  (_, interpreter) => {
    let target: Target;

    beforeAll(async () => {
      target = await startTarget(interpreter, 'sampled.py');
    });

    afterAll(async () => {
      await target.stop();
    });

    test('top shows what runs, obeys its keys, fits a terminal that shrinks, and leaves it as it was', async () => {
      await using run = startTop(target, ['-F']);
      const [terminal = ''] = /\/dev\/\S+/.exec(await run.until(/\/dev\/\S+/)) ?? [];
      expect(await run.untilScreen(BUSY)).toMatch(
        new RegExp(`^process ${target.pid} · Python ${interpreter.version}.*\n.* samples in .* of 100 Hz`),
      );
      run.type('m');
      expect(await run.untilScreen(/ threads seen\n/)).not.toContain('CPU');
      run.type('m');
      await run.untilScreen(/ threads? seen with the GIL\n/);
      run.type('4');
      await run.untilScreen(/▼TOTAL TIME/);
      run.type('t');
      await run.untilScreen(/thread \(\d+\): computer · 1 of \d/);
      run.type('t/HEAVY\r');
      expect(await run.untilScreen(/only HEAVY/)).toMatch(/FUNCTION\n.* heavy \(sampled\.py:\d+\)\n\n/);
      run.type('cp');
      const paused = samplesOn(await run.untilScreen(/^paused/m));
      run.type('L');
      expect(samplesOn(await run.untilScreen(/L functions/))).toBe(paused);
      run.type('p');
      await run.untilScreen(new RegExp(`^(?!${paused}).* samples in`, 'm'));
      await run.untilScreen(/ samples in \d\.\d+ s/);
      run.type('r');
      await run.untilScreen(/ samples in \d+ ms/);
      execFileSync('stty', ['-F', terminal, 'cols', '40', 'rows', '12']);
      // stty changes one after the other.
      const small = await run.untilScreen(/^(?:.*\n){11}q quits · \? help · 1-4 sort$/);
      expect(Math.max(...small.split('\n').map((line) => line.length))).toBeLessThanOrEqual(40);
      run.type('q');
      await run.until(/status 0/);
      expect(await run.status()).toBe(0);
      expectRestored(run);
    });

    test('top ends with the process, and leaves what was seen last', async () => {
      await using ending = await startTarget(interpreter, 'sampled.py');
      await using run = startTop(ending);
      await run.untilScreen(BUSY);
      await ending.stop();
      await run.until(/▼OWN[\s\S]* spin \(sampled\.py[\s\S]*process \d+ ended after [\s\S]*status 3/);
      await run.status();
      expectRestored(run);
    });

    test('top prints tables one after the other, and documents, where there is no terminal', async () => {
      const words = ['top', `${target.pid}`, '--delay', '100ms', '--count', '2', '-F'];
      const { status, out } = await runPyflight(words);
      expect([status, out.match(/▼OWN .*\n *\d+\.\d % .* spin \(sampled\.py:\d+\)\n/g)?.length]).toEqual([
        0, 2,
      ]);
      const documents = (await runPyflight([...words, '--json'])).out.trimEnd().split('\n');
      expect(documents.map((document) => violations('top', JSON.parse(document)))).toEqual([[], []]);
      const [row] = JSON.parse(documents[1] ?? '').rows;
      expect([row.name, row.line]).toEqual(['spin', null]);
      const sleeper = await runPyflight([...words, '--thread', 'sleeper-0']);
      expect([sleeper.status, sleeper.out]).toEqual([7, expect.stringContaining('try --idle')]);
      const nobody = await runPyflight([...words, '--thread', 'nobody']);
      expect([nobody.status, nobody.notes]).toEqual([
        7,
        expect.stringContaining('Cannot show thread nobody: the process has '),
      ]);
    });
  },
);

describe('top on a terminal', () => {
  let target: Target;

  beforeAll(async () => {
    const interpreter = INTERPRETERS.at(-1);
    if (interpreter === undefined) throw new Error('there is no Python to run');
    target = await startTarget(interpreter, 'sampled.py');
  });

  afterAll(async () => {
    await target.stop();
  });

  test.each([
    ['Ctrl-C', 130],
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s ends it with status %i and leaves the terminal as it was', async (how, status) => {
    await using run = startTop(target);
    const [, pid] = /pid (\d+)/.exec(await run.until(/pid \d+/)) ?? [];
    await run.untilScreen(BUSY);
    if (how === 'Ctrl-C') run.type('\u0003');
    else process.kill(Number(pid), how);
    await run.until(new RegExp(`status ${status}`));
    await run.status();
    expectRestored(run);
  });

  test('has the keys at the prompt, which goes on with those that come after', async () => {
    await using run = new TerminalRun([...PROGRAM, `${target.pid}`], {
      env: { XDG_STATE_HOME: process.env['XDG_STATE_HOME'] ?? '/nonexistent' },
    });
    await run.until(/pyflight> $/);
    run.type('top --delay 200ms\r');
    await run.untilScreen(BUSY);
    run.type('2');
    await run.untilScreen(/▼TOTAL /);
    run.type('q');
    await run.until(/pyflight> $/);
    run.type('exit\r');
    expect(await run.status()).toBe(0);
    expect(run.text).toMatch(/pyflight> exit\s+$/);
  });

  test('a process that cannot be sampled is told before there is a screen', async () => {
    await using run = new TerminalRun([...PROGRAM, 'top', `${process.pid}`]);
    expect(await run.status()).toBe(5);
    expect(run.raw).not.toContain('\u001b[?1049h');
  });
});

/** How many samples there are, as it stands on the screen. */
function samplesOn(screen: string): string {
  return /^[\d,]+(?= samples)/m.exec(screen)?.[0] ?? '';
}

/** The mode is as it was, the cursor is shown, and the screen is the one before. */
function expectRestored({ text, raw }: TerminalRun): void {
  const [before, after] = [...text.matchAll(/mode (\S+)/g)].map(([, mode]) => mode);
  expect([after, raw.match(/\[\?(?:25|1049)[hl]/g)?.slice(-2)]).toEqual([before, ['[?25h', '[?1049l']]);
}
