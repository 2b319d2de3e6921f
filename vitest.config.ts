import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    reporters: ['default', './test/support/closing-line-reporter.ts'],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['src/**/*.test.ts', 'scripts/**/*.test.ts', 'test/golden/**/*.test.ts'],
          pool: 'threads',
          isolate: false,
          // For a machine that is short of CPU: none takes more than a few seconds.
          testTimeout: 60_000,
        },
      },
      {
        test: {
          name: 'live',
          include: ['test/live/**/*.test.ts'],
          globalSetup: './test/support/built.ts',
          pool: 'forks',
          // Targets compute, and what is seen of them is compared with the truth of a moment: one at a time.
          fileParallelism: false,
          testTimeout: 120_000,
          hookTimeout: 120_000,
          // CI machines may be short of CPU for seconds. A test that needed it says so in the report.
          retry: process.env['CI'] === undefined ? 0 : 2,
        },
      },
    ],
  },
});
