import { execFileSync } from 'node:child_process';
import { expect, test } from 'vitest';

/** Answers what a tool complains of on its output. */
function complaintsOf(tool: string, ...words: readonly string[]): string {
  try {
    execFileSync(`node_modules/.bin/${tool}`, words, { encoding: 'utf8', stdio: 'pipe' });
    return '';
  } catch (error) {
    return error instanceof Error && 'stdout' in error
      ? String(error.stdout) || error.message
      : String(error);
  }
}

test('nothing is dead, and nothing is used that the manifest does not name', () => {
  expect(complaintsOf('knip')).toBe('');
});

test('what is packed is what the manifest says', () => {
  expect(complaintsOf('publint', '--strict')).toBe('');
});
