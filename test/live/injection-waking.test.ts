import { expect, test } from 'vitest';
import { InjectionRun } from '../../src/agent/injection/injection-run.ts';
import { queueProgram, queueSignalCheck, withdraw } from '../../src/agent/injection/pending-call.ts';
import { openTarget } from '../../src/target/live-target.ts';
import { injectMark, markPlaceOf } from '../support/injection.ts';
import { describeInterpreters, isSince } from '../support/matrix.ts';
import { startTarget } from '../support/target.ts';

/** Enough for a call to be taken out by a thread that wakes, at the very moment at which it is taken back. */
const ROUNDS = 100;

describeInterpreters('3.6', (interpreter) => {
  test.skipIf(interpreter.isFreeThreaded)(
    `${ROUNDS} calls that are queued and taken back while the main thread wakes leave the ring of calls whole`,
    async () => {
      await using started = await startTarget(interpreter, 'injection-waking.py');
      using target = openTarget(started.pid);
      const program = { text: 'pass\n', path: '/', hasRun: () => false };
      using run = new InjectionRun(target, program, { timeoutMs: 20_000 });
      const queue = isSince(interpreter, '3.14') ? queueSignalCheck : queueProgram;
      for (let round = 0; round < ROUNDS; round += 1) {
        const queued = await queue(run);
        if (queued === undefined) throw new Error('the ring is full');
        await withdraw(run, queued);
      }
      const { steps } = await injectMark(started.pid, markPlaceOf(started));
      expect(steps).not.toEqual([]);
    },
  );
});
