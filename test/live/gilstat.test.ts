import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { type GilAccount, type GilOptions, type GilReport, startGilSampling } from '../../src/api/index.ts';
import { gilReportToJson } from '../../src/report/gil-json.ts';
import type { Interpreter } from '../support/interpreters.ts';
import { describeInterpreters, isSince } from '../support/matrix.ts';
import { PlatformTarget } from '../support/platform-target.ts';
import { innermostChildOf } from '../support/sandboxes.ts';
import { violations } from '../support/schemas.ts';
import { programsSeenBy } from '../support/target.ts';

/**
 * How far times may be off, beyond what the estimate says of itself, and which part of a time is seen at least: on a busy machine looks are
 * late just when much happens, and threads that want the GIL wait for a processor first.
 */
function allowanceOf({ looks, missedLooks }: GilReport) {
  return missedLooks > looks ? { tolerance: 0.5, seenShare: 0.5 } : { tolerance: 0.1, seenShare: 1 };
}

/** What the program says, in seconds since the epoch. */
interface Said {
  /** From when to when the GIL was held. */
  readonly kept: readonly (readonly [began: number, ended: number])[];
  /** When a thread that sleeps again and again woke and had got the GIL. */
  readonly naps: readonly number[];
}

describeInterpreters('2.7', (interpreter) => {
  test('startGilSampling() tells who held the GIL as the program itself knows it, and who waited, until the process ends', async () => {
    await using target = await startUser(interpreter, []);
    const { reports, account } = await lookAt(target.pid, { longHoldMs: 15, longWaitMs: 10_000 });
    const { kept } = await target.ask();
    expect(account.endedBecause).toBe('duration');
    const [report] = reports;
    if (report === undefined) throw new RangeError('no report came');
    expect(violations('gilstat', withEnvelope(report))).toEqual([]);
    if (interpreter.isFreeThreaded) {
      expect(report.gils.map(({ isInUse }) => isInUse)).toEqual([false]);
      return;
    }
    const useOf = (name: string) => report.threads.find(({ thread }) => thread.name === name);
    const holder = useOf('holder');
    const truthNs = heldWithin(kept, report);
    const { ns = 0, errorNs = 0 } = holder?.held ?? {};
    const { tolerance, seenShare } = allowanceOf(report);
    expect(truthNs).toBeGreaterThan(0.1 * report.durationNs);
    expect(Math.abs(ns - truthNs)).toBeLessThan(truthNs * tolerance + errorNs);
    const long = report.events.filter(({ kind, thread }) => kind === 'hold' && thread.name === 'holder');
    for (const { durationNs } of long) expect(durationNs).toBeGreaterThan(15e6);
    // On a busy machine it may be kept from a processor elsewhere too.
    const stacks = long.map(({ stack = [] }) => stack.slice(0, 2).map(({ name }) => name));
    expect(stacks).toContainEqual(['keep_in_c', 'holder']);
    const [gil] = report.gils;
    // Somebody always wants it, and so it is always held by one of them.
    expect(gil?.held.ns).toBeGreaterThan(0.8 * seenShare * report.durationNs);
    const all = report.threads.reduce((sum, { held }) => sum + held.ns, 0);
    expect(all / (gil?.held.ns ?? 0)).toBeCloseTo(1, 1);
    if (gil?.switches !== undefined) expect(gil.seenSwitches).toBeLessThanOrEqual(gil.switches);
    expect(useOf('sleeper')).toMatchObject({ takes: 0, held: { ns: 0 } });
    // The GIL of 2.7 goes to another thread so often that much of it is not seen.
    const least = isSince(interpreter, '3.6') ? 0.85 : 0.5;
    for (const name of ['spin-1', 'spin-2']) checkSpinner(useOf(name), report, least);
    // A second one that looks until the process ends.
    const wish = { durationSeconds: 600, intervalSeconds: 0.1 };
    const last = await lookAt(target.pid, wish, (count) => {
      if (count === 1) target.kill();
    });
    expect(last.account.endedBecause).toBe('target-ended');
    expect(last.reports.length).toBeGreaterThan(1);
  });
});

describeInterpreters('3.6', (interpreter) => {
  test('startGilSampling() counts each take where kernel, rights and symbols allow, also beside one that is killed', async () => {
    await using target = await startUser(interpreter, []);
    const cli = spawn(process.execPath, [
      'bin/pyflight.cjs',
      'gilstat',
      `${target.pid}`,
      '--exact',
      '--interval',
      '50ms',
    ]);
    // Where it cannot count it says so and ends.
    await Promise.race([once(cli.stdout, 'data'), once(cli, 'exit')]);
    cli.kill('SIGKILL');
    const counted = await lookAt(target.pid, {
      exact: true,
      durationSeconds: 0.5,
      intervalSeconds: 0.2,
    }).catch((error) => error);
    const { naps } = await target.ask();
    if (counted instanceof Error) {
      expect(counted.message).toMatch(
        /: (?:the CPython of the process is stripped|the kernel lets only root|this kernel has no uprobes)/u,
      );
      return;
    }
    // In the first one it becomes known which threads there are.
    const [, report] = counted.reports;
    const [from, to] = [report.startedAt / 1e3, report.startedAt / 1e3 + report.durationNs / 1e9];
    const woken = naps.filter((time) => time >= from && time < to).length;
    const { takes = Number.NaN } =
      report.threads.find(({ thread }: GilReport['threads'][number]) => thread.name === 'napper') ?? {};
    expect(report.isExact).toBe(true);
    expect(Math.abs(takes - woken)).toBeLessThanOrEqual(3);
  });
});

describeInterpreters('3.12', (interpreter) => {
  test('startGilSampling() tells the GILs of interpreters apart', async () => {
    await using target = await startUser(interpreter, ['own-gil']);
    const { reports } = await lookAt(target.pid, { durationSeconds: 0.5 });
    const [report] = reports;
    if (interpreter.isFreeThreaded) return;
    expect(report?.gils).toHaveLength(2);
    for (const { held } of report?.gils ?? [])
      expect(held.ns).toBeGreaterThan(0.5 * (report?.durationNs ?? 0));
    const other = report?.threads.find(
      ({ thread }) => thread.interpreterId !== 0 && thread.name !== undefined,
    );
    expect(other?.held.ns).toBeGreaterThan(0.5 * (report?.durationNs ?? 0));
  });
});

test('startGilSampling() tells of threads that have ended meanwhile, which wait no more', async () => {
  await using target = await PlatformTarget.startPython(
    'import threading, time',
    'def spin():',
    '    end = time.time() + 0.03',
    '    while time.time() < end: pass',
    'print("ready")',
    'while True:',
    '    threads = [threading.Thread(target=spin, name="brief") for _ in range(2)]',
    '    for thread in threads: thread.start()',
    '    for thread in threads: thread.join()',
  );
  const { reports } = await lookAt(target.pid, { intervalSeconds: 0.5, longWaitMs: 1, longHoldMs: 1 });
  const [, report] = reports;
  const brief = (report?.threads ?? []).filter(({ thread }) => thread.name !== 'MainThread');
  expect(brief.length).toBeGreaterThan(2);
  const held = (report?.threads ?? []).reduce((sum, use) => sum + use.held.ns, 0);
  expect(held / (report?.gils[0]?.held.ns ?? 0)).toBeCloseTo(1, 1);
  for (const { isOver, durationNs } of report?.events ?? [])
    if (!isOver) expect(durationNs).toBeLessThan(0.3e9);
});

test('startGilSampling() ends when the program becomes another one', async () => {
  await using target = await PlatformTarget.startPython(
    'import os, sys',
    'print("ready")',
    'sys.stdin.readline()',
    'os.execv("/bin/sleep", ["sleep", "1000"])',
  );
  const wish = { durationSeconds: 600, intervalSeconds: 0.1 };
  const { account } = await lookAt(target.pid, wish, (count) => {
    if (count === 1) target.send('go');
  });
  expect(account.endedBecause).toBe('target-replaced');
});

/** Who counts without end has the GIL or waits for it, as far as it is known how threads wait. */
function checkSpinner(use: GilReport['threads'][number] | undefined, report: GilReport, least: number): void {
  const { durationNs } = report;
  expect(use?.takes).toBeGreaterThan(0);
  if (use?.waited === undefined) return;
  const wanted = use.held.ns + use.waited.ns;
  expect(wanted).toBeLessThanOrEqual(durationNs * 1.05);
  expect(wanted).toBeGreaterThan(durationNs * least * allowanceOf(report).seenShare);
}

/** How long the GIL was held in the time of a report, as the program knows it. */
function heldWithin(kept: Said['kept'], { startedAt, durationNs }: GilReport): number {
  const [from, to] = [startedAt / 1e3, startedAt / 1e3 + durationNs / 1e9];
  const seconds = kept.map(([began, ended]) => Math.max(0, Math.min(ended, to) - Math.max(began, from)));
  return seconds.reduce((sum, each) => sum + each, 0) * 1e9;
}

function withEnvelope(report: GilReport): object {
  const envelope = { command: 'gilstat', level: 'L0', pid: 1, takenAt: '', problems: [] };
  return { ...envelope, ...gilReportToJson(report) };
}

async function lookAt(
  pid: number,
  options: GilOptions,
  onReport: (count: number) => void = () => undefined,
): Promise<{ readonly reports: readonly GilReport[]; readonly account: GilAccount }> {
  const reports: GilReport[] = [];
  const wish = { durationSeconds: 1, intervalSeconds: 10, ...options };
  const sampling = startGilSampling(pid, wish, (report) => {
    onReport(reports.push(report));
  });
  return { account: await sampling.ended, reports };
}

interface GilUser extends AsyncDisposable {
  readonly pid: number;
  ask(): Promise<Said>;
  kill(): void;
}

async function startUser(interpreter: Interpreter, args: readonly string[]): Promise<GilUser> {
  const program = join(programsSeenBy(interpreter), 'gil-use.py');
  const [command = '', ...words] = [...interpreter.command, program, ...args];
  const target = await PlatformTarget.start(command, words);
  await target.nextLine();
  const pid = innermostChildOf(target.pid);
  return {
    pid,
    ask: async () => {
      target.send('say');
      return JSON.parse(await target.nextLine());
    },
    kill: () => process.kill(pid, 'SIGKILL'),
    [Symbol.asyncDispose]: () => target[Symbol.asyncDispose](),
  };
}
