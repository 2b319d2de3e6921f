import { fileURLToPath } from 'node:url';
import { afterAll, describe, expect, test } from 'vitest';
import { attach } from '../../src/api/index.ts';
import type { MergedFrame } from '../../src/model/native-frame.ts';
import { Greenlets, type WithGreenlet } from '../support/greenlet.ts';
import type { GroundTruth } from '../support/ground-truth.ts';
import { mergedOf, pythonFramesOf } from '../support/merged-frames.ts';
import { PlatformTarget } from '../support/platform-target.ts';
import { seenThread, trueThreads } from '../support/seen-threads.ts';
import { untilSettled } from '../support/settled.ts';
import { stopEverywhere } from '../support/stopped.ts';

const PROGRAM = fileURLToPath(new URL('../programs/greenlets.py', import.meta.url));
const NATIVE = { native: 'all-threads' } as const;
const LOOKS = 10;

const greenlets = new Greenlets();
afterAll(() => greenlets[Symbol.dispose]());

/** Not as other targets, which are started without the packages of a distribution. */
async function start({ interpreter, directory }: WithGreenlet, which: string): Promise<PlatformTarget> {
  const path = directory === undefined ? [] : [`PYTHONPATH=${directory}`];
  return await PlatformTarget.start('env', [...path, interpreter.path, '-u', PROGRAM, which]);
}

if (greenlets.found.length === 0) test.skip('greenlets (no interpreter imports greenlet)', () => undefined);

for (const found of greenlets.found) {
  describe(`snapshot() of greenlets on CPython ${found.interpreter.name}`, () => {
    test.each([
      ['first', ['running', '<lambda>', 'in_running'], true],
      ['worker', ['running', '<lambda>', 'working'], true],
      ['main', ['running', '<lambda>', 'in_running', 'run_main', '<module>'], false],
    ])('merges %s, which runs, with what it says of itself', async (which, functions, isGreenlet) => {
      await using target = await start(found, which);
      const truth: GroundTruth = JSON.parse(await target.nextLine());
      await untilSettled(truth);
      using inspection = await attach(target.pid);
      const [thread, ...others] = inspection.snapshot(NATIVE).threads;
      if (thread === undefined) throw new RangeError('there is no thread');
      expect(others).toEqual([]);
      const merged = mergedOf(thread);
      expect([seenThread({ ...thread, frames: pythonFramesOf(merged) })]).toEqual(trueThreads(truth));
      expect(thread.frames.map(({ name }) => name).slice(-functions.length)).toEqual(functions);
      expect(thread.native?.cutOff).toBeUndefined();
      // What other greenlets have called lies farther out than its outermost Python frame.
      const last = merged.findLastIndex(({ kind }) => kind === 'python');
      expect(merged.slice(0, last).filter(isOfGreenlet)).toEqual([]);
      expect(merged.slice(last).some(isOfGreenlet)).toBe(isGreenlet);
    });

    test('merges one that runs Python at the moment, with what is called from where', async () => {
      await using target = await start(found, 'spinning');
      await target.nextLine();
      using inspection = await attach(target.pid);
      for (let look = 0; look < LOOKS; look += 1) {
        await stopEverywhere(target.pid);
        const [thread] = inspection.snapshot(NATIVE).threads;
        process.kill(target.pid, 'SIGCONT');
        if (thread === undefined) throw new RangeError('there is no thread');
        expect(thread.frames.map(({ name }) => name)).toEqual(['spin', '<lambda>', 'working']);
        expect(shapeOf(mergedOf(thread))).toBe('py py C py C');
      }
    });
  });
}

function isOfGreenlet(each: MergedFrame): boolean {
  return each.kind === 'native' && each.frame.module?.path.includes('greenlet.') === true;
}

/** Which kinds of frames follow each other from the innermost Python one on: native ones that do, as one. */
function shapeOf(merged: readonly MergedFrame[]): string {
  const innermost = merged.findIndex(({ kind }) => kind === 'python');
  const kinds = merged.slice(innermost).map(({ kind }) => (kind === 'python' ? 'py' : 'C'));
  return kinds.filter((kind, at) => kind === 'py' || kinds[at - 1] !== 'C').join(' ');
}
