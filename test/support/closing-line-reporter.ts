import type { Reporter, TestModule } from 'vitest/node';

const MAX_NAMED = 40;

/**
 * Ends a run with the one line that says, in any language, how it went: `12 passed, 0 failed, 3 skipped`. Before
 * it, the tests that were skipped are named, unless a filter skipped most of them.
 */
class ClosingLineReporter implements Reporter {
  onTestRunEnd(modules: readonly TestModule[], errors: readonly unknown[]): void {
    const counts = { passed: 0, failed: errors.length, skipped: 0, pending: 0 };
    const skipped: string[] = [];
    for (const module of modules) {
      const tests = [...module.children.allTests()];
      for (const test of tests) {
        counts[test.result().state] += 1;
        if (test.result().state === 'skipped') skipped.push(test.fullName);
      }
      if (tests.length === 0 && module.state() === 'failed') counts.failed += 1;
    }
    if (skipped.length <= MAX_NAMED) for (const name of skipped) console.log(`skipped: ${name}`);
    console.log(
      `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped + counts.pending} skipped`,
    );
  }
}

// biome-ignore lint/style/noDefaultExport: vitest loads a reporter by its default export
export default ClosingLineReporter;
