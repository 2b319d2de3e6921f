import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { agentFilesOf } from '../support/agent-scene.ts';
import { runPyflight } from '../support/command-line.ts';
import { findInterpreters, type Interpreter } from '../support/interpreters.ts';
import { isSince } from '../support/matrix.ts';
import { programsSeenBy, startCommand, type Target } from '../support/target.ts';

/** By the numbers of this machine: include/uapi/asm-generic/unistd.h has no mkdir(2) and no unlink(2), but what is called for them. */
const SYSCALLS =
  process.arch === 'x64'
    ? { bind: 49, mkdir: 83, unlink: 87, rseq: 334, clone3: 435 }
    : { bind: 200, mkdir: 34, unlink: 35, rseq: 293, clone3: 435 };
const AS_NOBODY = ['setpriv', '--reuid=65534', '--regid=65534', '--clear-groups'];
const canFilter = existsSync('/proc/sys/kernel/seccomp');
const isRoot = process.getuid?.() === 0;

const usable = findInterpreters().filter(
  ({ isFreeThreaded, isDebugBuild, family }) => !isFreeThreaded && !isDebugBuild && family !== '2.7',
);
/** One of each way in. */
const interpreters = [
  usable.find(({ root }) => root === undefined),
  usable.find((each) => isSince(each, '3.14')),
].filter((each) => each !== undefined);
/** Others may run it, too: those of a user's home they may not. */
const system = usable.find(({ command }) => command[0]?.startsWith('/usr/bin/'));

/** Words that have a command go through a filter. */
function filtered(interpreter: Interpreter, ...words: readonly (string | number)[]): readonly string[] {
  const program = join(programsSeenBy(interpreter), 'filtered.py');
  return [...interpreter.command, '-S', '-B', program, ...words.map(String)];
}

async function start(
  interpreter: Interpreter,
  verdict: 'refuse' | 'end',
  name: keyof typeof SYSCALLS,
  through: readonly string[] = [],
): Promise<Target> {
  const program = join(programsSeenBy(interpreter), 'single-thread.py');
  const words = filtered(interpreter, verdict, SYSCALLS[name], program);
  return await startCommand(interpreter, [...through, ...words]);
}

async function console({ pid }: Target, through: readonly string[] = []) {
  return await runPyflight(['console', `${pid}`, '--allow-write', '--eval', '6 * 7'], { through });
}

/** It is what it was, and nothing of ours is there. */
async function expectUnharmed(target: Target): Promise<void> {
  expect(agentFilesOf(target.pid)).toEqual([]);
  const shown = await runPyflight(['stack', `${target.pid}`]);
  expect(shown).toMatchObject({ status: 0, out: expect.stringContaining(' in outer') });
  expect(shown.out.match(/^Traceback for thread /gmu)).toHaveLength(1);
}

describe.runIf(canFilter && isRoot).each(interpreters)('CPython $name', (interpreter) => {
  test.each([
    ['refuse', 'bind', 'its seccomp filter refuses bind(2), which the agent needs'],
    ['end', 'bind', 'its seccomp filter would end it for bind(2), which the agent makes'],
    ['end', 'unlink', 'its seccomp filter would end it for unlink(2), which the agent makes'],
    ['end', 'rseq', 'its seccomp filter would end it for rseq(2), which the agent makes'],
  ] as const)('is not entered where a filter would %s %s', async (verdict, name, state) => {
    await using target = await start(interpreter, verdict, name);
    const { status, out, notes } = await console(target);
    expect([status, out]).toEqual([6, '']);
    expect(notes).toContain(`error: Cannot run code in process ${target.pid}: ${state}\n`);
    await expectUnharmed(target);
  });

  test('is entered where a filter is about other things', async () => {
    await using target = await start(interpreter, 'end', 'mkdir');
    expect(await console(target)).toMatchObject({ status: 0, out: '42\n' });
    expect((await runPyflight(['detach', `${target.pid}`])).status).toBe(0);
    await expectUnharmed(target);
  });
});

test.skipIf(!canFilter || !isRoot || system === undefined)(
  'who may not read the filters comes in only through as many',
  async () => {
    if (system === undefined) return;
    await using target = await start(system, 'refuse', 'clone3', AS_NOBODY);
    const refused = await console(target, AS_NOBODY);
    expect([refused.status, refused.out]).toEqual([6, '']);
    expect(refused.notes).toContain(
      'a seccomp filter that we may not read may end it for what the agent does\n',
    );
    await expectUnharmed(target);
    await using other = await start(system, 'refuse', 'mkdir', AS_NOBODY);
    const through = [...AS_NOBODY, ...filtered(system, 'refuse', SYSCALLS.rseq, '--')];
    expect(await console(other, through)).toMatchObject({ status: 0, out: '42\n' });
    expect((await runPyflight(['detach', `${other.pid}`])).status).toBe(0);
    await expectUnharmed(other);
  },
);
