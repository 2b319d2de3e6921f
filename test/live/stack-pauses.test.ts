import { expect, test } from 'vitest';
import { takeSnapshot } from '../../src/inspect/snapshot.ts';
import { type LiveTarget, openTarget } from '../../src/target/live-target.ts';
import type { Pause } from '../../src/target/target.ts';
import { describeInterpreters, describeScene } from '../support/matrix.ts';
import { seenThreads, trueThreads } from '../support/seen-threads.ts';

/** How often memory was read in each pause of a target. */
function watchPauses(target: LiveTarget): readonly number[] {
  const reads: number[] = [];
  const stop = target.pause.bind(target);
  target.pause = (restless?: ReadonlySet<number>): Pause => {
    const pause = stop(restless);
    const before = target.memory.readsBelow;
    let hasResumed = false;
    const resume = pause.resume.bind(pause);
    pause.resume = () => {
      resume();
      if (!hasResumed) reads.push(target.memory.readsBelow - before);
      hasResumed = true;
    };
    return pause;
  };
  return reads;
}

describeInterpreters('2.7', (interpreter) => {
  describeScene({ interpreter, program: 'threads.py' }, (scene) => {
    test.each([false, true])(
      'takeSnapshot() lets a target that has not moved go after one read, with locals %s',
      (locals) => {
        using target = openTarget(scene().truth.pid);
        const readsOfPauses = watchPauses(target);
        const snapshot = takeSnapshot(target, { locals });
        expect(readsOfPauses).toEqual([1]);
        expect(seenThreads(snapshot)).toEqual(trueThreads(scene().truth));
      },
    );
  });
});
