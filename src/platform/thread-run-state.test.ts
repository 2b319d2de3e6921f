import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { ThreadRunState } from './thread-run-state.ts';

test('ThreadRunState tells a thread that runs, and that it has gone', async () => {
  const worker = spawn(process.execPath, ['--eval', 'console.log(); for (;;);']);
  await once(worker.stdout, 'data');
  const pid = worker.pid ?? 0;
  using state = new ThreadRunState(pid, pid);
  // Between the line that it wrote and the loop it may still sleep.
  await expect.poll(() => state.read()).toBe('runs');
  expect([state.read(), state.markAsleep]).toEqual(['runs', undefined]);
  worker.kill('SIGKILL');
  await once(worker, 'exit');
  expect(state.read()).toBe('gone');
});

test('ThreadRunState tells a thread that sleeps, with a mark that stays', async () => {
  const sleeper = spawn('cat');
  // While it starts it sleeps too, for its pages.
  sleeper.stdin.write('\n');
  await once(sleeper.stdout, 'data');
  const pid = sleeper.pid ?? 0;
  using state = new ThreadRunState(pid, pid);
  await expect.poll(() => state.read()).toBe('sleeps');
  const { markAsleep } = state;
  expect([state.read(), state.markAsleep]).toEqual(['sleeps', markAsleep]);
  sleeper.kill();
});

test('ThreadRunState knows nothing of a thread that is not there', () => {
  using state = new ThreadRunState(process.pid, 2 ** 22);
  expect(state.read()).toBe('unknown');
});

// As to who may see that there is a process, and not what it does: its syscall file is its owner's alone.
test.each([
  ['R', 'runs'],
  ['S', 'sleeps'],
] as const)('ThreadRunState goes by stat where syscall may not be read: %s', (letter, expected) => {
  const directory = mkdtempSync(join(tmpdir(), 'pyflight-run-state-'));
  try {
    writeFileSync(join(directory, 'stat'), `42 (a) S (b) ${letter} 1 42 42 0 -1 4194304 117 0 0 0 0 0\n`);
    using state = new ThreadRunState(42, 42, directory);
    expect([state.read(), state.read()]).toEqual([expected, expected]);
  } finally {
    rmSync(directory, { recursive: true });
  }
});
