import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect } from 'vitest';

const GOLDEN_FOLDER = join(import.meta.dirname, '../golden');

/**
 * Compares a text with `test/golden/<name>`. A missing file fails; `GOLDEN=accept` writes it. On failure the text
 * is left beside it as `<name>.actual`.
 */
export function expectGolden(name: string, actual: string): void {
  const path = join(GOLDEN_FOLDER, name);
  if (process.env['GOLDEN'] === 'accept') {
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, actual);
    return;
  }
  const expected = readIfThere(path);
  rmSync(`${path}.actual`, { force: true });
  if (actual !== expected) writeFileSync(`${path}.actual`, actual);
  expect(actual, `test/golden/${name}: accept with npm run golden:accept`).toBe(expected ?? '(no such file)');
}

function readIfThere(path: string): string | undefined {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return undefined;
  }
}
