import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * Gives the tests, and the programs that they start, one directory for all that they write in passing: some of them are killed, and
 * leave behind what they have made. Vitest calls this before the tests of a project, and what it answers after them.
 */
export function setup(): () => void {
  const before = process.env['TMPDIR'];
  const directory = mkdtempSync(join(tmpdir(), 'pyflight-tests-'));
  // Some programs run as another user.
  chmodSync(directory, 0o1777);
  process.env['TMPDIR'] = directory;
  return () => {
    if (before === undefined) delete process.env['TMPDIR'];
    else process.env['TMPDIR'] = before;
    rmSync(directory, { recursive: true, force: true });
  };
}
