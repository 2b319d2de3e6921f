import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { inject } from '../../src/agent/injection/inject.ts';
import { openTarget } from '../../src/target/live-target.ts';
import { markPlaceOf } from '../support/injection.ts';
import { firstOfEach } from '../support/interpreters.ts';
import { startTarget } from '../support/target.ts';

/** More than a program is given to begin in when no time remains. */
const LATE_MS = 1500;

test.each(firstOfEach(['3.15']))(
  'inject() does not ask again for a program that was taken up, and takes long to begin ($name)',
  async (interpreter) => {
    await using started = await startTarget(interpreter, 'injection-waking.py');
    const { directory, root = '/' } = markPlaceOf(started);
    const runs = join(directory, 'runs');
    const path = join(directory, 'program.py');
    const text = `try: open('${runs}', 'a').write('x')\nexcept BaseException: pass\n`;
    writeFileSync(join(root, path), text);
    let firstSeenMs: number | undefined;
    const hasRun = (): boolean => {
      if (existsSync(join(root, runs))) firstSeenMs ??= Date.now();
      return firstSeenMs !== undefined && Date.now() - firstSeenMs > LATE_MS;
    };
    using target = openTarget(started.pid);
    await inject(target, { text, path, hasRun }, { timeoutMs: 20_000 });
    expect(readFileSync(join(root, runs), 'latin1')).toBe('x');
  },
);
