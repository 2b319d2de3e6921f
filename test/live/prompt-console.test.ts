import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { agentFilesOf } from '../support/agent-scene.ts';
import { findInterpreters } from '../support/interpreters.ts';
import { startTarget } from '../support/target.ts';
import { TerminalRun } from '../support/terminal.ts';

const state = mkdtempSync(join(tmpdir(), 'pyflight-console-'));
afterAll(() => rmSync(state, { recursive: true }));

/** The oldest, one with frames of its own, and one with monitoring: the terminal is ours, whatever the target runs. */
const FAMILIES = ['3.6', '3.11', '3.13'];
const interpreters = FAMILIES.flatMap(
  (family) =>
    findInterpreters().find(
      (each) =>
        each.family === family && each.root === undefined && !each.isDebugBuild && !each.isFreeThreaded,
    ) ?? [],
);

const PROMPT = /pyflight> $/;
const STATEMENT = />>> $/;
const GOES_ON = /\.\.\. $/;

/** Types a line and answers what is shown from there until something that is asked then. */
const sayTo =
  (run: TerminalRun) =>
  async (line: string, until: RegExp): Promise<string> => {
    run.type(`${line}\r`);
    const shown = await run.until(until);
    return shown.slice(shown.indexOf('\n') + 1).replaceAll('\r', '');
  };

test.each(interpreters)(
  'console at the prompt is Python in the process, and leads back to the prompt: CPython $name',
  async (interpreter) => {
    await using target = await startTarget(interpreter, 'single-thread.py');
    await using run = new TerminalRun([process.execPath, 'bin/pyflight.cjs', `${target.pid}`], {
      columns: 120,
      env: { XDG_STATE_HOME: state },
    });
    const say = sayTo(run);
    await run.until(PROMPT);

    expect(await say('console', /\[y\/N\] $/)).toBe(
      `What is typed can change process ${target.pid} in any way. Go on? [y/N] `,
    );
    expect(await say('n', PROMPT)).toMatch(/^error: Cannot open a console: /u);
    await say('console', /\[y\/N\] $/);
    expect(await say('y', STATEMENT)).toMatch(/^Python 3\.\d+/u);

    expect(await say('def double(number):', GOES_ON)).toBe('... ');
    expect(await say('    return 2 * number', GOES_ON)).toBe('... ');
    expect(await say('', STATEMENT)).toBe('>>> ');
    run.type('doub\t');
    await run.until(/double$/);
    expect(await say('(21)', STATEMENT)).toBe('42\n>>> ');
    expect(await say("1 + ''", STATEMENT)).toMatch(/^Traceback .*\n[\s\S]*TypeError: .*\n>>> $/u);
    expect(await say('1 +* 2', STATEMENT)).toMatch(
      /^ {2}File "<console>", line 1\n[\s\S]*\nSyntaxError: .*\n>>> $/u,
    );

    await say('first = True', STATEMENT);
    await say('while True:', GOES_ON);
    await say("    if first: print('it', 'runs')", GOES_ON);
    await say('    first = False', GOES_ON);
    await say('', /it runs\r\n$/);
    run.type('\u0003');
    expect(await run.until(STATEMENT)).toContain('KeyboardInterrupt');
    run.type('nonsense(\u0003');
    await run.until(/KeyboardInterrupt\r\n>>> $/);
    expect(await say('double(first) + 1', STATEMENT)).toBe('1\n>>> ');

    expect(await say('exit()', PROMPT)).toBe('pyflight> ');
    expect(await say('status', PROMPT)).toMatch(/^Agent [\s\S]*\n {2}pid \d+, uid \d+, .*\(this one\)\n/u);
    expect(await say('detach', PROMPT)).toMatch(/^Detached\. Left in the process: 0 hooks, 0 threads/u);
    run.type('\u0004');
    expect(await run.status()).toBe(0);
    expect(agentFilesOf(target.pid)).toEqual([]);
  },
);

test.each(interpreters.slice(0, 1))(
  'Ctrl-C in a call that cannot be interrupted leads back to the console, which keeps its names: CPython $name',
  async (interpreter) => {
    await using target = await startTarget(interpreter, 'single-thread.py');
    const words = ['console', `${target.pid}`, '--allow-write'];
    await using run = new TerminalRun([process.execPath, 'bin/pyflight.cjs', ...words], {
      columns: 120,
      env: { XDG_STATE_HOME: state },
    });
    const say = sayTo(run);
    await run.until(STATEMENT);
    await say('import _thread; gate = _thread.allocate_lock()', STATEMENT);
    await say('gate.acquire()', STATEMENT);
    run.type("print('waits'); gate.acquire()\r");
    await run.until(/\nwaits\r\n$/);
    run.type('\u0003');
    expect(await run.until(STATEMENT)).toContain(
      'error: Cannot evaluate it in the process: it was called off, but is in a call that does not end',
    );
    await say('gate.release()', STATEMENT);
    expect(await say('1 + 1', STATEMENT)).toBe('2\n>>> ');
    run.type('\u0004');
    expect(await run.status()).toBe(0);
  },
);
