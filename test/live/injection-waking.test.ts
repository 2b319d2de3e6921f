import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, expect, test } from 'vitest';
import { InjectionRun } from '../../src/agent/injection/injection-run.ts';
import {
  clearText,
  queueProgram,
  queueSignalCheck,
  withdraw,
} from '../../src/agent/injection/pending-call.ts';
import { openTarget } from '../../src/target/live-target.ts';
import { injectMark, markPlaceOf } from '../support/injection.ts';
import type { Interpreter } from '../support/interpreters.ts';
import { describeInterpreters, isSince } from '../support/matrix.ts';
import { startTarget } from '../support/target.ts';

/** Enough for a call to be taken out by a thread that wakes, at the very moment at which it is taken back. */
const ROUNDS = 100;

const SOURCE = fileURLToPath(new URL('../programs/adding-thread.c', import.meta.url));
const canCompile = spawnSync('gcc', ['--version']).error === undefined;
const directory = mkdtempSync(join(tmpdir(), 'pyflight-waking-'));
afterAll(() => rmSync(directory, { recursive: true }));
const library = join(directory, 'libadding.so');
if (canCompile) execFileSync('gcc', ['-O1', '-shared', '-fPIC', '-pthread', '-o', library, SOURCE]);

/** Queues a call and takes it back, over and over. */
async function queueAndWithdraw(interpreter: Interpreter, pid: number): Promise<void> {
  using target = openTarget(pid);
  const program = { text: 'pass\n', path: '/', hasRun: () => false };
  using run = new InjectionRun(target, program, { timeoutMs: 20_000 });
  const queue = isSince(interpreter, '3.14') ? queueSignalCheck : queueProgram;
  for (let round = 0; round < ROUNDS; round += 1) {
    const queued = await queue(run);
    if (queued !== undefined && (await withdraw(run, queued)) === 'taken') clearText(run, queued);
  }
}

describeInterpreters('3.6', (interpreter) => {
  const { isFreeThreaded, root } = interpreter;
  test.skipIf(isFreeThreaded)(
    `${ROUNDS} calls that are queued and taken back while the main thread wakes leave the ring of calls whole`,
    async () => {
      await using started = await startTarget(interpreter, 'injection-waking.py');
      await queueAndWithdraw(interpreter, started.pid);
      const { steps } = await injectMark(started.pid, markPlaceOf(started));
      expect(steps).not.toEqual([]);
    },
  );

  // Later C code adds its calls to a ring that we leave alone.
  test.skipIf(isSince(interpreter, '3.12') || root !== undefined || !canCompile)(
    `${ROUNDS} calls that are queued and taken back leave those whole which a thread of C adds meanwhile`,
    async () => {
      await using started = await startTarget(interpreter, 'injection-waking.py', { args: [library] });
      await queueAndWithdraw(interpreter, started.pid);
      started.say('');
      const { facts } = await started.next();
      expect(facts).toEqual({ added: facts['made'], made: facts['added'], disordered: 0 });
      expect(facts['added']).toBeGreaterThan(0);
    },
  );
});
