import { readFileSync } from 'node:fs';
import { Ajv } from 'ajv';
import { expect, test } from 'vitest';
import { LOOK_NS, makeProfile, namedStacks, SHOP_PROFILE, writtenText } from '../../test/support/profiles.ts';
import { chromeTrace } from './chrome-trace.ts';
import type { ProfileFormat } from './format.ts';
import { gecko } from './gecko.ts';
import { speedscope } from './speedscope.ts';

const NOTHING = makeProfile([]);

function written(format: ProfileFormat, profile = SHOP_PROFILE) {
  return JSON.parse(writtenText(format.write(profile, { producer: 'pyflight 0.1.0' })));
}

test('speedscope keeps the schema of its package', () => {
  const path = new URL(import.meta.resolve('speedscope/dist/release/file-format-schema.json'));
  const validate = new Ajv({ strict: false }).compile(JSON.parse(readFileSync(path, 'utf8')));
  for (const profile of [SHOP_PROFILE, NOTHING]) {
    validate(written(speedscope, profile));
    expect(validate.errors).toBeNull();
  }
});

test('speedscope has a profile for each thread, weighted by time, in its order', () => {
  const { name, exporter, shared, profiles } = written(speedscope);
  expect([name, exporter]).toEqual(['python3 /srv/shop/app.py --fast', 'pyflight 0.1.0']);
  expect(profiles).toMatchObject([
    { name: 'thread (5010): MainThread', unit: 'nanoseconds', endValue: 100 * LOOK_NS },
    { name: 'thread (5011): worker <1>', weights: [90 * LOOK_NS, 10 * LOOK_NS] },
  ]);
  const names = profiles[0].samples.map((stack: number[]) => stack.map((frame) => shared.frames[frame].name));
  expect(names[1]).toEqual(['<module>', 'serve', 'view', 'render']);
  expect(shared.frames[1]).toEqual({ name: 'serve', file: '/srv/shop/app.py', line: 10 });
});

test('chrome has events that nest, in the order of time, in each thread', () => {
  const { traceEvents } = written(chromeTrace);
  const open = new Map<number, string[]>();
  const last = new Map<number, number>();
  for (const { ph, tid, ts, name } of traceEvents) {
    if (ph === 'M') continue;
    expect(ts).toBeGreaterThanOrEqual(last.get(tid) ?? 0);
    last.set(tid, ts);
    const names = open.get(tid) ?? [];
    open.set(tid, ph === 'B' ? [...names, name] : names.slice(0, -1));
    if (ph === 'E') expect(names.at(-1)).toBe(name);
  }
  expect([...open]).toEqual([
    [5010, []],
    [5011, []],
  ]);
  expect([...last]).toEqual([
    [5010, 1_000_000],
    [5011, 1_000_000],
  ]);
  const begins = traceEvents.filter(({ ph, tid }: { ph: string; tid: number }) => ph === 'B' && tid === 5010);
  expect(begins.map(({ name, ts }: { name: string; ts: number }) => `${name} ${ts}`)).toEqual([
    '<module> 0',
    'serve 0',
    'view 0',
    'render 200000',
    'loads 600000',
    'qsort 600000',
    '<GC> 850000',
    'évaluer<a & "b"> 900000',
    String.raw`line\nbreak 900000`,
  ]);
});

test('chrome ends calls where looks are missing', () => {
  const profile = makeProfile([{ stack: 'a' }, { stack: 'a;b' }]);
  const [block] = profile.samples;
  block?.startNs.set([5 * LOOK_NS], 1);
  const { traceEvents } = written(chromeTrace, profile);
  expect(
    traceEvents.flatMap(({ ph, ts, name }: Record<string, unknown>) =>
      ph === 'M' ? [] : `${ph} ${name} ${ts}`,
    ),
  ).toEqual(['B a 0', 'E a 10000', 'B a 50000', 'B b 50000', 'E b 60000', 'E a 60000']);
});

test('gecko has tables that refer to what is there', () => {
  const { meta, threads } = written(gecko);
  expect(meta).toMatchObject({
    interval: 10,
    preprocessedProfileVersion: 48,
    importedFrom: 'pyflight 0.1.0',
  });
  expect(threads).toHaveLength(2);
  for (const thread of threads) {
    const { samples, stackTable, frameTable, funcTable, stringArray } = thread;
    expect(Math.max(...samples.stack)).toBeLessThan(stackTable.length);
    expect(Math.max(...stackTable.frame)).toBeLessThan(frameTable.length);
    expect(Math.max(...frameTable.func)).toBeLessThan(funcTable.length);
    expect(Math.max(...funcTable.name, ...funcTable.fileName)).toBeLessThan(stringArray.length);
    for (const [index, prefix] of stackTable.prefix.entries()) expect(prefix ?? -1).toBeLessThan(index);
  }
});

function expectEvenColumns({ length, ...columns }: Record<string, unknown>): void {
  for (const column of Object.values(columns).filter(Array.isArray))
    expect(column).toHaveLength(Number(length));
}

/**
 * What a profile of version 48 has, and what later versions of the Firefox Profiler read of it to make it one of theirs: its
 * types/profile.js of then, and its upgraders to version 61 in profile-logic/processed-profile-versioning.ts.
 */
const GECKO_COLUMNS: Readonly<Record<string, readonly string[]>> = {
  samples: ['stack', 'time', 'weight', 'threadCPUDelta'],
  markers: ['data', 'name', 'startTime', 'endTime', 'phase', 'category'],
  stackTable: ['frame', 'prefix', 'category', 'subcategory'],
  frameTable: [
    ...['address', 'inlineDepth', 'category', 'subcategory', 'func', 'nativeSymbol'],
    ...['innerWindowID', 'implementation', 'line', 'column'],
  ],
  funcTable: [...['name', 'isJS', 'relevantForJS', 'resource', 'fileName', 'lineNumber', 'columnNumber']],
  resourceTable: ['lib', 'name', 'host', 'type'],
  nativeSymbols: ['libIndex', 'address', 'name', 'functionSize'],
};

test('gecko has every column that a Firefox Profiler looks for', () => {
  for (const thread of written(gecko).threads) {
    for (const [table, columns] of Object.entries(GECKO_COLUMNS)) {
      expect(Object.keys(thread[table])).toEqual(expect.arrayContaining([...columns]));
      expectEvenColumns(thread[table]);
    }
  }
});

test('gecko leads from each sample to its stack, by the rules of its tables', () => {
  const stacks = new Map<string, number>();
  for (const { samples, stackTable, frameTable, funcTable, stringArray } of written(gecko).threads) {
    for (const [index, stack] of samples.stack.entries()) {
      const names: string[] = [];
      for (let at: number | null = stack; at !== null; at = stackTable.prefix[at])
        names.unshift(stringArray[funcTable.name[frameTable.func[stackTable.frame[at]]]]);
      const line = names.join(';').replaceAll(String.raw`\n`, '\n');
      stacks.set(line, (stacks.get(line) ?? 0) + samples.weight[index]);
    }
  }
  const seen = [...stacks].map(([line, looks]) => `${line} ${looks}`);
  expect(seen.toSorted()).toEqual(byName(namedStacks(SHOP_PROFILE)));
});

/** Stacks that differ in lines alone are one. */
function byName(lines: readonly string[]): readonly string[] {
  const looks = new Map<string, number>();
  for (const line of lines) {
    const at = line.lastIndexOf(' ');
    looks.set(line.slice(0, at), (looks.get(line.slice(0, at)) ?? 0) + Number(line.slice(at)));
  }
  return Array.from(looks, ([name, count]) => `${name} ${count}`).toSorted();
}

test('gecko has a sample for each look, and markers for GC and waiting for the GIL', () => {
  const [main, worker] = written(gecko).threads;
  expect(main.samples).toMatchObject({ length: 100, weightType: 'samples' });
  expect(main.samples.time.slice(0, 3)).toEqual([0, 10, 20]);
  expect(main.samples.threadCPUDelta[0]).toBe(LOOK_NS);
  expect(worker.samples.threadCPUDelta[0]).toBe(0);
  const markers = [main, worker].map(({ markers: { name, startTime, endTime }, stringArray }) => [
    stringArray[name[0]],
    startTime,
    endTime,
  ]);
  expect(markers).toEqual([
    ['GC', [850], [900]],
    ['Waits for the GIL', [900], [1000]],
  ]);
});
