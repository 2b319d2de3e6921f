import { describe, expect, test } from 'vitest';
import { attach, type HeapSummary, type Inspection, openCore } from '../../src/api/index.ts';
import { toAddress } from '../../src/base/address.ts';
import { chainText } from '../../src/report/chain-text.ts';
import { arenaTruth } from '../support/arena-truth.ts';
import { CoreDirectory, gcore, hasTool } from '../support/core-maker.ts';
import { type HoldingFacts, holdingFacts } from '../support/holding-truth.ts';
import { findInterpreters } from '../support/interpreters.ts';
import { describeInterpreters, isSince } from '../support/matrix.ts';
import { startTarget } from '../support/target.ts';

/** What the target made and let go of between its count and ours. */
const MOST_MOVED_BYTES = 100_000;

function checkArenas({ arenas }: HeapSummary, told: HoldingFacts): void {
  if (arenas.kind === 'unknown') throw new TypeError(`no arenas: ${arenas.reason}`);
  const [only, ...others] = arenas.allocators;
  if (only === undefined) throw new TypeError('no arenas');
  expect(others).toEqual([]);
  const { arenaCount, usedBytes, freeBlockBytes, freePoolBytes } = only;
  const taken = usedBytes + freeBlockBytes + freePoolBytes;
  expect(taken / only.sizeBytes).toBeGreaterThan(0.9);
  expect(taken).toBeLessThanOrEqual(only.sizeBytes);
  // 2.7 does not say, but has that many objects with a text each.
  const truth = arenaTruth(told.arenas);
  if (truth === undefined) {
    expect(only.blockCount).toBeGreaterThan(2 * 9000);
    return;
  }
  expect(arenaCount).toBe(truth.arenaCount);
  expect(Math.abs(usedBytes - truth.usedBytes)).toBeLessThan(MOST_MOVED_BYTES);
  expect(Math.abs(freeBlockBytes - truth.freeBlockBytes)).toBeLessThan(MOST_MOVED_BYTES);
}

/** All at once: the classes derive from one. */
function checkChains(inspection: Pick<Inspection, 'holdings'>, { chains }: HoldingFacts): void {
  const subject = { kind: 'class', module: '__main__', className: 'Wanted' } as const;
  const { objects, problems, total, unheldCount } = inspection.holdings({ subject, limit: 100 });
  expect(problems).toEqual([]);
  expect([total, unheldCount]).toEqual([Object.keys(chains).length + 3, 2]);
  const found = new Map(objects.map((object) => [object.typeName.slice('__main__.'.length), object]));
  for (const [className, told] of Object.entries(chains)) {
    const seen = found.get(className)?.chains ?? [];
    expect(seen.map((chain) => [chainText(chain), chain.steps.map(({ address }) => address)])).toEqual(
      told.map(({ text, addresses }) => [text, addresses]),
    );
    expect(told.map(({ proved }) => proved)).toEqual(told.map(() => true));
  }
  const [long] = found.get('AtEnd')?.chains ?? [];
  expect(long && chainText(long)).toMatch(
    /^__main__\.first_link(\.next)+ > \.\.\. \d+ more \.\.\. > .*\.next$/u,
  );
  // A ring that the collector would free, and what C code alone holds.
  expect(found.get('InRing')).toMatchObject({ chains: [], referrers: [expect.anything()] });
  expect(found.get('InC')).toMatchObject({ chains: [], referrers: [] });
}

/** What one chain says of an object, asked by its address. */
function checkObject(inspection: Pick<Inspection, 'holdings'>, { large }: HoldingFacts): void {
  const [told] = large;
  if (told === undefined) throw new TypeError('no large object');
  const address = toAddress(told.address);
  const { total, objects } = inspection.holdings({ subject: { kind: 'object', address } });
  expect([total, objects.map(({ chains }) => chains.map(chainText))]).toEqual([1, [[told.text]]]);
}

function checkLargest(inspection: Pick<Inspection, 'largestObjects'>, { large }: HoldingFacts): void {
  const { objects, problems } = inspection.largestObjects({ limit: large.length });
  expect(problems).toEqual([]);
  expect(objects.map(({ chain, ...object }) => ({ text: chainText(chain), ...object }))).toMatchObject(
    large.toSorted((a, b) => b.sizeBytes - a.sizeBytes),
  );
}

/** CPython's own dicts: that of all interned strings, as far as an interpreter leads to it, and the names of builtins. */
function checkOwnDicts(inspection: Pick<Inspection, 'largestObjects'>, isReachable: boolean): void {
  const { objects } = inspection.largestObjects({ limit: 300 });
  const texts = objects.map(({ chain, itemCount = 0 }) => `${chainText(chain)}: ${itemCount > 5000}`);
  const own = texts.filter((text) => /interned strings|names of/u.test(text));
  expect(own.includes('the interned strings: true')).toBe(isReachable);
  if (isReachable) expect(own).toContain('a dict of names of builtins: false');
}

/** One of each way in which instances and the collector's lists are kept. */
const CORE_FAMILIES = ['2.7', '3.8', '3.12', '3.13'];

describeInterpreters('2.7', (interpreter) => {
  test.skipIf(interpreter.isFreeThreaded)('mem tells what the target says of itself', async () => {
    await using target = await startTarget(interpreter, 'holdings.py');
    const facts = holdingFacts(target.groundTruth);
    using inspection = await attach(target.pid, { native: false });
    checkArenas(inspection.heapSummary(), facts);
    checkChains(inspection, facts);
    checkObject(inspection, facts);
    checkLargest(inspection, facts);
    checkOwnDicts(inspection, isSince(interpreter, '3.12'));
    if (!hasTool('gcore') || interpreter.root !== undefined || !CORE_FAMILIES.includes(interpreter.family))
      return;
    using directory = new CoreDirectory();
    using core = await openCore(gcore(directory, target.pid), { native: false });
    checkChains(core, facts);
    checkLargest(core, facts);
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
