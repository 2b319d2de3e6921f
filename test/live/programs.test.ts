import { readlinkSync } from 'node:fs';
import { basename } from 'node:path';
import { describe, expect, test } from 'vitest';
import { embeddingObstacle, startEmbedded } from '../support/embedded.ts';
import type { GroundTruth, TrueFrame } from '../support/ground-truth.ts';
import { findInterpreters } from '../support/interpreters.ts';
import { canRun, PROGRAMS } from '../support/programs.ts';
import { startTarget } from '../support/target.ts';

/** Whether the names stand on the stack in this order, whatever lies between. */
function holdsInOrder(frames: readonly TrueFrame[], names: readonly string[]): boolean {
  let met = 0;
  for (const { name } of frames) if (name === names[met]) met += 1;
  return met === names.length;
}

for (const interpreter of findInterpreters())
  describe(interpreter.name, () => {
    for (const program of PROGRAMS.filter((each) => canRun(interpreter, each))) {
      test(`${program.file} tells the truth about itself, twice`, async () => {
        await using target = await startTarget(interpreter, program.file);
        const first = target.groundTruth;
        expect(first.pid).toBe(target.pid);
        expect(first.version).toMatch(interpreter.version);
        const again = async (): Promise<GroundTruth> => {
          target.say('again');
          return await target.next();
        };
        const isThere = ({ threads }: GroundTruth): boolean =>
          threads.some(({ frames }) => holdsInOrder(frames, program.stack));
        // Without a GIL a program that asks for the frames of a thread which runs now and then gets half of them.
        const isTorn = interpreter.isFreeThreaded && !isThere(first);
        expect(isThere(isTorn ? await again() : first)).toBe(true);
        const second = await again();
        expect(second.threads.map(({ ident }) => ident)).toEqual(first.threads.map(({ ident }) => ident));
      });
    }

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
