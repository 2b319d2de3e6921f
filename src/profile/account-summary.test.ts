import { expect, test } from 'vitest';
import { makeAccount } from '../../test/support/profiles.ts';
import { accountLines, accountSentence } from './account-summary.ts';

test('accountLines() says what was asked, reached and lost', () => {
  const account = makeAccount({
    rateHz: 1000,
    durationNs: 10_020_000_000,
    sweeps: 9_870,
    missedSweeps: 150,
    samples: 19_700,
    unsteadySamples: 197,
    tornSamples: 40,
    unreadableSamples: 2,
    pausedNs: 320_000_000,
    pauses: { medianNs: 20_000, p99Ns: 500_000, mostNs: 900_000 },
    samplesWithoutNative: 985,
    sharingThreads: 2345,
    mostTasks: 10_000,
    tasksRead: 32_000,
    tasksLost: 12,
    samplerCpuNs: 150_000_000,
    endedBecause: 'interrupted',
  });
  expect(accountLines(account).map(({ subject, state }) => `${subject}: ${state}`)).toEqual([
    'measured: wall-clock time',
    'begun: 2026-03-01 12:00:00 UTC',
    'duration: 10 s, until it was interrupted',
    'rate: 1,000 Hz asked, 985 Hz reached: 9,870 sweeps, 150 missed',
    'samples: 19,700, 197 (1.0 %) of threads that moved while they were read, 985 (5.0 %) without native frames; left out: 40 torn (0.2 %), 2 unreadable (0.0 %)',
    'threads: 2,345 began after a thousand had ended, and are shown in places of these, one after the other',
    'tasks: 10,000 at most, 3 read in a sweep, which stand for all; left out: 12 of 32,000 that had ended or changed',
    'lateness: 60.0 µs in the median, 400 µs at 99 %, 1.20 ms at most',
    'sweeps took: 20.0 µs in the median, 50.0 µs at 99 %, 90.0 µs at most',
    'CPU used: 1.5 % of a core',
    'stood still: 320 ms, 3.2 % of the time: 20.0 µs in the median, 500 µs at 99 %, 900 µs at most',
  ]);
});

test.each([
  [45_678, 50_000, '45,678 of 50,000 Hz'],
  [99.8, 100, '99.8 of 100 Hz'],
  [0.2, 0.25, '0.2 of 0.25 Hz'],
])('accountSentence() of %d sweeps in a second', (sweeps, rateHz, start) => {
  const sentence = accountSentence(makeAccount({ sweeps: sweeps * 10, rateHz, durationNs: 10e9 }));
  expect(sentence.startsWith(`${start}, `)).toBe(true);
});

test('accountSentence() is short, also of a profile that has not begun', () => {
  expect(accountSentence(makeAccount({ unreadableSamples: 1 }))).toBe(
    '100 of 100 Hz, 100 samples, 0 torn, 1 unreadable, late by 60.0 µs (99 %: 400 µs)',
  );
  expect(accountSentence(makeAccount({ sweeps: 0, durationNs: 0, samples: 0 }))).toMatch(/^0 of 100 Hz/);
});
