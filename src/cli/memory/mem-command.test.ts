import { expect, test } from 'vitest';
import { runCommandLine } from '../../../test/support/fake-cli.ts';
import { heapOf } from '../../../test/support/heaps.ts';
import { holdingsOf, largestOf } from '../../../test/support/holdings.ts';
import { violations } from '../../../test/support/schemas.ts';
import { makeSnapshot } from '../../../test/support/snapshots.ts';
import type { ArenaUses, HeapSummary } from '../../model/heap-summary.ts';
import { heapSummaryToJson } from '../../report/heap-summary-json.ts';

const SERVICE = makeSnapshot([]);
const HOLDINGS = holdingsOf(SERVICE);
const LARGEST = largestOf(SERVICE);
const BEFORE = heapOf(SERVICE, {
  str: [3000, 3_221_225],
  'shop.Cart': [2, 96],
  '_io.BufferedReader': [1, 40],
});
const AFTER = heapOf(
  SERVICE,
  { str: [2999, 3_221_200], 'shop.Cart': [500, 24_000], '_io.BufferedReader': [1, 40] },
  { takenAt: '2026-11-20T09:40:20.000Z', residentBytes: 31 << 20 },
);
const WORLD = { snapshots: [SERVICE], heaps: [BEFORE, AFTER], holdings: HOLDINGS, largest: LARGEST };

test('mem summary prints the largest types, the total of all, and what memory there is besides', async () => {
  const line = ['mem', '5010', 'summary', '--limit', '2'];
  const { status, out, calls } = await runCommandLine(line, WORLD);
  expect(status).toBe(0);
  expect(calls).toContain('heapSummary {"pause":true}');
  expect(out.split('\n')).toEqual([
    '    types | # objects | total size |   share',
    '========= | ========= | ========== | =======',
    '      str |      3000 |    3.07 MB | 100.0 %',
    'shop.Cart |         2 |   96     B |   0.0 %',
    '    total |      3003 |    3.07 MB | 100.0 %',
    '2 of 3 types',
    '',
    'RESIDENT  SWAPPED    MAPPED  MEMORY',
    '10.0 MiB      0 B  12.0 MiB  malloc ([heap])',
    '20.0 MiB  4.0 KiB  40.0 MiB  mapped files',
    '30.0 MiB  4.0 KiB  52.0 MiB  all',
    '',
    '    SIZE  ARENAS',
    ' 1.4 MiB  12345 blocks in use',
    ' 293 KiB  free, in pools in use',
    ' 195 KiB  free pools',
    '94.9 KiB  heads of pools, remnants',
    ' 2.0 MiB  all 2',
    '',
  ]);
});

test('mem summary says on a terminal that it looks, and leaves nothing of that behind', async () => {
  const shown: string[] = [];
  const context = { status: { columns: 80, show: (line: string) => void shown.push(line) } };
  await runCommandLine(['mem', '5010', 'summary'], { ...WORLD, context });
  expect(shown).toEqual(['looking at all objects', '']);
});

test('mem summary marks what is not measured whole, and takes the smallest first', async () => {
  const { out } = await runCommandLine('mem 5010 summary -n 1 --order ascending'.split(' '), WORLD);
  expect(out).toContain('_io.BufferedReader* |         1 |   40     B');
  expect(out).toContain('* without what they keep elsewhere');
});

test('mem summary says when arenas are not known, and when there are none', async () => {
  const out = async (arenas: ArenaUses): Promise<string> => {
    const heaps = [{ ...BEFORE, arenas }];
    return (await runCommandLine(['mem', '5010', 'summary'], { ...WORLD, heaps })).out;
  };
  expect(await out({ kind: 'unknown', reason: 'no symbol tells' })).toContain(
    '\narenas: not known, as no symbol tells\n',
  );
  expect(await out({ kind: 'known', allocators: [] })).toContain(
    '\narenas: none, all memory is that of malloc',
  );
});

test('mem summary fits a narrow terminal', async () => {
  const context = { columns: 40 };
  const { out } = await runCommandLine(['mem', '5010', 'summary'], { ...WORLD, context });
  expect(Math.max(...out.split('\n').map((line) => [...line].length))).toBeLessThanOrEqual(40);
  expect(out).toContain('…ufferedReader* |         1 |   40     B\n');
});

test('mem diff prints what changed with its sign, and marks what grew', async () => {
  const { status, out, notes } = await runCommandLine(['mem', '5010', 'diff', '--interval', '2m'], {
    ...WORLD,
    interruptedWait: 200,
  });
  expect(status).toBe(0);
  expect(notes).toContain('comparing with what is there in 120 s');
  expect(out.split('\n')).toEqual([
    '    types | # objects | total size |      now',
    '========= | ========= | ========== | ========',
    'shop.Cart |      +498 |  +23.34 KB | 23.44 KB grew',
    '      str |        -1 |  -25     B |  3.07 MB',
    '    total |      +497 |  +23.32 KB |  3.09 MB',
    'within 15 s; resident memory +1.0 MiB to 31.0 MiB',
    '',
  ]);
});

test('mem diff compares at once when Ctrl-C ends the waiting', async () => {
  const { status, out } = await runCommandLine(['mem', '5010', 'diff'], WORLD);
  expect([status, out.includes('shop.Cart')]).toEqual([130, true]);
});

test('mem summary --save writes a file that diff compares with what is there, and with another', async () => {
  const { files, notes } = await runCommandLine(['mem', '5010', 'summary', '--save', 'a.json'], WORLD);
  expect(notes).toContain('written to a.json');
  expect(violations('heap-summary', JSON.parse(files.get('a.json') ?? ''))).toEqual([]);
  const world = { ...WORLD, heaps: [AFTER], files };
  const now = await runCommandLine(['mem', '5010', 'diff', 'a.json'], world);
  expect(now.out).toContain('+23.34 KB');
  const both = await runCommandLine(['mem', 'diff', 'a.json', 'a.json'], world);
  expect([both.status, both.out.includes('shop.Cart')]).toEqual([0, false]);
  expect(both.out).toContain('within 0 s; resident memory 30.0 MiB as before\n');
});

test('mem diff says of two files which was taken first, and when they are of two processes', async () => {
  const saved = (summary: HeapSummary) => JSON.stringify(heapSummaryToJson(summary));
  const later = { ...AFTER, pid: 5011, process: { ...AFTER.process, pid: 5011 } };
  const files = new Map([
    ['later.json', saved(later)],
    ['before.json', saved(BEFORE)],
  ]);
  const { out } = await runCommandLine(['mem', 'diff', 'later.json', 'before.json'], { ...WORLD, files });
  expect(out).toContain(
    'the second was taken 15 s before, of processes 5011 and 5010; resident memory -1.0 MiB to 30.0 MiB\n',
  );
});

test('mem diff says of two that they were not counted in the same way, if that is known', async () => {
  const saved = (summary: HeapSummary) => JSON.stringify(heapSummaryToJson(summary));
  const files = new Map([
    ['inside.json', saved({ ...BEFORE, isCountedInside: true })],
    ['outside.json', saved(AFTER)],
    ['untold.json', saved({ ...AFTER, isCountedInside: undefined })],
  ]);
  const notesOf = async (...names: readonly string[]) =>
    (await runCommandLine(['mem', 'diff', ...names], { ...WORLD, files })).notes;
  expect(await notesOf('inside.json', 'outside.json')).toContain(
    'the first was counted by the interpreter itself (--agent), the second from outside, where more objects are found',
  );
  expect(await notesOf('outside.json', 'inside.json')).toContain('the second was counted by the interpreter');
  expect(await notesOf('inside.json', 'untold.json')).toBe('');
});

test('mem diff takes no file of a pyflight that writes others', async () => {
  const next = JSON.stringify({ ...heapSummaryToJson(BEFORE), schemaVersion: 2 });
  const world = { ...WORLD, files: new Map([['next.json', next]]) };
  const { status, notes } = await runCommandLine(['mem', '5010', 'diff', 'next.json'], world);
  expect([status, notes]).toEqual([1, expect.stringContaining('next.json: it is no summary of a heap')]);
});

test.each([
  ['mem 5010'],
  ['mem 5010 grow'],
  ['mem summary'],
  ['mem diff one.json'],
  ['mem 5010 summary one.json'],
  ['mem 5010 diff one.json two.json three.json'],
  ['mem --core core.5010 diff'],
  ['mem 5010 summary --limit 0'],
  ['mem 5010 referrers'],
  ['mem 5010 referrers shop'],
  ['mem 5010 referrers 0xfffffffffffffffff'],
  ['mem 5010 top shop'],
  ['mem 5010 diff --interval soon'],
  ['mem 5010 summary --order sideways'],
  ['mem 5010 top --agent'],
  ['mem 5010 referrers shop Line --save one.json'],
  ['mem 5010 summary --interval 2s'],
  ['mem 5010 diff --interval 1ms -d 2s'],
  ['mem 5010 top --order ascending'],
  ['mem 5010 referrers shop Line --order ascending'],
  ['mem 5010 summary --by file'],
])('%s is refused', async (line) => {
  expect((await runCommandLine(line.split(' '), WORLD)).status).toBe(2);
});

test('mem diff says of a file that holds something else what it is not', async () => {
  const { status, notes } = await runCommandLine(['mem', '5010', 'diff', 'other.json'], {
    ...WORLD,
    files: new Map([['other.json', '{"types": 3}']]),
  });
  expect([status, notes]).toEqual([1, expect.stringContaining('other.json: it is no summary of a heap')]);
});

test('mem referrers prints the ways to each instance, and what holds one that nothing leads to', async () => {
  const line = ['mem', '5010', 'referrers', 'shop:Line', '-n', '4'];
  const { status, out, calls } = await runCommandLine(line, WORLD);
  expect(status).toBe(0);
  expect(calls).toContain(
    'holdings {"subject":{"kind":"class","module":"shop","className":"Line"},"limit":4,"pause":true}',
  );
  expect(out.split('\n')).toEqual([
    '5 instances of shop:Line, 3 of them shown; nothing leads to 1',
    '',
    'shop.Line at 0x7f0000000400',
    "  shop.carts['a'].lines[3]",
    '      dict > shop.Cart > list',
    '  line in a call of show',
    '  ... 2 more',
    '',
    'shop.Line at 0x7f0000000500',
    '  shop.last.next.next > ... 1,200 more ... > shop.Line.next',
    '      shop.Line > shop.Line',
    '',
    'shop.Line at 0x7f0000000600',
    '  nothing leads to it from a module, a running call or a thread: only C code holds it, or it is part of a ring that the garbage collector has not freed yet',
    '    held by list at 0x7f0000000700 [0]',
    '    ... 1 more',
    '',
  ]);
});

test('mem top prints the largest objects and the ways to them', async () => {
  const { out } = await runCommandLine(['mem', '5010', 'top'], WORLD);
  expect(out.split('\n')).toEqual([
    '     SIZE   SHARE  ITEMS  TYPE                WAY',
    '  3.0 MiB  97.7 %   4096  list                shop.carts',
    '72.0 KiB*   2.3 %      -  _io.BufferedReader  interpreter 0 > _io.BufferedReader',
    '2 of 3003 objects, which take 3.1 MiB',
    '* without what they keep elsewhere',
    '',
  ]);
});

test('mem referrers and top fit a narrow terminal', async () => {
  for (const action of [['referrers', '0x7f0000000400'], ['top']]) {
    const { out } = await runCommandLine(['mem', '5010', ...action], { ...WORLD, context: { columns: 60 } });
    const widths = out.split('\n').map((line) => [...line].length);
    expect(Math.max(...widths)).toBeLessThanOrEqual(60);
  }
});

test.each([
  ['heap-summary', 'mem 5010 summary --json'],
  ['heap-comparison', 'mem 5010 diff --interval 500ms --json'],
  ['holdings', 'mem 5010 referrers shop Line --json'],
  ['largest-objects', 'mem 5010 top --json'],
])('docs/%s.schema.json describes what is printed', async (schema, line) => {
  const { out } = await runCommandLine(line.split(' '), WORLD);
  expect(violations(schema, JSON.parse(out))).toEqual([]);
});

test('mem --agent has the interpreter count, and documents say that code ran for it', async () => {
  const { out, calls } = await runCommandLine(['mem', '5010', 'summary', '--agent', '--json'], WORLD);
  expect(calls).toContain('heapSummaryInside {}');
  expect(JSON.parse(out)).toMatchObject({ level: 'L2', objectCount: 3003 });
  const diff = await runCommandLine(['mem', '5010', 'diff', '--agent', '--interval', '1ms', '--json'], WORLD);
  expect(JSON.parse(diff.out)).toMatchObject({ level: 'L2', after: { objectCount: 3500 } });
});
