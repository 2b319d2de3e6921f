import { afterEach, describe, expect, test, vi } from 'vitest';
import type { SnapshotOptions } from '../../src/api/index.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import type { GroundTruth } from '../support/ground-truth.ts';
import { describeInterpreters, describeScene, isSince, Scene } from '../support/matrix.ts';
import { seenThreads, trueThreads } from '../support/seen-threads.ts';

/** The ways to look: at a paused process and at a running one. */
const LOOKS: readonly (readonly [title: string, options: SnapshotOptions])[] = [
  ['a paused process', {}],
  ['a running process', { pause: false }],
];

describeInterpreters('2.7', (interpreter) => {
  describe('through /proc/PID/mem', () => {
    afterEach(() => {
      vi.unstubAllEnvs();
    });

    test('snapshot() tells the one thread of a process', async () => {
      vi.stubEnv('PYFLIGHT_NO_PROCESS_VM_READV', '1');
      await using scene = await Scene.open(interpreter, 'single-thread.py');
      for (const [, options] of LOOKS) {
        const snapshot = await scene.snapshot(options);
        expect(seenThreads(snapshot)).toEqual(trueThreads(scene.truth));
        expectNothingOdd(snapshot, scene.truth);
      }
    });
  });

  describeScene({ interpreter, program: 'single-thread.py' }, (scene) => {
    test.each(LOOKS)('snapshot() of %s tells the one thread', async (_title, options) => {
      const snapshot = await scene().snapshot(options);
      expect(seenThreads(snapshot)).toEqual(trueThreads(scene().truth));
      expectNothingOdd(snapshot, scene().truth);
      expect(snapshot.pauseNs === undefined).toBe(options.pause === false);
    });

    test('snapshot() tells the program, its arguments and its version', async () => {
      const { process } = await scene().snapshot();
      const { pid, version } = scene().truth;
      const { isFreeThreaded, isDebugBuild } = interpreter;
      const { major, minor, micro } = process.python;
      expect(process).toMatchObject({ pid, innerPid: undefined, python: { isFreeThreaded, isDebugBuild } });
      expect(version.startsWith(`${major}.${minor}.${micro}`)).toBe(true);
      expect(process.commandLine.at(-1)).toMatch(/\/single-thread\.py$/);
      expect(process.executable).toBe(interpreter.path);
    });
  });

  describeScene({ interpreter, program: 'threads.py' }, (scene) => {
    test.each(LOOKS)('snapshot() of %s tells ids, names and frames of every thread', async (_, options) => {
      const snapshot = await scene().snapshot(options);
      expect(seenThreads(snapshot)).toEqual(trueThreads(scene().truth));
      expectNothingOdd(snapshot, scene().truth);
    });

    test.each(LOOKS)('snapshot() of %s tells which system call each thread is in', async (_, options) => {
      const { threads } = await scene().snapshot(options);
      const calls = threads.map(({ activity, pythonName }) => [
        pythonName,
        activity.state === 'blocked' ? activity.syscallName : activity.state,
      ]);
      expect(Object.fromEntries(calls)).toEqual({
        MainThread: 'read',
        'worker-0': 'futex',
        'worker-1': 'futex',
        'worker-2': 'futex',
        'worker-3': 'futex',
      });
    });

    test('snapshot() lists threads newest first, the main thread last', async () => {
      const { threads } = await scene().snapshot();
      const names = threads.map(({ pythonName }) => pythonName);
      expect(names).toEqual(['worker-3', 'worker-2', 'worker-1', 'worker-0', 'MainThread']);
    });

    test('snapshot() tells the names that the kernel has, which Python gives it from 3.14 on', async () => {
      const { threads, process } = await scene().snapshot();
      const program = process.executable.slice(process.executable.lastIndexOf('/') + 1).slice(0, 15);
      const workers = [3, 2, 1, 0].map((at) => (isSince(interpreter, '3.14') ? `worker-${at}` : program));
      expect(threads.map(({ kernelName }) => kernelName)).toEqual([...workers, program]);
    });

    test('snapshot() of one thread shows it alone, whichever of its labels is given', async () => {
      const all = await scene().snapshot();
      const wanted = all.threads.find(({ pythonName }) => pythonName === 'worker-2');
      for (const thread of ['worker-2', String(wanted?.osThreadId)]) {
        const { threads } = await scene().snapshot({ thread });
        expect(threads.map(({ osThreadId }) => osThreadId)).toEqual([wanted?.osThreadId]);
      }
    });

    test('snapshot() of a thread that is not there names those that are', async () => {
      const { threads } = await scene().snapshot();
      const known = threads.map(({ osThreadId, pythonName }) => `${osThreadId} (${pythonName})`).join(', ');
      await expect(scene().snapshot({ thread: 'worker-9' })).rejects.toThrow(
        `Cannot show thread worker-9: the process has ${known}`,
      );
    });
  });
});

/** What holds of every program whose threads all stand still outside of the interpreter. */
function expectNothingOdd(snapshot: Snapshot, { hexVersion }: GroundTruth): void {
  const { major, minor, micro } = snapshot.process.python;
  expect((major << 16) | (minor << 8) | micro).toBe(hexVersion >>> 8);
  expect(snapshot.problems).toEqual([]);
  expect(snapshot.interpreters).toMatchObject([{ id: 0, isMain: true, isIdle: false }]);
  for (const thread of snapshot.threads) {
    expect(thread).toMatchObject({ interpreterId: 0, isTerminated: false, gil: 'none', problems: [] });
    expect(thread.isCollectingGarbage ?? false).toBe(false);
    expect(thread.frames.every(({ variables }) => variables === undefined)).toBe(true);
  }
}
