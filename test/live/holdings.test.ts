import { describe, expect, test } from 'vitest';
import { attach, type HeapSummary } from '../../src/api/index.ts';
import { arenaTruth } from '../support/arena-truth.ts';
import { findInterpreters } from '../support/interpreters.ts';
import { describeInterpreters } from '../support/matrix.ts';
import { startTarget, type Target } from '../support/target.ts';

/** What the target made and let go of between its count and ours. */
const MOST_MOVED_BYTES = 100_000;

function checkArenas({ arenas, sizeBytes }: HeapSummary, { groundTruth }: Target): void {
  if (arenas.kind === 'unknown') throw new TypeError(`no arenas: ${arenas.reason}`);
  const [only, ...others] = arenas.allocators;
  if (only === undefined) throw new TypeError('no arenas');
  expect(others).toEqual([]);
  const { arenaCount, usedBytes, freeBlockBytes, freePoolBytes } = only;
  const taken = usedBytes + freeBlockBytes + freePoolBytes;
  expect(taken / only.sizeBytes).toBeGreaterThan(0.9);
  expect(taken).toBeLessThanOrEqual(only.sizeBytes);
  // 2.7 does not say; what its small objects take is most of what all take.
  const truth = arenaTruth(groundTruth.facts['arenas']);
  if (truth === undefined) {
    expect(usedBytes / sizeBytes).toBeGreaterThan(0.5);
    return;
  }
  expect(arenaCount).toBe(truth.arenaCount);
  expect(Math.abs(usedBytes - truth.usedBytes)).toBeLessThan(MOST_MOVED_BYTES);
  expect(Math.abs(freeBlockBytes - truth.freeBlockBytes)).toBeLessThan(MOST_MOVED_BYTES);
}

describeInterpreters('2.7', (interpreter) => {
  test.skipIf(interpreter.isFreeThreaded)('mem tells what the target says of itself', async () => {
    await using target = await startTarget(interpreter, 'holdings.py');
    using inspection = await attach(target.pid, { native: false });
    checkArenas(inspection.heapSummary(), target);
  });
});

describe('without arenas', () => {
  const [interpreter] = findInterpreters().filter(
    ({ family, kind }) => family === '3.13' && kind === 'shared',
  );
  for (const allocator of ['malloc', 'mimalloc'])
    test.skipIf(interpreter === undefined)(`heapSummary() says so: PYTHONMALLOC=${allocator}`, async () => {
      if (interpreter === undefined) return;
      const env = { PYTHONMALLOC: allocator };
      await using target = await startTarget(interpreter, 'holdings.py', { env });
      using inspection = await attach(target.pid, { native: false });
      expect(inspection.heapSummary().arenas).toEqual({ kind: 'known', allocators: [] });
    });
});
