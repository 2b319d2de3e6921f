import { describe, expect, test } from 'vitest';
import { runCommandLine } from '../../test/support/fake-cli.ts';
import {
  deadlockOf,
  holderAt,
  lockWait,
  makeLockReport,
  makeWaitingThread,
} from '../../test/support/lock-reports.ts';
import { makeSnapshot } from '../../test/support/snapshots.ts';

describe('locks', () => {
  const itself = makeWaitingThread({ wait: lockWait('A'), holder: holderAt(0, 12) });
  const circle = deadlockOf(0);
  const snapshots = [makeSnapshot([])];

  test('prints what threads wait for, and has the status 8 when there is a deadlock', async () => {
    const locks = makeLockReport([itself], { deadlocks: [circle] });
    const { status, out } = await runCommandLine(['locks', '5010'], { snapshots, locks });
    expect(status).toBe(8);
    expect(out).toMatch(/^Deadlock: 1 thread waits for itself\n/u);
  });

  test('has the status 0 for a circle that a time limit ends', async () => {
    const locks = makeLockReport([itself], { deadlocks: [{ ...circle, hasTimeLimit: true }] });
    expect(await runCommandLine(['locks', '5010'], { snapshots, locks })).toMatchObject({ status: 0 });
  });

  test('prints one JSON document', async () => {
    const { out } = await runCommandLine(['locks', '5010', '--json'], { snapshots });
    expect(JSON.parse(out)).toMatchObject({ schemaVersion: 1, deadlocks: [], threads: [] });
  });

  test('notes what could not be read, and has the status 1 for it', async () => {
    const problem = { kind: 'unreadable-thread', message: 'Cannot read all threads' } as const;
    const locks = makeLockReport([], { problems: [problem] });
    expect(await runCommandLine(['locks', '5010'], { snapshots, locks })).toMatchObject({
      status: 1,
      notes: 'warning: Cannot read all threads\n',
    });
  });

  test('stack --locks asks for them, and does not go with what has no place for them', async () => {
    const { calls } = await runCommandLine(['stack', '5010', '--locks'], { snapshots });
    expect(calls).toContain('snapshot {"locals":false,"locks":true,"pause":true}');
    for (const other of ['--json', '--watch', '--format=pyflame'])
      expect(await runCommandLine(['stack', '5010', '--locks', other], { snapshots })).toMatchObject({
        status: 2,
        notes: expect.stringContaining('use the command locks beside it'),
      });
  });

  test('looks into a core in the place of a process, which has nothing to leave running', async () => {
    const coreFacts = { writer: 'kernel', process: undefined, signal: undefined, missingBytes: 0 } as const;
    const core = await runCommandLine(['locks', '--core', 'core.5010'], { snapshots, coreFacts });
    expect([core.status, core.calls[0]]).toEqual([0, expect.stringContaining('core core.5010')]);
    const { status, notes } = await runCommandLine(['locks', '--core', 'c', '--no-block'], { snapshots });
    expect([status, notes]).toEqual([2, expect.stringContaining('Cannot use --no-block with --core')]);
  });
});
