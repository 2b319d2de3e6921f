import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, expect, test } from 'vitest';
import { type Profile, startSampling } from '../../src/api/index.ts';
import type { ThreadStack } from '../../src/model/thread-stack.ts';
import { describeInterpreters, describeScene, isSince } from '../support/matrix.ts';
import { mergedOf } from '../support/merged-frames.ts';
import { compileNativeParts } from '../support/native-parts.ts';
import { countLooks, type SeenStack, seenStacks } from '../support/profile-shares.ts';
import { sharesOf, spentTimes } from '../support/spent-times.ts';

const directory = mkdtempSync(join(tmpdir(), 'pyflight-sampling-native-'));
compileNativeParts(directory);
afterAll(() => rmSync(directory, { recursive: true }));

/** Shares come out within this on a machine that has much else to do. */
const MOST_ERROR = 0.1;

/** What each function of native-shares.py spends its time in, where that has a name. */
const NATIVE: Readonly<Record<string, RegExp>> = {
  hashing: /sha256/iu,
  sorting: /sort/u,
  packing: /compress/u,
};

/** How a profile calls what nothing names. */
const NAMELESS = /^\S+\+0x[0-9a-f]+$/u;

describeInterpreters('2.7', (interpreter) => {
  describeScene({ interpreter, program: 'native-shares.py' }, (scene) => {
    test('C functions are in a profile for as long as they took, below the lines that call them', async () => {
      const { pid } = scene().truth;
      const sampling = startSampling(pid, { native: true, rateHz: 500, sweeps: 180, mode: 'wall' });
      while (sampling.progress.sweeps < 20) await wait(1);
      // What is loaded meanwhile has its names too.
      scene().target.say('pack');
      const profile = await sampling.ended;
      const computer = seenStacks(profile).filter(({ thread }) => thread === 'computer');
      const stacks = computer.slice(computer.findIndex(isIn('packing')));
      const all = countLooks(stacks, ({ calls }) => calls.some((call) => call in NATIVE));
      for (const [name, share] of sharesOf(spentTimes(scene().inspection))) {
        const inside = stacks.filter(isIn(name));
        const looks = countLooks(inside, () => true);
        const chance = 3 * Math.sqrt((share * (1 - share)) / all);
        expect(Math.abs(looks / all - share), name).toBeLessThan(MOST_ERROR + chance);
        expect(countLooks(inside, hasNativeOf(name)) / looks, name).toBeGreaterThan(0.5);
      }
      expect(profile.account.samplesWithoutNative).toBeLessThan(0.1 * profile.account.samples);
      expect(profile.account.pausedNs).toBeGreaterThan(0);
    });

    test('native calls are shown of the threads that the mode is about', async () => {
      for (const mode of ['cpu', 'gil'] as const) {
        const plan = { native: true, rateHz: 2000, sweeps: 40, mode };
        const stacks = seenStacks(await startSampling(scene().truth.pid, plan).ended);
        expect(new Set(stacks.map(({ thread }) => thread)), mode).toEqual(new Set(['computer']));
      }
    });
  });

  describeScene({ interpreter, program: 'gil-passing.py' }, (scene) => {
    test('threads that wake each other all the time have their native calls', async () => {
      const plan = { native: true, rateHz: 500, sweeps: 70, mode: 'wall' } as const;
      const { account } = await startSampling(scene().truth.pid, plan).ended;
      expect(account.samplesWithoutNative).toBeLessThan(0.025 * account.samples);
    });
  });

  // Calls back from C in every way; through extensions in C, C++ and Rust, and from signal handlers.
  const programs = ['native-crossings.py', ...(isSince(interpreter, '3.6') ? ['native-ways.py'] : [])];
  for (const program of programs)
    describeScene({ interpreter, program, env: { PYFLIGHT_NATIVE: directory } }, (scene) => {
      test('a profile has the stacks that snapshot() shows', async () => {
        const { threads } = await scene().snapshot({ native: 'python-threads' });
        const plan = { native: true, rateHz: 1000, sweeps: 5, mode: 'wall' } as const;
        const profile = await startSampling(scene().truth.pid, plan).ended;
        const shown = threads.filter(({ frames }) => frames.length > 0).map(shownStack);
        expect(profile.account.samplesWithoutNative).toBe(0);
        expect(new Set(sampledStacks(profile))).toEqual(new Set(shown));
      });
    });
});

function isIn(name: string): (stack: SeenStack) => boolean {
  return ({ calls }) => calls.includes(name);
}

/** Whether the C function stands above the Python function that it is to be seen in. */
function hasNativeOf(name: string): (stack: SeenStack) => boolean {
  return ({ calls }) =>
    calls.slice(calls.indexOf(name)).some((call) => NATIVE[name]?.test(call) === true || NAMELESS.test(call));
}

/** A merged stack in a line, outermost call first. */
function shownStack(thread: ThreadStack): string {
  const calls = mergedOf(thread).map((each) =>
    each.kind === 'python' ? (each.frame.qualifiedName ?? each.frame.name) : (each.frame.symbol ?? '???'),
  );
  return `${thread.pythonName}: ${calls.reverse().join(' ')}`;
}

function sampledStacks(profile: Profile): readonly string[] {
  return seenStacks(profile).map(({ thread, calls }) => {
    const names = calls.map((call) => (NAMELESS.test(call) ? '???' : call));
    return `${thread}: ${names.join(' ')}`;
  });
}
