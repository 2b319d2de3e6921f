import { expect, test } from 'vitest';
import { LOOK_NS, makeAccount, makeProfile, makeProfiledThread } from '../../test/support/profiles.ts';
import { LiveProfile } from './live-profile.ts';
import { type LiveRow, sortedRows } from './live-table.ts';
import type { Profile } from './profile.ts';
import { WeightLedger } from './weight-ledger.ts';

const ALL = { byFunction: true, thread: undefined } as const;

/** What sampling gives one after the other: the tables are those of the whole time. */
function windows(): readonly [Profile, Profile] {
  const second = makeProfile([
    // Never seen again, but in the tables.
    { stack: 'main;cold', looks: 0 },
    { stack: 'main;hot', looks: 3 },
    { stack: 'main;hot', looks: 2, thread: 1 },
  ]);
  const tables = { frames: second.frames, stacks: second.stacks, threads: THREADS };
  const first = makeProfile([{ stack: 'main;cold', looks: 6 }]);
  return [
    { ...first, ...tables, account: makeAccount({ durationNs: 6 * LOOK_NS, sweeps: 6, samples: 6 }) },
    { ...second, ...tables, account: makeAccount({ durationNs: 9 * LOOK_NS, sweeps: 9, samples: 11 }) },
  ];
}

const THREADS = [makeProfiledThread(), makeProfiledThread({ osThreadId: 5011, name: 'worker', serial: 1 })];

/** Looks by name: own and total of late, own and total altogether. */
function looksOf(rows: readonly LiveRow[]) {
  return Object.fromEntries(
    rows.map(({ frame, recent, whole }) => [
      frame.name,
      [recent.own.looks, recent.total.looks, whole.own.looks, whole.total.looks],
    ]),
  );
}

test('LiveProfile.take() tells what came since the last window, and adds it up', () => {
  const [first, second] = windows();
  const live = new LiveProfile();
  live.take(first);
  const moment = live.take(second);
  expect(moment.recent.counts).toMatchObject({ durationNs: 3 * LOOK_NS, sweeps: 3, samples: 5 });
  expect(moment.whole.counts).toMatchObject({ durationNs: 9 * LOOK_NS, sweeps: 9, samples: 11 });
  expect(looksOf(moment.rows(ALL))).toEqual({
    main: [0, 5, 0, 11],
    cold: [0, 0, 6, 6],
    hot: [5, 5, 5, 5],
  });
  expect(looksOf(moment.rows({ ...ALL, thread: 1 }))).toEqual({ main: [0, 2, 0, 2], hot: [2, 2, 2, 2] });
});

test('LiveProfile.reset() forgets what was found before', () => {
  const [first, second] = windows();
  const live = new LiveProfile();
  live.take(first);
  live.reset();
  const moment = live.take(second);
  expect(moment.whole.counts).toMatchObject({ durationNs: 3 * LOOK_NS, sweeps: 3, samples: 5 });
  expect(looksOf(moment.rows(ALL))).toEqual({ main: [0, 5, 0, 5], hot: [5, 5, 5, 5] });
});

test('sortedRows() sorts by late shares or by all time, and by all time what is alike', () => {
  const [first, second] = windows();
  const live = new LiveProfile();
  live.take(first);
  const rows = live.take(second).rows(ALL);
  const names = (sort: Parameters<typeof sortedRows>[1]) =>
    sortedRows(rows, sort).map(({ frame }) => frame.name);
  expect(names('own')).toEqual(['hot', 'cold', 'main']);
  expect(names('total')).toEqual(['hot', 'main', 'cold']);
  expect(names('ownTime')).toEqual(['cold', 'hot', 'main']);
  expect(names('totalTime')).toEqual(['main', 'cold', 'hot']);
});

test('WeightLedger.add() keeps its sums when threads that are gone become too many', () => {
  const ledger = new WeightLedger(20);
  const looks = Array.from({ length: 50 }, (_, thread) => ({ stack: 'main;serve', looks: 2, thread }));
  for (const look of looks) ledger.add(makeProfile([look]).samples);
  const { count, looks: counted, threads } = ledger.block;
  expect(count).toBeLessThanOrEqual(20);
  expect(counted.reduce((sum, each) => sum + each, 0)).toBe(100);
  expect(threads).toContain(49);
});

test('LiveProfile.take() does not count for a thread what was seen of the one that had its place before', () => {
  const [first, second] = windows();
  const live = new LiveProfile();
  live.take(second);
  const threads = [makeProfiledThread(), makeProfiledThread({ osThreadId: 5012, serial: 2 })];
  const moment = live.take({ ...second, threads, samples: first.samples });
  expect(looksOf(moment.rows({ ...ALL, thread: 1 }))).toEqual({});
  expect(looksOf(moment.rows(ALL))).toEqual({ main: [0, 6, 0, 11], cold: [6, 6, 6, 6], hot: [0, 0, 5, 5] });
});
