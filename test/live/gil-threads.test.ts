import { expect, test } from 'vitest';
import { readThreadLabels } from '../../src/inspect/current-threads.ts';
import { monotonicNs } from '../../src/platform/monotonic-clock.ts';
import { GilThreads } from '../../src/sampling/gil/gil-threads.ts';
import { openTarget } from '../../src/target/live-target.ts';
import { describeInterpreters, describeScene } from '../support/matrix.ts';

/** The program has six threads at most, four of which never live long; refreshing meets some between coming and going. */
const MOST_PLACES = 16;

describeInterpreters('2.7', (interpreter) => {
  describeScene({ interpreter, program: 'thread-churn.py' }, (scene) => {
    test('places of threads that have ended are those of new ones, however many there were', () => {
      using target = openTarget(scene().truth.pid, {});
      const threads = new GilThreads(target, () => readThreadLabels(target));
      let known = new Set<number>();
      let seen = 0;
      while (seen < 10 * MOST_PLACES) {
        threads.refresh(monotonicNs());
        const now = new Set(threads.followed.map(({ index }) => index));
        seen += [...now].filter((index) => !known.has(index)).length;
        for (const index of known) if (!now.has(index)) threads.forget(index);
        known = now;
      }
      expect(threads.threads.length).toBeLessThanOrEqual(MOST_PLACES);
    });
  });
});
