import { expect, test } from 'vitest';
import { InjectionRun } from '../../src/agent/injection/injection-run.ts';
import { openTarget } from '../../src/target/live-target.ts';
import { firstOfEach } from '../support/interpreters.ts';
import { startTarget } from '../support/target.ts';

/** The list of threads is torn in one of some hundred looks. */
const LOOKS = 2000;

test.each(firstOfEach(['3.8', '3.15']))(
  'the main thread is always found beside threads that come and go ($name)',
  async (interpreter) => {
    await using started = await startTarget(interpreter, 'coming-threads.py');
    using target = openTarget(started.pid);
    using run = new InjectionRun(target, { text: '', path: '/', hasRun: () => false }, { timeoutMs: 1000 });
    for (let look = 0; look < LOOKS; look += 1)
      expect(run.look().threads.filter(({ isMain }) => isMain)).toHaveLength(1);
  },
);
