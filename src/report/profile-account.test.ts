import { expect, test } from 'vitest';
import { makeAccount } from '../../test/support/profiles.ts';
import { displayWidth } from './display-width.ts';
import { profileAccountLines } from './profile-account.ts';
import { ANSI, PLAIN } from './style.ts';

test('profileAccountLines() says how a profile came about, and nothing against a good one', () => {
  expect([...profileAccountLines(makeAccount(), PLAIN, undefined)]).toEqual([
    'measured     wall-clock time',
    'begun        2026-03-01 12:00:00 UTC',
    'duration     1.00 s, until the time was over',
    'rate         100 Hz asked, 100 Hz reached: 100 sweeps, 0 missed',
    'samples      100, none left out',
    'lateness     60.0 µs in the median, 400 µs at 99 %, 1.20 ms at most',
    'sweeps took  20.0 µs in the median, 50.0 µs at 99 %, 90.0 µs at most',
    'CPU used     1.2 % of a core',
    'stood still  never',
  ]);
});

test.each([
  [{ missedSweeps: 30 }, 'Fewer sweeps than asked'],
  [{ tornSamples: 9 }, 'Many stacks mixed two moments'],
  [{ rateHz: 2_000 }, 'Sweeps began late'],
])('profileAccountLines() of %j remarks: %s', (changes, remark) => {
  const lines = [...profileAccountLines(makeAccount(changes), PLAIN, undefined)];
  expect(lines.slice(9)).toEqual([expect.stringMatching(new RegExp(`^${remark}`))]);
});

test.each([40, 60, 100])('profileAccountLines() fits %d columns', (columns) => {
  const account = makeAccount({ missedSweeps: 100, tornSamples: 90, rateHz: 50_000 });
  for (const line of profileAccountLines(account, PLAIN, columns))
    expect(displayWidth(line)).toBeLessThanOrEqual(columns);
});

test('profileAccountLines() paints subjects and remarks', () => {
  const lines = [...profileAccountLines(makeAccount({ missedSweeps: 100 }), ANSI, undefined)];
  expect(lines[0]).toBe('\u001b[2mmeasured\u001b[0m     wall-clock time');
  expect(lines.at(9)?.slice(0, 10)).toBe('\u001b[33mFewer');
});
