import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { attach, type HeapSummary, openCore } from '../../src/api/index.ts';
import { toAddress } from '../../src/base/address.ts';
import { NotKeptError } from '../../src/base/errors.ts';
import { findGenerations } from '../../src/cpython/collector/generations.ts';
import { countObjects } from '../../src/cpython/collector/heap-census.ts';
import { HeapWords } from '../../src/cpython/collector/heap-words.ts';
import { HeldObjects } from '../../src/cpython/collector/held-objects.ts';
import { isTracked } from '../../src/cpython/collector/object-sizes.ts';
import { readInterpreters } from '../../src/cpython/interpreters.ts';
import { openTarget } from '../../src/target/live-target.ts';
import { CoreDirectory, gcore, hasTool } from '../support/core-maker.ts';
import { type HeapFacts, heapFacts } from '../support/heap-truth.ts';
import { findInterpreters } from '../support/interpreters.ts';
import { startTarget } from '../support/target.ts';

/** What was counted, by address. */
interface SeenObject {
  readonly typeName: string;
  readonly sizeBytes: number;
  readonly isStructOnly: boolean;
}

function seenObjects(pid: number): ReadonlyMap<number, SeenObject> {
  using target = openTarget(pid);
  const { memory, runtime, objects } = target;
  const heads = readInterpreters(memory, runtime, []).flatMap(({ facts }) => {
    const generations = findGenerations(memory, runtime, facts.address);
    return generations.kind === 'lists' ? generations.heads : [];
  });
  const seen = new Map<number, Omit<SeenObject, 'isStructOnly'>>();
  let repeatedCount = 0;
  const words = new HeapWords(memory);
  const source = { objects, words, heads, roots: [], writable: target.writableMemory(), isMoving: false };
  const { types, tornCount } = countObjects(source, (object, { fullName }, sizeBytes) => {
    repeatedCount += seen.has(object) ? 1 : 0;
    seen.set(object, { typeName: fullName, sizeBytes });
  });
  expect([repeatedCount, tornCount]).toEqual([0, 0]);
  const structOnly = new Set(types.filter((type) => type.isStructOnly).map(({ type }) => type.fullName));
  return new Map(
    [...seen].map(([address, each]) => [address, { ...each, isStructOnly: structOnly.has(each.typeName) }]),
  );
}

/** Their C code keeps some of what they hold to itself. */
const SECRETIVE = ['type', 'enumerate', 'memoryview', 're.Match', 'thread._local', '_thread._local'];

/** What objects hold by our reading and not by the target's, and the other way round, of the objects that it has told. */
function heldDifferences(pid: number, { objects: told, held }: HeapFacts, family: string): readonly string[] {
  using target = openTarget(pid);
  const { objects, memory } = target;
  const wanted = new Set([...told, ...held].map(([address]) => address));
  const reader = new HeldObjects(objects, new HeapWords(memory), wanted);
  const nameOf = (address: number) => objects.typeOf(toAddress(address)).fullName;
  return held.flatMap(([address, referents]) => {
    const facts = objects.typeOf(toAddress(address));
    const { address: type, fullName } = facts;
    if (!isTracked(facts) || SECRETIVE.includes(fullName)) return [];
    const truth = new Set(referents);
    const seen = reader.in(toAddress(address), type);
    const beyond = [...seen].filter((each) => !truth.has(each) && !isHidden(fullName, nameOf(each)));
    const missed = [...truth].filter((each) => wanted.has(each) && each !== type && !seen.has(each));
    if (family === '3.13' && isOfMadeDict(fullName, [...seen].map(nameOf))) return [];
    return [
      ...beyond.map((each) => `${fullName} holds no ${nameOf(each)}`),
      ...missed.map((each) => `${fullName} holds a ${nameOf(each)}`),
    ];
  });
}

/** gc does not tell of names, nor to 3.13 of the code of what has ended. */
function isHidden(holder: string, held: string): boolean {
  return held === 'str' || (holder === 'generator' && held === 'code');
}

/** There gc passes over the dict of an instance that has one, and over what is in it (GH-130327). */
function isOfMadeDict(holder: string, held: readonly string[]): boolean {
  const isInstance = holder === '__main__.Plain';
  return (isInstance && held.includes('dict')) || (holder === 'dict' && held.every((each) => each === 'int'));
}

/** Those that were made and let go of while the target took the truth, and what only the C code of a module knows of. */
const MOST_MISSED = 5;
/** Of what the target found we see more: names of classes and of variables that no attribute shows. */
const MOST_BEYOND = 0.2;

function checkObjects(seen: ReadonlyMap<number, SeenObject>, { sizes, objects }: HeapFacts): void {
  const different = sizes.flatMap(([typeName, address, sizeBytes]) => {
    const own = seen.get(address)?.sizeBytes;
    return own === sizeBytes ? [] : [`${typeName}: ${sizeBytes}, seen ${own}`];
  });
  expect(different).toEqual([]);
  const missed = objects.filter(([address]) => !seen.has(address));
  expect(missed.length).toBeLessThanOrEqual(MOST_MISSED);
  const wrong = objects.flatMap(([address, sizeBytes]) => {
    const own = seen.get(address);
    const isRight = own === undefined || own.isStructOnly || own.sizeBytes === sizeBytes;
    return isRight ? [] : [`${own.typeName}: ${sizeBytes}, seen ${own.sizeBytes}`];
  });
  expect(wrong).toEqual([]);
  // The truth itself is lists of ints, which it cannot tell of.
  const told = new Set(objects.map(([address]) => address));
  const beyond = [...seen].filter(
    ([address, { typeName }]) => !told.has(address) && !/^(list|int)$/u.test(typeName),
  );
  expect(beyond.length / objects.length).toBeLessThan(MOST_BEYOND);
}

function checkSummary(summary: HeapSummary, { counts, objects }: HeapFacts): void {
  expect(summary.problems).toEqual([]);
  const own = summary.types.filter(({ typeName }) => typeName.startsWith('__main__.'));
  expect(
    Object.fromEntries(own.map(({ typeName, count }) => [typeName.slice('__main__.'.length), count])),
  ).toEqual(counts);
  expect(summary.objectCount).toBeGreaterThanOrEqual(objects.length);
  expect(summary.trackedCount).toBeLessThan(summary.objectCount);
  expect(summary.types.map(({ sizeBytes }) => sizeBytes)).toEqual(
    summary.types.map(({ sizeBytes }) => sizeBytes).toSorted((a, b) => b - a),
  );
}

function checkMemory({ memory = [], sizeBytes, residentBytes = 0 }: HeapSummary, pid: number): void {
  const pages = Number(readFileSync(`/proc/${pid}/statm`, 'latin1').split(' ')[1]);
  expect(residentBytes / (pages * 4096)).toBeGreaterThan(0.9);
  expect(residentBytes / (pages * 4096)).toBeLessThan(1.1);
  expect(sizeBytes).toBeLessThan(residentBytes);
  expect(memory.map(({ kind }) => kind)).toEqual(expect.arrayContaining(['anonymous', 'stacks', 'files']));
}

for (const interpreter of findInterpreters()) {
  describe(interpreter.name, () => {
    test('heapSummary() counts each object once, and measures it as sys.getsizeof does', async () => {
      await using target = await startTarget(interpreter, 'heap.py');
      using inspection = await attach(target.pid, { native: false });
      if (interpreter.isFreeThreaded) {
        expect(() => inspection.heapSummary()).toThrow(NotKeptError);
        return;
      }
      const facts = heapFacts(target.groundTruth);
      checkObjects(seenObjects(target.pid), facts);
      expect(heldDifferences(target.pid, facts, interpreter.family)).toEqual([]);
      const summary = inspection.heapSummary();
      checkSummary(summary, facts);
      checkMemory(summary, target.pid);
      expect(summary.pauseNs).toBeDefined();
      const moving = inspection.heapSummary({ pause: false });
      checkSummary(moving, facts);
      expect(moving.pauseNs).toBe(undefined);
    });
  });
}

/** One of each way in which instances and the collector's lists are kept. */
const CORE_FAMILIES = ['2.7', '3.8', '3.12', '3.13'];

describe.skipIf(!hasTool('gcore'))('of a core (gcore is needed)', () => {
  const all = findInterpreters().filter(({ root }) => root === undefined);
  for (const interpreter of CORE_FAMILIES.flatMap(
    (family) => all.find((each) => each.family === family) ?? [],
  ))
    test(`heapSummary() tells of CPython ${interpreter.name} what the living process would`, async () => {
      using directory = new CoreDirectory();
      await using target = await startTarget(interpreter, 'heap.py');
      using core = await openCore(gcore(directory, target.pid), { native: false });
      const summary = core.heapSummary();
      checkSummary(summary, heapFacts(target.groundTruth));
      expect(summary.arenas).toMatchObject({
        kind: 'known',
        allocators: [{ blockCount: expect.any(Number) }],
      });
      expect([summary.memory, summary.residentBytes, summary.pauseNs]).toEqual([
        undefined,
        undefined,
        undefined,
      ]);
    });
});
