import { readdirSync, readFileSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { attach } from '../../src/api/index.ts';
import { startCounting } from '../support/counting-target.ts';
import { findInterpreters } from '../support/interpreters.ts';

/** PYFLIGHT_ENDURANCE=10000 is what a release is held to; an attach takes as long as several looks. */
const LOOKS = Number(process.env['PYFLIGHT_ENDURANCE'] ?? 600);
const ATTACHES = Math.ceil(LOOKS / 10);
const CHUNKS = 10;
/** What our own heap may breathe: a leak of a page in each look is 40 MB after 10,000. */
const MOST_GROWTH_KB = { ours: 48 * 1024, target: 1024 } as const;

const python = findInterpreters().findLast(({ kind, root }) => kind === 'shared' && root === undefined);
if (python === undefined) throw new Error('there is no Python to run');

interface Footprint {
  readonly files: number;
  readonly residentKb: number;
}

function footprintOf(pid: number): Footprint {
  const status = readFileSync(`/proc/${pid}/status`, 'latin1');
  return {
    files: readdirSync(`/proc/${pid}/fd`).length,
    residentKb: Number(/^VmRSS:\s*(\d+)/mu.exec(status)?.[1]),
  };
}

/** Does something again and again and compares both processes at the end with what they were after the first chunks. */
async function expectNoGrowth(targetPid: number, count: number, act: () => unknown): Promise<void> {
  const footprints: (readonly [Footprint, Footprint])[] = [];
  for (let chunk = 0; chunk < CHUNKS; chunk += 1) {
    for (let done = 0; done < count / CHUNKS; done += 1) await act();
    await setImmediate();
    footprints.push([footprintOf(process.pid), footprintOf(targetPid)]);
  }
  const [ours, target] = footprints[2] ?? [];
  const [oursAtEnd, targetAtEnd] = footprints.at(-1) ?? [];
  expect([oursAtEnd?.files, targetAtEnd?.files]).toEqual([ours?.files, target?.files]);
  expect((oursAtEnd?.residentKb ?? 0) - (ours?.residentKb ?? 0)).toBeLessThan(MOST_GROWTH_KB.ours);
  expect((targetAtEnd?.residentKb ?? 0) - (target?.residentKb ?? 0)).toBeLessThan(MOST_GROWTH_KB.target);
}

test(`${LOOKS} looks at a busy process leave no file open and no memory behind`, {
  timeout: 3_600_000,
}, async () => {
  await using counting = await startCounting(python.path);
  using inspection = await attach(counting.pid);
  let looks = 0;
  await expectNoGrowth(counting.pid, LOOKS, () => {
    looks += 1;
    const { threads } = inspection.snapshot({ locals: looks % 2 === 0, pause: looks % 3 !== 0 });
    expect(threads).toHaveLength(4);
  });
  await counting.untilAllProgress();
});

test(`${ATTACHES} attaches to a busy process leave no file open and no memory behind`, {
  timeout: 3_600_000,
}, async () => {
  await using counting = await startCounting(python.path);
  await expectNoGrowth(counting.pid, ATTACHES, async () => {
    using inspection = await attach(counting.pid);
    expect(inspection.facts.pid).toBe(counting.pid);
  });
  await counting.untilAllProgress();
});
