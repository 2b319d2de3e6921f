import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { AlreadyTracedError, InjectionRefusedError, InjectionTimedOutError } from '../../src/base/errors.ts';
import { injectMark, markPlaceOf, untilAsleep } from '../support/injection.ts';
import { findInterpreters } from '../support/interpreters.ts';
import { describeInterpreters, isSince } from '../support/matrix.ts';
import { stopEverywhere } from '../support/stopped.ts';
import { startTarget } from '../support/target.ts';

const scratch = mkdtempSync(join(tmpdir(), 'pyflight-refusals-'));
afterAll(() => rmSync(scratch, { recursive: true }));
const PLACE = { directory: scratch };

/** In read(2) on its standard input. */
const READS_STDIN = /^(0|63) 0x0 /u;

/** PTRACE_SEIZE, and nothing else until its standard input ends. */
const TRACER =
  'import ctypes, sys; ctypes.CDLL(None).ptrace(0x4206, int(sys.argv[1]), 0, 0); print(flush=True); sys.stdin.read()';

describeInterpreters('3.6', (interpreter) => {
  const { command, root, isFreeThreaded } = interpreter;

  test.skipIf(isFreeThreaded)(
    'inject() gives up a process whose GIL is never released, and takes all back',
    async () => {
      await using target = await startTarget(interpreter, 'injection-held-gil.py');
      const place = markPlaceOf(target);
      const andThen = "__import__('__main__').marks.append(1)";
      await untilAsleep(target.pid, READS_STDIN);
      for (const state of ['asleep in C', 'at work in C']) {
        const said: string[] = [];
        const onStep = (step: string) => said.push(step);
        const attempt = injectMark(target.pid, place, { andThen, timeoutMs: 300, onStep });
        await expect(attempt, state).rejects.toThrow(InjectionTimedOutError);
        await expect(attempt, state).rejects.toThrow(/since thread \d+ holds the GIL$/u);
        expect(new Set(said).size, state).toBe(said.length);
        target.say('work');
        expect((await target.next()).facts, state).toEqual({ marks: 0 });
      }
      await injectMark(target.pid, place, { andThen });
      target.say('');
      expect((await target.next()).facts).toEqual({ marks: 1 });
    },
  );

  test.skipIf(root !== undefined || isFreeThreaded)(
    'inject() refuses a process that is stopped, or traced',
    async () => {
      await using target = await startTarget(interpreter, 'single-thread.py');
      await stopEverywhere(target.pid);
      await expect(injectMark(target.pid, PLACE)).rejects.toMatchObject({ obstacle: 'stopped' });
      process.kill(target.pid, 'SIGCONT');
      const tracer = spawn('python3', ['-c', TRACER, `${target.pid}`], { stdio: 'pipe' });
      await once(tracer.stdout, 'data');
      await expect(injectMark(target.pid, PLACE)).rejects.toThrow(AlreadyTracedError);
      tracer.stdin.end();
      await once(tracer, 'exit');
      await injectMark(target.pid, PLACE);
    },
  );

  test.skipIf(isFreeThreaded)('inject() refuses an interpreter that shuts down', async () => {
    await using target = await startTarget(interpreter, 'finalizing.py');
    await expect(injectMark(target.pid, PLACE)).rejects.toMatchObject({ obstacle: 'finalizing' });
  });

  test.skipIf(!isSince(interpreter, '3.14'))(
    'inject() does not go around a remote debugging that is off',
    async () => {
      const [program = '', ...words] = [...command, '-X', 'disable-remote-debug', '-c'];
      const target = spawn(program, [...words, 'import sys; print(flush=True); sys.stdin.read()'], {
        stdio: 'pipe',
      });
      await once(target.stdout, 'data');
      await expect(injectMark(target.pid ?? 0, PLACE)).rejects.toThrow(InjectionRefusedError);
      await expect(injectMark(target.pid ?? 0, PLACE)).rejects.toMatchObject({ obstacle: 'disabled' });
      target.stdin.end();
      await once(target, 'exit');
    },
  );
});

test.each(findInterpreters().filter(({ family }) => family === '2.7'))(
  'inject() refuses CPython $name',
  async (interpreter) => {
    await using target = await startTarget(interpreter, 'single-thread.py');
    await expect(injectMark(target.pid, PLACE)).rejects.toMatchObject({ obstacle: 'version' });
  },
);
