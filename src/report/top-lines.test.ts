import { stripVTControlCharacters } from 'node:util';
import { describe, expect, test } from 'vitest';
import {
  makeAccount,
  makeProfile,
  makeProfiledProcess,
  makeProfiledThread,
  SHOP_PROFILE,
} from '../../test/support/profiles.ts';
import { violations } from '../../test/support/schemas.ts';
import { PYTHON_3_12 } from '../../test/support/snapshots.ts';
import { makeTopView } from '../../test/support/top-views.ts';
import { LiveProfile } from '../profile/live-profile.ts';
import type { SamplingAccount } from '../profile/profile.ts';
import { displayWidth } from './display-width.ts';
import { ANSI, PLAIN } from './style.ts';
import { topHelpLines } from './top-help.ts';
import { topToJson } from './top-json.ts';
import { topScreenLines, topTableLines, topWaitingLines } from './top-lines.ts';
import { shownThreads, viewOf } from './top-view.ts';

/** A second of a shop, in which two threads were looked at. */
function shopMoment(changes: Partial<SamplingAccount> = {}) {
  const account = makeAccount({ mode: 'cpu', samples: 200, ...changes });
  return new LiveProfile().take({ ...SHOP_PROFILE, account });
}

function screen(view = makeTopView(), columns = 80, rows = 14, moment = shopMoment()): readonly string[] {
  return topScreenLines({ moment, view }, { style: PLAIN, columns, rows });
}

test('topScreenLines() shows how it goes, what runs, and what can be typed', () => {
  expect(screen(makeTopView({ byFunction: true }))).toMatchInlineSnapshot(`
    [
      "process 5010 · Python 3.12.1 · python3 /srv/shop/app.py --fast",
      "200 samples in 1.00 s · 100 of 100 Hz · GIL 70.0 % · CPU 100.0 %",
      "2 threads seen on a CPU",
      "",
      "   ▼OWN    TOTAL  OWN TIME  TOTAL TIME  FUNCTION",
      " 90.0 %   90.0 %    900 ms      900 ms  wait (queue.py:1)",
      " 40.0 %   40.0 %    400 ms      400 ms  render (tpl/core.py:1)",
      " 25.0 %   25.0 %    250 ms      250 ms  qsort (libc.so.6)",
      " 20.0 %   85.0 %    200 ms      850 ms  view (views.py:1)",
      " 10.0 %   10.0 %    100 ms      100 ms  line\\nbreak (app.py:1)",
      " 10.0 %   10.0 %    100 ms      100 ms  work (pool.py:1)",
      "  5.0 %    5.0 %   50.0 ms     50.0 ms  <GC>",
      "  0.0 %  100.0 %      0 ns      1.00 s  <module> (app.py:1)",
      "q quits · ? help · 1-4 sort · L lines · t threads · p pauses · / searches",
    ]
  `);
});

test('topScreenLines() does not claim to know how many threads were seen where some share a row', () => {
  const threads = SHOP_PROFILE.threads.map((thread) => ({ ...thread, sharedBy: 40 }));
  const moment = new LiveProfile().take({ ...SHOP_PROFILE, threads });
  expect(screen(makeTopView({ thread: 1 }), 100, 14, moment).join('\n')).toContain('2+ threads seen');
  expect(screen(makeTopView({ thread: 1 }), 100, 14, moment).join('\n')).toContain(
    '\n40 threads in turn, one of them worker <1> · 2 of 2\n',
  );
});

test('viewOf() shows all threads again when another one has the place of the one that was chosen', () => {
  const before = shopMoment();
  const [first = makeProfiledThread()] = SHOP_PROFILE.threads;
  const threads = [first, makeProfiledThread({ serial: 2 })];
  const after = new LiveProfile().take({ ...SHOP_PROFILE, threads });
  const threadIn = (thread: number | undefined) => viewOf(makeTopView({ thread }), { before, after }).thread;
  expect([0, 1, 2, undefined].map(threadIn)).toEqual([0, undefined, 2, undefined]);
});

test('topScreenLines() shows tasks, with what they wait for, and only what is wanted', () => {
  const frame = (name: string, kind: 'task' | 'python') => ({ kind, name, file: '', firstLine: 0, line: 0 });
  const profile = makeProfile([]);
  const moment = new LiveProfile().take({
    ...profile,
    account: makeAccount(),
    frames: [
      frame('main', 'task'),
      frame('wait', 'python'),
      frame('poller', 'task'),
      frame('poll', 'python'),
    ],
    stacks: { count: 5, parents: Uint32Array.of(0, 0, 1, 2, 3), frames: Uint32Array.of(0, 0, 1, 2, 3) },
    samples: [
      {
        count: 2,
        startNs: Float64Array.of(0, 0),
        weightNs: Float64Array.of(3e8, 1e8),
        looks: Uint32Array.of(30, 10),
        threads: Uint32Array.of(0, 0),
        stacks: Uint32Array.of(4, 2),
        states: Uint8Array.of(0, 0),
      },
    ],
  });
  const rows = (changes: Partial<ReturnType<typeof makeTopView>>) =>
    screen(makeTopView(changes), 100, 12, moment).filter(
      (line) => line.includes('%') && !line.includes('GIL'),
    );
  expect(rows({ byTask: true }).map((line) => line.split(/ {2,}/).at(-1))).toEqual(['poller', 'main']);
  expect(screen(makeTopView({ byTask: true }), 100, 12, moment).at(-1)).toContain('a calls');
  const filter = { include: ['function:poll'], exclude: [] };
  expect(rows({ byTask: true, filter }).map((line) => line.split(/ {2,}/).at(-1))).toEqual([
    'poller',
    'main',
  ]);
  expect(rows({ byTask: false, filter: { include: [], exclude: ['function:main'] } }).join()).not.toContain(
    'main',
  );
});

test('topScreenLines() on a narrow terminal keeps the column that rows are sorted by', () => {
  expect(screen(makeTopView({ sort: 'totalTime' }), 40)).toMatchInlineSnapshot(`
    [
      "process 5010 · Python 3.12.1 · python3 …",
      "200 samples in 1.00 s · 100 of 100 Hz",
      "GIL 70.0 % · CPU 100.0 %",
      "2 threads seen on a CPU",
      "",
      "▼TOTAL TIME  FUNCTION",
      "     1.00 s  <module> (app.py:1)",
      "     1.00 s  run (threading.py:5)",
      "     900 ms  wait (queue.py:4)",
      "     850 ms  serve (app.py:10)",
      "     650 ms  view (views.py:31)",
      "     400 ms  render (tpl/core.py:7)",
      "     250 ms  qsort (libc.so.6)",
      "q quits · ? help · 1-4 sort",
    ]
  `);
});

describe.each([40, 60, 80, 200])('on %i columns', (columns) => {
  const views = {
    'all threads': makeTopView(),
    'one thread': makeTopView({ thread: 1 }),
    'a search': makeTopView({ search: 'view', isSearching: true }),
    'a pause': makeTopView({
      isPaused: true,
      search: 'évaluer<a & "b">, which is a name that is quite long',
    }),
    'the end of the table': makeTopView({ skipped: 1000 }),
  };

  test.each(Object.entries(views))('topScreenLines() fills the screen and no more with %s', (_, view) => {
    const moment = shopMoment({ missedSweeps: 40, tornSamples: 3, unreadableSamples: 2 });
    for (const rows of [5, 24, 60]) {
      const lines = topScreenLines({ moment, view }, { style: ANSI, columns, rows });
      expect(lines).toHaveLength(rows);
      for (const line of lines)
        expect(displayWidth(stripVTControlCharacters(line))).toBeLessThanOrEqual(columns);
    }
  });

  test('topHelpLines() and topWaitingLines() fit', () => {
    const place = { style: PLAIN, columns, rows: 10 };
    const lines = [
      ...topHelpLines(makeTopView(), place),
      ...topWaitingLines(4_194_304, makeTopView(), place),
    ];
    for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(columns);
  });
});

test('topScreenLines() warns when more than a tenth of the sweeps were missed', () => {
  const isLate = (missedSweeps: number) =>
    screen(makeTopView(), 80, 14, shopMoment({ missedSweeps })).some((line) =>
      line.startsWith('Fewer sweeps than asked'),
    );
  expect([isLate(10), isLate(12)]).toEqual([false, true]);
});

test('topScreenLines() shows one thread, a search, and the rows that are scrolled to', () => {
  const moment = shopMoment();
  const [, second] = shownThreads(moment);
  const tableOf = (changes: Parameters<typeof makeTopView>[0]) => {
    const lines = screen(makeTopView({ ...changes, byFunction: true }), 120, 10);
    return lines.filter((line) => line.includes('%  ')).map((line) => line.trim().split(/ {2,}/).at(-1));
  };
  expect(tableOf({ thread: second })).toEqual([
    'wait (queue.py:1)',
    'work (pool.py:1)',
    'run (threading.py:1)',
  ]);
  expect(tableOf({ search: 'VIEW' })).toEqual(['view (views.py:1)']);
  expect(tableOf({ skipped: 1 })[0]).toBe(tableOf({})[1]);
});

test('topScreenLines() says why there are no rows', () => {
  const idle = new LiveProfile().take(makeProfile([], { account: makeAccount({ mode: 'cpu', samples: 0 }) }));
  expect(screen(makeTopView(), 80, 14, idle)).toContain('No thread was seen doing that: try --idle.');
  expect(screen(makeTopView({ search: 'nowhere' }))).toContain('Nothing has these letters.');
  const free = makeProfiledProcess({ python: { ...PYTHON_3_12, minor: 13, isFreeThreaded: true } });
  for (const mode of ['gil', 'gil-wait'] as const) {
    const profile = makeProfile([], { account: makeAccount({ mode, samples: 0 }), processes: [free] });
    expect(screen(makeTopView(), 120, 14, new LiveProfile().take(profile))).toContain(
      `No thread needs the GIL of a free-threaded build, unless it was switched on: leave out --${mode}.`,
    );
  }
});

test.each([
  ['cpu', 'GIL 70.0 % · CPU 100.0 % · 2 threads seen on a CPU'],
  ['wall', 'GIL 70.0 % · 2 threads seen'],
  ['gil', 'GIL 70.0 % · 2 threads seen with the GIL'],
  ['gil-wait', 'waits for the GIL 10.0 % · 2 threads seen waiting for it'],
] as const)('topTableLines() tells of %s what is known in it', (mode, expected) => {
  const shown = { moment: shopMoment({ mode }), view: makeTopView() };
  const lines = [...topTableLines(shown, { style: PLAIN, columns: undefined })];
  expect(lines[1]).toContain(expected);
});

test.each(['cpu', 'wall', 'gil', 'gil-wait'] as const)('topToJson() keeps the schema with %s', (mode) => {
  const document = {
    ...topToJson(shopMoment({ mode }), makeTopView({ byFunction: mode === 'wall' })),
    command: 'top',
    level: 'L0',
    pid: 5010,
    takenAt: '2026-03-01T12:00:00.000Z',
  };
  expect(violations('top', document)).toEqual([]);
});
