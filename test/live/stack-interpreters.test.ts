import { expect, test } from 'vitest';
import type { Snapshot } from '../../src/model/snapshot.ts';
import type { ThreadStack } from '../../src/model/thread-stack.ts';
import { pystackLines } from '../../src/report/pystack-layout.ts';
import { PLAIN } from '../../src/report/style.ts';
import type { TrueThread } from '../support/ground-truth.ts';
import { describeInterpreters, describeScene, isSince } from '../support/matrix.ts';
import { seenThread, trueThreads } from '../support/seen-threads.ts';

/** What the program says of an interpreter beside the main one. */
interface TrueInterpreter {
  readonly id: number;
  readonly kind: 'idle' | 'live' | 'nested';
  readonly threads: readonly TrueThread[];
}

describeInterpreters('3.8', (interpreter) => {
  describeScene({ interpreter, program: 'subinterpreters.py' }, (scene) => {
    const others = (): readonly TrueInterpreter[] =>
      JSON.parse(JSON.stringify(scene().truth.facts['interpreters']));
    const idOf = (wanted: TrueInterpreter['kind']) => others().find(({ kind }) => kind === wanted)?.id ?? -1;

    test('snapshot() lists all interpreters, newest first, and an idle one hides no other', async () => {
      const { interpreters, problems } = await scene().snapshot();
      expect(interpreters.map(({ id }) => id)).toEqual([idOf('nested'), idOf('live'), idOf('idle'), 0]);
      expect(interpreters.filter(({ isMain }) => isMain).map(({ id }) => id)).toEqual([0]);
      expect(problems).toEqual([]);
    });

    test('InterpreterFacts.isIdle is set where nothing runs', async () => {
      const { interpreters, threads } = await scene().snapshot();
      for (const { id, isIdle } of interpreters) {
        expect([id, isIdle]).toEqual([id, !threads.some(({ interpreterId }) => interpreterId === id)]);
      }
    });

    test('snapshot() tells the frames that each interpreter runs in a thread', async () => {
      const snapshot = await scene().snapshot();
      const tellings = [{ id: 0, threads: scene().truth.threads }, ...others()];
      for (const { id, threads } of tellings) {
        const told = trueThreads({ threads }).map(({ ident, nativeId, frames }) => ({
          ident,
          nativeId,
          frames,
        }));
        const seen = withFrames(snapshot, id)
          .map(seenThread)
          .map(({ ident, nativeId, frames }) => ({ ident, nativeId, frames }))
          .sort((a, b) => (a.ident ?? 0) - (b.ident ?? 0));
        expect(seen).toEqual(told);
      }
    });

    test('snapshot() puts the states of one OS thread together, the outermost first', async () => {
      const { threads } = await scene().snapshot();
      const running = threads.filter(({ frames }) => frames.length > 0);
      const order = running.map(({ interpreterId, osThreadId }) => [osThreadId, interpreterId]);
      const live = order.find(([, id]) => id === idOf('live'))?.[0];
      const main = order.find(([, id]) => id === idOf('nested'))?.[0];
      expect(order.filter(([id]) => id === live)).toEqual([
        [live, 0],
        [live, idOf('live')],
      ]);
      expect(order.filter(([id]) => id === main)).toEqual([
        [main, 0],
        [main, idOf('nested')],
      ]);
      const groups = order.map(([id]) => id).filter((id, at, all) => id !== all[at - 1]);
      expect(new Set(groups).size).toBe(groups.length);
    });

    test('ThreadStack.isMainThread and the kernel know one main thread, whichever interpreter runs on it', async () => {
      const { threads, process } = await scene().snapshot();
      const onMain = threads.filter(({ isMainThread }) => isMainThread);
      expect(new Set(onMain.map(({ osThreadId }) => osThreadId))).toEqual(new Set([process.pid]));
    });

    test('pystackLines() has a section for each interpreter of a thread', async () => {
      const snapshot = await scene().snapshot();
      const lines = [...pystackLines(snapshot, { style: PLAIN, showLocals: false })];
      const sections = lines.filter((line) => !line.startsWith('    ') && line !== '');
      expect(sections).toEqual(sectionsOf(snapshot));
      expect(sections.filter((line) => line === `  In interpreter ${idOf('live')} []`).length).toBe(1);
      expect(sections.filter((line) => line === `  In interpreter ${idOf('nested')} []`).length).toBe(1);
    });

    test('ThreadStack.gil is of the own interpreter, which has its own lock from 3.12 on', async () => {
      const { threads } = await scene().snapshot();
      expect(threads.map(({ gil }) => gil)).toEqual(threads.map(() => 'none'));
      expect(isSince(interpreter, '3.8')).toBe(true);
    });
  });
});

function withFrames({ threads }: Snapshot, interpreterId: number): readonly ThreadStack[] {
  return threads.filter((thread) => thread.interpreterId === interpreterId && thread.frames.length > 0);
}

/** A header for each OS thread, and under it a line for each interpreter that it runs. */
function sectionsOf({ threads }: Snapshot): readonly string[] {
  return threads.flatMap(({ osThreadId, kernelName, interpreterId }, at) => {
    const section = `  In ${interpreterId === 0 ? 'the main interpreter' : `interpreter ${interpreterId}`} []`;
    const header = `Traceback for thread ${osThreadId} (${kernelName}) (most recent call last):`;
    return osThreadId === threads[at - 1]?.osThreadId ? [section] : [header, section];
  });
}
