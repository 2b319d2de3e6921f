import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';
import { LongestFirst } from './test/support/longest-first.ts';

const LIVE = 'test/live/**/*.test.ts';
const LIVE_ALONE = 'test/live/**/*.alone.test.ts';

/** How live tests are run, whichever may run beside them. Our modules are loaded once for all of them, which takes half a second. */
const live = {
  isolate: false,
  globalSetup: [
    './test/support/scratch.ts',
    './test/support/built.ts',
    './test/support/provided-interpreters.ts',
  ],
  setupFiles: './test/support/injected-interpreters.ts',
  pool: 'forks' as const,
  testTimeout: 120_000,
  hookTimeout: 120_000,
  // CI machines may be short of CPU for seconds. A test that needed it says so in the report.
  retry: process.env['CI'] === undefined ? 0 : 2,
};

export default defineConfig({
  test: {
    reporters: ['default', './test/support/closing-line-reporter.ts'],
    sequence: { sequencer: LongestFirst },
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'scripts/**/*.test.ts', 'test/golden/**/*.test.ts'],
          pool: 'threads',
          isolate: false,
          // For a machine that is short of CPU: none takes more than a few seconds.
          testTimeout: 60_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // Two at a time: targets wait more than they compute.
        test: {
          ...live,
          name: 'live',
          include: [LIVE],
          exclude: [LIVE_ALONE],
          maxWorkers: Math.min(2, availableParallelism()),
          sequence: { groupOrder: 1 },
        },
      },
      {
        // These measure time or fill all processors: nothing of ours may run beside them.
        test: {
          ...live,
          name: 'live-alone',
          include: [LIVE_ALONE],
          maxWorkers: 1,
          sequence: { groupOrder: 2 },
        },
      },
    ],
  },
});
