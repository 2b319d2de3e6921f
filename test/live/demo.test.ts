import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { expect, test } from 'vitest';
import { runPyflight } from '../support/command-line.ts';
import { violations } from '../support/schemas.ts';

/** What the program said on both streams so far, and its end. */
interface Run {
  readonly child: ChildProcess;
  readonly said: () => string;
  readonly until: (pattern: RegExp) => Promise<RegExpExecArray>;
  readonly ended: Promise<number | null>;
}

function startDemo(options: readonly string[], path = process.env['PATH']): Run {
  const child = spawn(process.execPath, ['bin/pyflight.cjs', 'demo', ...options], { env: { PATH: path } });
  let text = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (part: string) => {
      text += part;
      child.emit('said');
    });
  }
  const ended = once(child, 'close').then(([status]) => status);
  const until = async (pattern: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const found = pattern.exec(text);
      if (found !== null) return found;
      if (child.exitCode !== null) throw new Error(`the demo ended with ${child.exitCode}:\n${text}`);
      await Promise.race([once(child, 'said'), ended]);
    }
  };
  return { child, said: () => text, until, ended };
}

async function pidOf(run: Run): Promise<number> {
  return Number((await run.until(/runs as process (\d+)/))[1]);
}

/** Resolves once a process is gone, which the kernel tells nobody but its parent. */
async function gone(pid: number): Promise<void> {
  while (existsSync(`/proc/${pid}`)) await new Promise((resolve) => setImmediate(resolve));
}

test('demo --json prints the same stacks for programs', async () => {
  const { out, status } = await runPyflight(['demo', '--json']);
  expect(status).toBe(0);
  const document = JSON.parse(out);
  expect(violations('snapshot', document)).toEqual([]);
  expect(document).toMatchObject({ command: 'demo', level: 'L1' });
});

test('demo shows the threads of its service, says what to type next, and ends the service', async () => {
  const run = startDemo([]);
  const pid = await pidOf(run);
  expect(await run.ended).toBe(0);
  for (const function_ of [
    'price_of',
    'send_report',
    'rebuild_inventory',
    'reserve_item',
    'write_audit_trail',
  ]) {
    expect(run.said()).toContain(`, in ${function_}\n`);
  }
  expect(run.said()).toContain(`  pyflight stack ${pid} --locals `);
  expect(existsSync(`/proc/${pid}`)).toBe(false);
});

test('demo --keep keeps the service until Ctrl-C', async () => {
  const run = startDemo(['--keep']);
  const pid = await pidOf(run);
  await run.until(/Ctrl-C ends the service/);
  expect(existsSync(`/proc/${pid}`)).toBe(true);
  run.child.kill('SIGINT');
  expect(await run.ended).toBe(130);
  await gone(pid);
  expect(run.said()).not.toContain('Traceback (most recent');
});

test('demo takes its service along when it is killed', async () => {
  const run = startDemo(['--keep']);
  const pid = await pidOf(run);
  await run.until(/Ctrl-C ends the service/);
  run.child.kill('SIGKILL');
  await gone(pid);
});

test('demo says what to install where there is no python3', async () => {
  const run = startDemo([], '/nonexistent');
  expect(await run.ended).toBe(1);
  expect(run.said()).toContain('error: Cannot start the demo: there is no python3 on PATH');
});
