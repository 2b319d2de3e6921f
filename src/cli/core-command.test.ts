import { describe, expect, test } from 'vitest';
import { runCommandLine } from '../../test/support/fake-cli.ts';
import { makeFrame, makeSnapshot, makeThread } from '../../test/support/snapshots.ts';

describe('core', () => {
  const world = {
    snapshots: [makeSnapshot([makeThread({ frames: [makeFrame()] })], { pauseNs: undefined })],
    coreFacts: {
      writer: 'kernel',
      process: undefined,
      signal: { number: 6, code: -6, address: undefined, sender: undefined, systemCall: undefined },
      missingBytes: 0,
    } as const,
  };

  test('prints the program, why it died, and the stacks', async () => {
    const { status, out, calls } = await runCommandLine(['core', 'core.5010', '--locals'], world);
    expect([status, calls]).toEqual([
      0,
      ['core core.5010 {"exhaustive":false,"native":false}', 'snapshot {"locals":true}', 'close'],
    ]);
    expect(out).toMatch(/^Using executable found in the core file: \/usr\/bin\/python3.12\n\n/u);
    expect(out).toContain('The process died due receiving signal SIGABRT');
    expect(out).toContain('Traceback for thread 5010 (python)');
  });

  test('hands on where files are looked for', async () => {
    const words = ['core', 'c', '/opt/python3', '--lib-search-path', '/a:/b', '--thread', 'MainThread'];
    const { calls, out } = await runCommandLine(words, world);
    expect(calls.slice(0, 2)).toEqual([
      'core c {"exhaustive":false,"native":false,"executable":"/opt/python3","libraryPath":["/a","/b"]}',
      'snapshot {"locals":false,"thread":"MainThread"}',
    ]);
    expect(out).not.toContain('Using executable');
    const { calls: others } = await runCommandLine(['core', 'c', '--lib-search-root', '/r'], world);
    expect(others[0]).toBe('core c {"exhaustive":false,"native":false,"libraryRoot":"/r"}');
  });

  test('prints one JSON document', async () => {
    const { out } = await runCommandLine(['core', 'c', '--json'], world);
    expect(JSON.parse(out)).toMatchObject({ signal: { number: 6 }, snapshot: { pauseNs: null } });
  });

  test('asks for native calls as its last option says', async () => {
    const { calls } = await runCommandLine(['core', 'c', '--native', '--native-all'], world);
    expect(calls.slice(0, 2)).toEqual([
      'core c {"exhaustive":false,"native":true}',
      'snapshot {"locals":false,"native":"all-threads"}',
    ]);
  });

  test('refuses two places to look for libraries, and no file at all', async () => {
    const both = await runCommandLine(
      ['core', 'c', '--lib-search-path', '/a', '--lib-search-root', '/b'],
      world,
    );
    expect(both.status).toBe(2);
    expect(both.notes).toContain('Cannot use --lib-search-path with --lib-search-root: choose one');
    expect(await runCommandLine(['core', 'c'])).toMatchObject({
      status: 1,
      notes: expect.stringContaining('error: Cannot read c: there is no such file'),
    });
  });
});
