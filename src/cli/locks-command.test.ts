import { describe, expect, test } from 'vitest';
import { runCommandLine } from '../../test/support/fake-cli.ts';
import { makeFrame, makeSnapshot, makeThread } from '../../test/support/snapshots.ts';

describe('locks', () => {
  const world = {
    snapshots: [makeSnapshot([makeThread({ frames: [makeFrame()] })], {})],
    coreFacts: { writer: 'kernel', process: undefined, signal: undefined, missingBytes: 0 } as const,
  };

  test('looks into a process, or into a core in its place', async () => {
    const process = await runCommandLine(['locks', '5010'], world);
    expect([process.status, process.calls[0]]).toEqual([0, expect.stringContaining('attach 5010')]);
    const core = await runCommandLine(['locks', '--core', 'core.5010'], world);
    expect([core.status, core.calls[0]]).toEqual([0, expect.stringContaining('core core.5010')]);
  });

  test('has no process to leave running in a core', async () => {
    const { status, notes } = await runCommandLine(['locks', '--core', 'c', '--no-block'], world);
    expect([status, notes]).toEqual([2, expect.stringContaining('Cannot use --no-block with --core')]);
  });
});
