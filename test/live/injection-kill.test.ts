import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync } from 'node:fs';
import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { bundle } from '../support/bundle.ts';
import { isTraced, threadStatesOf, until } from '../support/counting-target.ts';
import { seededRandom } from '../support/damaged-memory.ts';
import { injectMark, type MarkPlace, markPlaceOf } from '../support/injection.ts';
import { findInterpreters } from '../support/interpreters.ts';
import { isSince } from '../support/matrix.ts';
import { startTarget, type Target } from '../support/target.ts';

/** PYFLIGHT_SEED repeats a run; PYFLIGHT_KILLS makes it longer. */
const SEED = Number(process.env['PYFLIGHT_SEED'] ?? Date.now() % 1_000_000);
const KILLS = Number(process.env['PYFLIGHT_KILLS'] ?? 4);
/** In which the program is brought in a few times. */
const LIFETIME_MS = 150;

let loopProgram: string;

async function killOnce(
  { pid }: Target,
  { directory, root = '/' }: MarkPlace,
  afterMs: number,
): Promise<void> {
  const loop = spawn(process.execPath, [loopProgram, `${pid}`, directory, root], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  await once(loop.stdout, 'data');
  await setTimeout(afterMs);
  loop.kill('SIGKILL');
  const [status] = await once(loop, 'exit');
  expect(status).toBeNull();
}

describe(`the target of a program that is killed while it brings code in, with PYFLIGHT_SEED=${SEED},`, () => {
  const random = seededRandom(SEED);
  beforeAll(() => {
    loopProgram = bundle('injection-loop');
  });
  afterAll(() => rmSync(loopProgram, { force: true }));

  test.each(findInterpreters().filter((each) => isSince(each, '3.6') && !each.isFreeThreaded))(
    `goes on after ${KILLS} of them ($name)`,
    { timeout: 60_000 + KILLS * 10_000 },
    async (interpreter) => {
      await using target = await startTarget(interpreter, 'injection-work.py', { args: ['4'] });
      const place = markPlaceOf(target);
      for (let kill = 0; kill < KILLS; kill += 1) {
        await killOnce(target, place, random() * LIFETIME_MS);
        await until(() => !isTraced(target.pid) && !/[tT]/u.test(threadStatesOf(target.pid)), 'it runs on');
      }
      await injectMark(target.pid, place);
      target.say('');
      const after = { ...(await target.next()).facts };
      expect(after).toMatchObject({ errors: 0, early: 0, workers: 6 });
      expect(Number(after['sent']) - Number(after['received'])).toBeLessThanOrEqual(1);
    },
  );
});
