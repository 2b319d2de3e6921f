import { describe, expect, test } from 'vitest';
import { runCommandLine } from '../../../test/support/fake-cli.ts';
import { makeFrame, makeSnapshot, makeThread } from '../../../test/support/snapshots.ts';
import { NotPermittedError, ProcessExitedError } from '../../base/errors.ts';

const SNAPSHOT = makeSnapshot([makeThread({ gil: 'holds', frames: [makeFrame()] })]);

const WORLD = { snapshots: [SNAPSHOT] };

describe('the commands of standard input', () => {
  test('none are an empty session', async () => {
    expect(await runCommandLine(['5010'], WORLD)).toMatchObject({ status: 0, out: '', notes: '' });
  });

  test('are run on one open process, without banner, prompt and history', async () => {
    const lines = ['# stacks', 'stack', '', '  stack --json   # and again', 'exit', 'stack'];
    const { status, out, calls, files } = await runCommandLine(['5010'], { ...WORLD, lines });
    expect([status, out.split('\n')[0]]).toEqual([
      0,
      'Traceback for thread 5010 (python) [Has the GIL] (most recent call last):',
    ]);
    expect(calls.map((call) => call.split(' ')[0])).toEqual(['attach', 'snapshot', 'snapshot', 'close']);
    expect(files.size).toBe(0);
  });

  test.each([
    [['stakc', 'stack', 'locks --bad'], 2, "error: unknown command 'stakc'\n(Did you mean stack?)"],
    [["stack 'x"], 2, "error: Cannot read stack 'x: a ' is not closed"],
    [['> x'], 2, 'error: Cannot run the command: nothing stands before the >'],
    [['stack |'], 2, 'error: Cannot run the command: a program must stand behind the |'],
    [['stack || x'], 2, 'error: Cannot run the command: a program must stand behind the |'],
    [['stack >'], 2, 'error: Cannot run the command: a file must stand behind the >'],
  ])('%j go on after a failure, and end with the status of the first', async (lines, expected, note) => {
    const { status, notes } = await runCommandLine(['5010'], { ...WORLD, lines });
    expect(status).toBe(expected);
    expect(notes).toContain(note);
  });

  test('end when the process does, which is said once', async () => {
    const world = { snapshots: [SNAPSHOT, new ProcessExitedError(5010)], ended: 2 };
    const lines = ['stack', 'stack', 'stack'];
    const { status, notes } = await runCommandLine(['5010'], { ...world, lines });
    expect([status, notes.match(/it ended meanwhile/g)?.length]).toEqual([3, 1]);
  });

  test('a process that may not be looked into', async () => {
    const refused = new NotPermittedError(5010, 'other-user', 'it belongs to root');
    expect(await runCommandLine(['5010'], { snapshots: [refused] })).toMatchObject({ status: 4, out: '' });
  });
});

describe('| and >', () => {
  test.each([
    ['stack | less -R', 'less -R'],
    ['stack > ~/x', 'exec cat > ~/x'],
    ['stack >> x', 'exec cat >> x'],
  ])('%s runs the shell with all that was printed', async (cmd, script) => {
    const { status, out, calls, files } = await runCommandLine(['5010', '--cmd', cmd], WORLD);
    expect([status, out, calls.includes(`sh -c ${script}`)]).toEqual([0, '', true]);
    expect(files.get('shell')).toContain('Traceback for thread 5010');
  });

  test('end with the status of the program, or that of the command when it failed', async () => {
    const shell = { status: 9 };
    const piped = await runCommandLine(['5010', '--cmd', 'stack | x'], { ...WORLD, shell });
    const failed = await runCommandLine(['5010', '--cmd', 'stack --bad > x'], { ...WORLD, shell });
    expect([piped.status, failed.status, failed.calls]).toEqual([9, 2, []]);
  });

  test('a program that has read enough ends the command, and that is a success', async () => {
    const world = { ...WORLD, shell: { status: 0, closes: true }, interruptedWait: 3 };
    const { status } = await runCommandLine(['5010', '--cmd', 'stack --watch | head -1'], world);
    expect(status).toBe(0);
  });
});

describe('withImpliedPid() leaves to', () => {
  test.each([
    ['stack another pid', 'stack 77', 'attach 77'],
    ['stack a core', 'stack --core c', 'core c'],
    ['core its file', 'core c', 'core c'],
  ])('%s', async (_, cmd, call) => {
    const { calls } = await runCommandLine(['5010', '--cmd', cmd], WORLD);
    expect(calls[0]).toMatch(new RegExp(`^${call}`));
  });
});

describe('--cmd', () => {
  test.each([
    ['stack', 'stack\n'],
    ['history --json ', 'history --json\n'],
    ['stakc | less', 'stakc | less\n'],
    [' stack', undefined],
    ['history -c', undefined],
  ])('%j is kept in the history as at the prompt', async (line, kept) => {
    const { files } = await runCommandLine(['5010', '--cmd', line], WORLD);
    expect(files.get('history')).toBe(kept);
  });
});
