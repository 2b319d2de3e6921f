import { expect, test } from 'vitest';
import type { GilReport, GilThread } from '../model/gil-report.ts';
import { gilReportLines } from './gil-layout.ts';
import { PLAIN } from './style.ts';

const WORKER: GilThread = {
  interpreterId: 0,
  osThreadId: 4243,
  pthreadId: 1,
  name: 'wörker\u001b[2J',
  isMainThread: false,
};

const REPORT: GilReport = {
  startedAt: new Date(2026, 10, 29, 9, 40, 5, 7).getTime(),
  durationNs: 5e9,
  looks: 49_000,
  missedLooks: 1000,
  isExact: false,
  gils: [
    {
      interpreterId: 0,
      isInUse: true,
      held: { ns: 4e9, errorNs: 1e6 },
      switches: 1200,
      seenSwitches: 1100,
    },
  ],
  threads: [
    {
      thread: WORKER,
      takes: 100,
      held: { ns: 3e9, errorNs: 2e6 },
      longestHoldNs: 1e8,
      waited: { ns: 1e9, errorNs: 4e6 },
      longestWaitNs: 1e8,
      drops: 100,
      dropping: { ns: 1e6, errorNs: 0 },
    },
    {
      thread: { ...WORKER, name: 'idle' },
      takes: 0,
      held: { ns: 0, errorNs: 0 },
      longestHoldNs: 0,
      waited: undefined,
      longestWaitNs: 0,
      drops: 0,
      dropping: undefined,
    },
  ],
  events: [
    {
      kind: 'wait',
      thread: WORKER,
      startedAt: new Date(2026, 10, 29, 9, 40, 6, 0).getTime(),
      durationNs: 2e8,
      isOver: false,
      thresholdNs: 1e7,
      stack: [{ name: 'pay', file: '/srv/shop.py', line: 7 }],
      heldBy: [{ thread: { ...WORKER, name: undefined }, ns: 1.5e8 }],
    },
  ],
  eventCount: 3,
};

const MANNER = { style: PLAIN, width: undefined, mostThreads: 500, isWhole: false };

test('a report has a row for each thread that wanted the GIL, and tells what took long', () => {
  expect([...gilReportLines(REPORT, MANNER)]).toEqual([
    'gil statistics report: 09:40:05.007, 5.00 s',
    'held 80.0 % of the time, 1,200 switches, 1,100 of them seen',
    'thread_id  takecnt  hold_all  holdavg  take_all  takeavg  dropcnt  drop_all  dropavg  thread_name',
    '     4243      100    3.00 s  30.0 ms    1.00 s  10.0 ms      100   1.00 ms  10.0 µs  wörker\\x1b[2J',
    '1 thread more did not want it',
    'estimated from 49,000 looks: hold_all ± 2.00 ms, take_all ± 4.00 ms',
    'gil warning report: the longest 1 of 3',
    '09:40:06.000 take_gil 200 ms so far (more than 10.0 ms) by wörker\\x1b[2J, meanwhile held by thread 4243 150 ms',
    '    pay  /srv/shop.py:7',
  ]);
});

test('a report says when most holds were too short to be seen, unless each was counted', () => {
  const gils = REPORT.gils.map((gil) => ({ ...gil, seenSwitches: 12 }));
  const warningsOf = (report: GilReport) =>
    [...gilReportLines(report, MANNER)].filter((line) => line.startsWith('Most holds'));
  expect(warningsOf({ ...REPORT, gils })).toEqual([
    'Most holds were too short to be seen: takecnt is too low, averages are too high. --exact counts all.',
  ]);
  expect([...warningsOf({ ...REPORT, gils, isExact: true }), ...warningsOf(REPORT)]).toEqual([]);
});

test('a narrow terminal has the columns that say most', () => {
  const lines = [...gilReportLines(REPORT, { ...MANNER, width: 44 })];
  expect(lines[2]).toBe('takecnt  hold_all  take_all  thread_name');
  for (const line of lines.slice(2, 4)) expect(line.length).toBeLessThanOrEqual(44);
});

test('of a GIL that is not in use nothing else is told', () => {
  const gils = REPORT.gils.map((gil) => ({ ...gil, isInUse: false }));
  expect([...gilReportLines({ ...REPORT, gils, threads: [], events: [], eventCount: 0 }, MANNER)]).toEqual([
    'gil statistics report: 09:40:05.007, 5.00 s',
    'the GIL is disabled: threads run side by side, and nobody waits for it',
  ]);
});
