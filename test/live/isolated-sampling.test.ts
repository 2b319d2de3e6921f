import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Profile, samplesOf, startSampling } from '../../src/api/index.ts';
import { runPyflight } from '../support/command-line.ts';
import type { TrueThread } from '../support/ground-truth.ts';
import { findInterpreters } from '../support/interpreters.ts';
import { SANDBOXES, type SandboxedTarget, sandboxObstacle, startSandboxed } from '../support/sandboxes.ts';

const obstacle = sandboxObstacle();
/** One version of each way to find thread ids and frames. */
const FAMILIES = ['2.7', '3.8', '3.11', '3.15'];
const interpreters = findInterpreters().filter(
  ({ kind, family }) => (kind === 'shared' || kind === 'other-root') && FAMILIES.includes(family),
);
const [container] = SANDBOXES.slice(-1);

describe.skipIf(obstacle !== undefined || container === undefined)(
  `A container seen from the host${obstacle === undefined ? '' : ` (${obstacle})`}`,
  () => {
    describe.each(interpreters.map((interpreter) => [interpreter.name, interpreter] as const))(
      '%s',
      (_, interpreter) => {
        let sandboxed: SandboxedTarget;

        beforeAll(async () => {
          if (container !== undefined) sandboxed = await startSandboxed(container, interpreter, 'threads.py');
        });
        afterAll(async () => {
          await sandboxed?.[Symbol.asyncDispose]();
        });

        test('startSampling() sees its threads and files as it sees them itself, by ids of our namespace', async () => {
          const profile = await startSampling(sandboxed.pid, { mode: 'wall', sweeps: 20 }).ended;
          const { threads } = sandboxed.target.groundTruth;
          expect(seenThreads(profile)).toEqual(threads.map(trueThread).toSorted());
          for (const { osThreadId } of profile.threads)
            expect(readFileSync(`/proc/${sandboxed.pid}/task/${osThreadId}/comm`, 'utf8')).not.toBe('');
        });

        test('startSampling() of CPU time sees none of its threads, which all sleep', async () => {
          const profile = await startSampling(sandboxed.pid, { mode: 'cpu', sweeps: 20 }).ended;
          expect(profile.account.samples).toBe(0);
        });

        test('perf shows lines of its own files', async () => {
          const words = [
            'perf',
            String(sandboxed.pid),
            '--idle',
            '-d',
            '0.3',
            '--format',
            'heatmap',
            '-f',
            '-',
          ];
          const { out } = await runPyflight(words);
          expect(out).not.toContain('decoy');
          expect(out).toMatch(/ 80 █+ +list\(map\(_call, /);
        });
      },
    );
  },
);

/** Each thread that was seen: its id for Python, its name, and its calls with their lines, the innermost first. */
function seenThreads({ samples, threads, stacks, frames }: Profile): readonly string[] {
  const seen = [...samplesOf(samples)].map(({ thread, stack }) => {
    const { pthreadId, name } = threads[thread] ?? {};
    const calls: string[] = [];
    for (let node = stack; node !== 0; node = stacks.parents[node] ?? 0) {
      const frame = frames[stacks.frames[node] ?? 0];
      calls.push(`${frame?.name} ${frame?.file}:${frame?.line}`);
    }
    return [pthreadId, name, ...calls].join('\n');
  });
  return [...new Set(seen)].sort();
}

function trueThread({ ident, name, frames }: TrueThread): string {
  const calls = frames.map((frame) => `${frame.qualifiedName ?? frame.name} ${frame.file}:${frame.line}`);
  return [ident, name, ...calls].join('\n');
}
