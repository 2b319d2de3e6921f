import { expect, test } from 'vitest';
import { threadStatesOf, until } from '../support/counting-target.ts';
import { injectMark, markPlaceOf } from '../support/injection.ts';
import { describeInterpreters } from '../support/matrix.ts';
import { startTarget, type Target } from '../support/target.ts';

const ROUNDS = 50;
const MANY_THREADS = 200;

async function factsOf(target: Target): Promise<Readonly<Record<string, number>>> {
  target.say('');
  const { facts } = await target.next();
  return Object.fromEntries(Object.entries(facts).map(([name, value]) => [name, Number(value)]));
}

async function expectUnharmed(target: Target, before: Readonly<Record<string, number>>): Promise<void> {
  await until(() => !/[tT]/u.test(threadStatesOf(target.pid)), 'no thread is stopped');
  let after = await factsOf(target);
  // It goes on; beside many threads a lap takes its time.
  while (['laps', 'work'].some((name) => (after[name] ?? 0) <= (before[name] ?? 0)))
    after = await factsOf(target);
  // The one that is on its way at the moment has not been counted yet.
  expect((after['sent'] ?? 0) - (after['received'] ?? 0)).toBeLessThanOrEqual(1);
  expect(after).toMatchObject({ errors: 0, early: 0, workers: before['workers'] });
}

describeInterpreters('3.6', (interpreter) => {
  test.skipIf(interpreter.isFreeThreaded)(
    `inject() ${ROUNDS} times leaves a busy process as it was, its signals and its time limits`,
    async () => {
      await using target = await startTarget(interpreter, 'injection-work.py', { args: ['4'] });
      const place = markPlaceOf(target);
      const before = await factsOf(target);
      for (let round = 0; round < ROUNDS; round += 1) await injectMark(target.pid, place);
      await expectUnharmed(target, before);
    },
  );
});

describeInterpreters('3.13', (interpreter) => {
  const { isFreeThreaded, isDebugBuild } = interpreter;
  test.skipIf(isFreeThreaded || isDebugBuild)(
    `inject() runs a program beside ${MANY_THREADS} threads`,
    async () => {
      await using target = await startTarget(interpreter, 'injection-work.py', { args: [`${MANY_THREADS}`] });
      const place = markPlaceOf(target);
      const before = await factsOf(target);
      await injectMark(target.pid, place, { timeoutMs: 30_000 });
      await expectUnharmed(target, before);
    },
  );
});
