import { expect, test } from 'vitest';
import { GilLedger, NOBODY } from './gil-ledger.ts';

const GIL = 0;

test('shares the time between looks that differ by halves, and counts what was seen', () => {
  const ledger = new GilLedger();
  ledger.seeHolder(GIL, 0, 1, 100);
  ledger.seeHolder(GIL, 10, 1, 100);
  ledger.seeHolder(GIL, 20, 2, 101);
  ledger.seeHolder(GIL, 30, NOBODY, 101);
  ledger.seeHolder(GIL, 40, 2, 101);
  expect(ledger.takeThread(1, 40)).toMatchObject({ takes: 1, drops: 1, held: { ns: 15 }, longestHoldNs: 15 });
  expect(ledger.takeThread(2, 40)).toMatchObject({ takes: 2, drops: 1, held: { ns: 15 }, longestHoldNs: 10 });
  expect(ledger.takeGil(GIL)).toMatchObject({ switches: 1, seenSwitches: 1, held: { ns: 30 } });
});

test('a GIL that went away and came back between two looks counts twice, and ends a hold', () => {
  const ledger = new GilLedger();
  ledger.seeHolder(GIL, 0, 1, 100);
  expect(ledger.seeHolder(GIL, 10, 1, 100)).toBeUndefined();
  const first = ledger.holdOf(GIL);
  expect(ledger.seeHolder(GIL, 20, 1, 104)).toBe(first);
  expect(ledger.holdOf(GIL)).toEqual({ thread: 1, sinceNs: 15 });
  expect(ledger.takeGil(GIL)).toMatchObject({ switches: 4, seenSwitches: 2 });
});

test('reports begin anew, but holds go on', () => {
  const ledger = new GilLedger();
  ledger.seeHolder(GIL, 0, 1, Number.NaN);
  ledger.seeHolder(GIL, 10, 1, Number.NaN);
  ledger.takeThread(1, 10);
  ledger.seeHolder(GIL, 30, 1, Number.NaN);
  expect(ledger.takeThread(1, 30)).toMatchObject({ takes: 0, held: { ns: 20 }, longestHoldNs: 30 });
  expect(ledger.takeGil(GIL).switches).toBeUndefined();
});

test('a thread that wakes while it waits waits still, unless it may have had the GIL', () => {
  const ledger = new GilLedger();
  ledger.seeHolder(GIL, 0, 1, 100);
  const waiter = { thread: 2, gil: GIL };
  ledger.seeDoing(waiter, 0, 'waits');
  ledger.seeDoing(waiter, 10, 'runs');
  expect(ledger.waitOf(2)?.sinceNs).toBe(0);
  expect(ledger.takeThread(2, 10)).toMatchObject({ waited: { ns: 10, errorNs: 0 }, longestWaitNs: 10 });
  // Twice to another: to it, perhaps, and back.
  ledger.seeHolder(GIL, 15, 1, 102);
  ledger.seeHolder(GIL, 16, 1, 106);
  expect(ledger.seeDoing(waiter, 20, 'runs')).toMatchObject({ thread: 2, sinceNs: 0 });
  expect(ledger.takeThread(2, 20)).toMatchObject({ waited: { ns: 5 }, longestWaitNs: 15 });
});

test('a thread waits until the look before the one that finds it with the GIL, however long ago it was looked at', () => {
  const ledger = new GilLedger();
  ledger.seeHolder(GIL, 0, 1, 100);
  ledger.seeDoing({ thread: 2, gil: GIL }, 0, 'waits');
  for (const nowNs of [10, 20, 30]) ledger.seeHolder(GIL, nowNs, 1, 100);
  ledger.seeHolder(GIL, 40, 2, 101);
  ledger.seeDoing({ thread: 2, gil: GIL }, 40, 'none');
  expect(ledger.takeThread(2, 40)).toMatchObject({ held: { ns: 5 }, waited: { ns: 35 } });
});

test('a thread that runs after it had to give up the GIL wants it again, one that let it go does not', () => {
  const MS = 1e6;
  for (const [heldMs, waited] of [
    [5, 3.5],
    [3, 0],
  ] as const) {
    const ledger = new GilLedger();
    const loser = { thread: 1, gil: GIL };
    ledger.seeDoing({ thread: 2, gil: GIL }, 0, 'waits');
    for (let ms = 0; ms < heldMs + 1; ms += 1) {
      ledger.seeHolder(GIL, ms * MS, ms === 0 ? NOBODY : 1, 100);
      ledger.seeDoing(loser, ms * MS, 'none');
    }
    for (let ms = heldMs + 1; ms < heldMs + 5; ms += 1) {
      ledger.seeHolder(GIL, ms * MS, 2, 101);
      ledger.seeDoing(loser, ms * MS, 'runs');
    }
    expect(ledger.takeThread(1, (heldMs + 4) * MS).waited.ns / MS, `held for ${heldMs} ms`).toBe(waited);
  }
});

test('tells who had the GIL during a wait', () => {
  const ledger = new GilLedger();
  ledger.seeHolder(GIL, 0, 1, 100);
  ledger.seeHolder(GIL, 10, 1, 100);
  ledger.seeDoing({ thread: 3, gil: GIL }, 10, 'waits');
  ledger.seeHolder(GIL, 40, 1, 100);
  ledger.seeHolder(GIL, 60, 2, 101);
  const wait = ledger.waitOf(3);
  expect(wait && ledger.heldSince(wait)).toEqual([
    { thread: 1, ns: 40 },
    { thread: 2, ns: 10 },
  ]);
  expect(ledger.seeDoing({ thread: 3, gil: GIL }, 80, 'none')).toBe(wait);
  expect(ledger.waitOf(3)).toBeUndefined();
});

test('a thread that has the number of one that is forgotten has nothing of it', () => {
  const ledger = new GilLedger();
  ledger.seeHolder(GIL, 0, 1, 100);
  ledger.seeHolder(GIL, 10, 1, 100);
  ledger.seeDoing({ thread: 3, gil: GIL }, 10, 'waits');
  ledger.seeHolder(GIL, 30, 2, 101);
  ledger.takeThread(1, 30);
  ledger.forgetThread(1);
  ledger.seeHolder(GIL, 40, 1, 102);
  ledger.seeHolder(GIL, 60, 1, 102);
  const wait = ledger.waitOf(3);
  expect(wait && ledger.heldSince(wait)).toEqual([
    { thread: 1, ns: 25 },
    { thread: 2, ns: 15 },
  ]);
  expect(ledger.takeThread(1, 60)).toMatchObject({ takes: 1, drops: 0, held: { ns: 25 } });
});
