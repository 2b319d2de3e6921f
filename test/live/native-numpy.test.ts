import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { attach, type Inspection } from '../../src/api/index.ts';
import type { NativeStack } from '../../src/model/native-frame.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import { type GdbStack, hasGdb, stacksByGdb } from '../support/gdb.ts';
import { compareStacks } from '../support/gdb-comparison.ts';
import { canImport, findInterpreters } from '../support/interpreters.ts';
import { threadNamed } from '../support/matrix.ts';
import { mergedOf, pythonFramesOf } from '../support/merged-frames.ts';
import { PlatformTarget } from '../support/platform-target.ts';
import { stopEverywhere } from '../support/stopped.ts';

const PROGRAM = fileURLToPath(new URL('../programs/matrix-product.py', import.meta.url));
const interpreter = findInterpreters().find((each) => each.root === undefined && canImport(each, 'numpy'));
const canCompare = hasGdb() && process.arch === 'x64';
const obstacle = interpreter === undefined ? ' (none imports numpy)' : canCompare ? '' : ' (no gdb)';

/** The product of two matrices as OpenBLAS and the reference library call it. */
const isInProduct = (native: NativeStack | undefined) =>
  native?.frames.some(({ symbol }) => /gemm/iu.test(symbol ?? '')) === true;

test.skipIf(obstacle !== '')(
  `a thread in numpy and those of its library are those of gdb, at whichever instruction${obstacle}`,
  async () => {
    if (interpreter === undefined) return;
    // Not as other targets, which are started without the packages of a distribution.
    await using target = await PlatformTarget.start(interpreter.path, ['-u', PROGRAM]);
    await target.nextLine();
    using inspection = await attach(target.pid);
    const snapshot = await lookIntoProduct(inspection, target.pid);
    // In kernels of OpenBLAS that have no unwind rules gdb may lose the stack, and come to address 0.
    const byGdb = stacksByGdb(target.pid, interpreter);
    const isLost = ({ frames }: GdbStack): boolean => frames.some(({ pc }) => pc === 0);
    const lost = new Set(byGdb.filter(isLost).map(({ threadId }) => `${threadId}`));
    const { seen, told } = compareStacks(snapshot, byGdb, interpreter);
    const kept = (stacks: typeof seen) =>
      Object.fromEntries(Object.entries(stacks).filter(([title]) => !lost.has(title.split(' ')[0] ?? '')));
    expect(kept(seen)).toEqual(kept(told));
    expect(Object.keys(kept(told)).length).toBeGreaterThan(0);

    const thread = threadNamed(snapshot, 'multiply');
    expect(pythonFramesOf(mergedOf(thread))).toEqual(thread.frames);
    expect(thread.frames.map(({ name }) => name)).toContain('multiply');
    const { nativeThreads = [] } = snapshot;
    const helpers = nativeThreads.filter(({ native }) =>
      native?.frames.some(({ module }) => module?.path.includes('openblas')),
    );
    const isThreaded = thread.native?.frames.some(({ symbol }) => symbol === 'exec_blas') === true;
    expect(helpers.length > 0).toBe(isThreaded && availableParallelism() > 1);
  },
);

/** Looks at the stopped target until its thread multiplies: between two products it runs Python for an instant. */
async function lookIntoProduct(inspection: Inspection, pid: number): Promise<Snapshot> {
  for (;;) {
    await stopEverywhere(pid);
    const snapshot = inspection.snapshot({ native: 'all-threads' });
    if (isInProduct(threadNamed(snapshot, 'multiply').native)) return snapshot;
    process.kill(pid, 'SIGCONT');
  }
}
