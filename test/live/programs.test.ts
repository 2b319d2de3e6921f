import { readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { embeddingObstacle, startEmbedded } from '../support/embedded.ts';
import type { TrueFrame } from '../support/ground-truth.ts';
import { findInterpreters } from '../support/interpreters.ts';
import { describeScene } from '../support/matrix.ts';
import { cutOffsOf, mergedOf, pythonFramesOf } from '../support/merged-frames.ts';
import { canRun, PROGRAMS } from '../support/programs.ts';

/** What programs are told that would say the same many times over: 50 threads, 200 calls. */
const FEWER: Readonly<Record<string, readonly string[]>> = {
  'many-threads.py': ['50'],
  'recursion.py': ['200'],
};

/** Whether the names stand on the stack in this order, whatever lies between. */
function holdsInOrder(frames: readonly TrueFrame[], names: readonly string[]): boolean {
  let met = 0;
  for (const { name } of frames) if (name === names[met]) met += 1;
  return met === names.length;
}

for (const interpreter of findInterpreters())
  describe(interpreter.name, () => {
    for (const { file, stack } of PROGRAMS.filter((each) => canRun(interpreter, each)))
      describeScene({ interpreter, program: file, args: FEWER[file] ?? [] }, (scene) => {
        test('snapshot() merges every thread that rests with its native calls', async () => {
          const snapshot = await scene().snapshot({ native: 'all-threads' });
          const { facts } = scene().truth;
          const moving = [facts['spinning'] ?? [], facts['churning'] ?? []].flat();
          const resting = snapshot.threads.filter(
            ({ isTerminated, pythonName }) => !isTerminated && !moving.some((name) => name === pythonName),
          );
          for (const thread of resting) expect(pythonFramesOf(mergedOf(thread))).toEqual(thread.frames);
          expect(resting.length).toBeGreaterThan(0);
          expect(cutOffsOf(snapshot)).toEqual([]);
        });

        test('the program tells the truth about itself, twice', async () => {
          const { target, truth: first } = scene();
          expect(first.pid).toBe(target.pid);
          expect(first.version).toMatch(interpreter.version);
          expect(first.threads.some(({ frames }) => holdsInOrder(frames, stack))).toBe(true);
          target.say('again');
          const second = await target.next();
          expect(second.threads.map(({ ident }) => ident)).toEqual(first.threads.map(({ ident }) => ident));
        });
      });

    const obstacle = embeddingObstacle(interpreter);
    test.skipIf(obstacle !== undefined)(
      `embed.c embeds it under another name${obstacle === undefined ? '' : ` (${obstacle})`}`,
      async () => {
        await using target = await startEmbedded(interpreter, 'threads.py');
        expect(basename(readlinkSync(`/proc/${target.pid}/exe`))).toBe('service');
        expect(target.groundTruth.version).toBe(interpreter.version);
      },
    );
  });
