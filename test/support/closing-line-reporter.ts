import type { Reporter, TestCase, TestModule } from 'vitest/node';

/**
 * Ends a run with the one line that says, in any language, how it went: `12 passed, 0 failed, 3 skipped`. Before
 * it, the tests that were skipped are named, unless a filter skipped most of them, and those that passed at another try
 * say why the first one failed.
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
        sayWhyTriedAgain(test);
      }
      if (tests.length === 0 && module.state() === 'failed') counts.failed += 1;
    }
    if (skipped.length < counts.passed + counts.failed)
      for (const name of skipped) console.log(`skipped: ${name}`);
    console.log(
      `${counts.passed} passed, ${counts.failed} failed, ${counts.skipped + counts.pending} skipped`,
    );
  }
}

function sayWhyTriedAgain(test: TestCase): void {
  if (test.diagnostic()?.flaky !== true) return;
  for (const { message, diff, stacks = [] } of test.result().errors ?? []) {
    const [place] = stacks;
    const where = place === undefined ? '' : ` (${place.file}:${place.line})`;
    console.log(`passed at another try: ${test.fullName}: ${message}${where}`);
    if (diff !== undefined) console.log(diff);
  }
}

// biome-ignore lint/style/noDefaultExport: vitest loads a reporter by its default export
export default ClosingLineReporter;
