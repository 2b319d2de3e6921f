import { expect, test } from 'vitest';
import type { Snapshot } from '../../src/model/snapshot.ts';
import type { ThreadStack } from '../../src/model/thread-stack.ts';
import { describeInterpreters, describeScene, isSince, Scene, threadNamed } from '../support/matrix.ts';
import { cutOffsOf, mergedOf, nativeCallsOf, pythonFramesOf } from '../support/merged-frames.ts';
import { seenThreads, trueThreads } from '../support/seen-threads.ts';

const NATIVE = { native: 'all-threads' } as const;
const DEPTH = 10_000;
const LOOKS = 25;

/** What C functions stand between a function of native-crossings.py and the next Python one, where their names are known. */
const CROSSINGS: Readonly<Record<string, RegExp>> = {
  through_sorted: /sort/u,
  through_map: /map/u,
  through_filter: /filter/u,
  through_del: /dealloc/u,
  through_collector: /collect|weakrefs/u,
  through_generator_in_c: /list_?_?(extend|init)/u,
  through_exec: /exec|run_code|Eval/u,
  through_eval: /builtin_eval/u,
  through_import: /import|Import/u,
  through_class: /build_class/u,
  through_new: /slot_tp_new/u,
  through_attribute: /[gG]et_?[aA]ttr/u,
  through_comparison: /[rR]ich/u,
  through_ctypes: /ffi_call/u,
  through_qsort: /qsort_r/u,
};

/** Of 2.7 these are instructions of the evaluation loop, whose functions are its machinery. */
const INSTRUCTIONS_OF_2_7 = ['through_exec', 'through_class'];

describeInterpreters('2.7', (interpreter) => {
  describeScene({ interpreter, program: 'native-crossings.py' }, (scene) => {
    test('snapshot() merges Python frames that C functions have called in every way', async () => {
      const snapshot = await scene().snapshot(NATIVE);
      expect(mergedThreads(snapshot)).toEqual(trueThreads(scene().truth));
      expect(cutOffsOf(snapshot)).toEqual([]);
    });

    test('the native calls stand between the Python frames that they led from and to', async () => {
      const { threads } = await scene().snapshot(NATIVE);
      const merged = mergedOf(threadNamed({ threads } as Snapshot, 'MainThread'));
      const ways = [scene().truth.facts['ways']].flat();
      for (const [name, native] of Object.entries(CROSSINGS)) {
        const isMachinery = interpreter.family === '2.7' && INSTRUCTIONS_OF_2_7.includes(name);
        if (isMachinery || !ways.includes(name)) continue;
        const calls = nativeCallsOf(merged, name);
        if (interpreter.isStripped) expect([name, calls.length > 0]).toEqual([name, true]);
        else expect(calls, name).toContainEqual(expect.stringMatching(native));
      }
    });
  });

  test('snapshot() merges 10,000 calls of Python, which to 3.10 are as many of C', async () => {
    await using scene = await Scene.open(interpreter, 'recursion.py', { args: [String(DEPTH)] });
    const snapshot = await scene.snapshot(NATIVE);
    expect(cutOffsOf(snapshot)).toEqual([]);
    const deep = threadNamed(snapshot, 'deep');
    expect(deep.problems).toEqual([]);
    const addresses = pythonFramesOf(mergedOf(deep)).map(({ address }) => address);
    expect(addresses.length).toBeGreaterThan(DEPTH);
    // One comparison of two texts: a difference of 10,000 objects takes minutes to be told.
    expect(addresses.join()).toBe(deep.frames.map(({ address }) => address).join());
    const { frames = [] } = deep.native ?? {};
    if (isSince(interpreter, '3.11')) expect(frames.length).toBeLessThan(1000);
    else expect(frames.length).toBeGreaterThan(DEPTH);
  });

  for (const program of ['gil-contention.py', 'moving-recursion.py'])
    test(`snapshot() of ${program} is merged as it is read, or not at all, at whichever moment`, async () => {
      await using scene = await Scene.open(interpreter, program);
      let merged = 0;
      let all = 0;
      for (let look = 0; look < LOOKS; look += 1) {
        for (const thread of scene.inspection.snapshot(NATIVE).threads) {
          all += 1;
          if (thread.merged === undefined) continue;
          merged += 1;
          expect(pythonFramesOf(thread.merged)).toEqual(thread.frames);
        }
      }
      // To 3.10 a frame that has just ended leaves its call on the C stack for a moment, in one of thirty looks.
      expect(merged / all).toBeGreaterThan(0.85);
    });
});

describeInterpreters('3.8', (interpreter) => {
  describeScene({ interpreter, program: 'subinterpreters.py' }, (scene) => {
    test('snapshot() gives each interpreter of a thread its own part of the native stack', async () => {
      const { threads } = await scene().snapshot(NATIVE);
      for (const group of groupsWithSeveral(threads)) {
        const shown = group.flatMap((thread) => mergedOf(thread)).filter(({ kind }) => kind === 'native');
        // The one that runs the other: its native calls lead there.
        const [outer, inner] = group;
        expect(outer && mergedOf(outer)[0]?.kind).toBe('native');
        expect(inner && mergedOf(inner)[0]?.kind).toBe('native');
        // No native call is shown twice.
        const places = shown.map(({ frame }) => frame);
        expect(new Set(places).size).toBe(places.length);
      }
    });
  });
});

/** The threads with the Python frames of their merged stacks, in the words of the ground truth. */
function mergedThreads({ threads, ...rest }: Snapshot) {
  const merged = threads.map((thread) => ({ ...thread, frames: pythonFramesOf(mergedOf(thread)) }));
  return seenThreads({ ...rest, threads: merged });
}

/** The states of each OS thread that runs several interpreters, the outermost first. */
function groupsWithSeveral(threads: readonly ThreadStack[]): readonly (readonly ThreadStack[])[] {
  const running = threads.filter(({ frames }) => frames.length > 0);
  const groups = new Map<number | undefined, ThreadStack[]>();
  for (const thread of running) {
    const group = groups.get(thread.osThreadId);
    if (group === undefined) groups.set(thread.osThreadId, [thread]);
    else group.push(thread);
  }
  return [...groups.values()].filter(({ length }) => length > 1);
}
