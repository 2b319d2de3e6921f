import { describe, expect, test } from 'vitest';
import { runCommandLine } from '../../../test/support/fake-cli.ts';
import { makeFrame, makeSnapshot, makeThread } from '../../../test/support/snapshots.ts';
import { UnusableCoreError } from '../../base/errors.ts';

const WORLD = {
  snapshots: [makeSnapshot([makeThread({ frames: [makeFrame()] })], { pauseNs: undefined })],
  coreFacts: {
    writer: 'kernel',
    process: undefined,
    signal: { number: 6, code: -6, address: undefined, sender: undefined, systemCall: undefined },
    missingBytes: 0,
  } as const,
};

describe('core', () => {
  test('prints the program, why it died, and the stacks', async () => {
    const { status, out, calls } = await runCommandLine(['core', 'core.5010', '--locals'], WORLD);
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
    const { calls, out } = await runCommandLine(words, WORLD);
    expect(calls.slice(0, 2)).toEqual([
      'core c {"exhaustive":false,"native":false,"executable":"/opt/python3","libraryPath":["/a","/b"]}',
      'snapshot {"locals":false,"thread":"MainThread"}',
    ]);
    expect(out).not.toContain('Using executable');
    const { calls: others } = await runCommandLine(['core', 'c', '--lib-search-root', '/r'], WORLD);
    expect(others[0]).toBe('core c {"exhaustive":false,"native":false,"libraryRoot":"/r"}');
  });

  test('prints one JSON document', async () => {
    const { out } = await runCommandLine(['core', 'c', '--json'], WORLD);
    expect(JSON.parse(out)).toMatchObject({ signal: { number: 6 }, snapshot: { pauseNs: null } });
  });

  test('asks for native calls as its last option says', async () => {
    const { calls } = await runCommandLine(['core', 'c', '--native', '--native-all'], WORLD);
    expect(calls.slice(0, 2)).toEqual([
      'core c {"exhaustive":false,"native":true}',
      'snapshot {"locals":false,"native":"all-threads"}',
    ]);
  });

  test('refuses two places to look for libraries, and no file at all', async () => {
    const both = await runCommandLine(
      ['core', 'c', '--lib-search-path', '/a', '--lib-search-root', '/b'],
      WORLD,
    );
    expect(both.status).toBe(2);
    expect(both.notes).toContain('Cannot use --lib-search-path with --lib-search-root: choose one');
    expect(await runCommandLine(['core', 'c'])).toMatchObject({
      status: 1,
      notes: expect.stringContaining('error: Cannot read c: there is no such file'),
    });
  });

  test('prints why it died also where there is no Python in it, but nothing as JSON', async () => {
    const lacking = { ...WORLD, snapshots: [new UnusableCoreError('c', 'no-python', 'there is none')] };
    const text = await runCommandLine(['core', 'c'], lacking);
    expect([text.status, text.notes.split('\n')[0]]).toEqual([
      5,
      'error: Cannot inspect core c: there is none',
    ]);
    expect(text.out).toContain('The process died due receiving signal SIGABRT');
    expect((await runCommandLine(['core', 'c', '--json'], lacking)).out).toBe('');
  });

  test('says how to find files that are not at hand, and with -v which they are', async () => {
    const lackingFiles = [
      { state: 'missing', path: '/a/x.so', expectedBuildId: 'ab', foundBuildId: undefined },
    ] as const;
    const { notes } = await runCommandLine(['core', 'c'], { ...WORLD, lackingFiles });
    expect(notes).toBe(
      '  pyflight core c --lib-search-root <directory>    takes files from where they lie now\n',
    );
    const words = ['core', 'c', '-v', '--lib-search-path', '/b'];
    const verbose = await runCommandLine(words, { ...WORLD, lackingFiles });
    expect(verbose.notes).toBe('  missing /a/x.so, build id ab\n');
  });

  test('shows how far a compressed core has come on a terminal, and takes the line away', async () => {
    const lines: string[] = [];
    const status = { columns: 80, show: (line: string) => lines.push(line) };
    const decompression = [{ compression: 'xz', readBytes: 1, fileBytes: 4, writtenBytes: 9 } as const];
    await runCommandLine(['core', 'c'], { ...WORLD, decompression, context: { status } });
    expect(lines).toEqual(['xz ━━━━━━──────────────────  25 %, 9 B', '']);
    const { notes } = await runCommandLine(['core', 'c'], { ...WORLD, decompression });
    expect(notes).toBe('');
  });
});

describe('stack --core', () => {
  test('prints what core prints, as text and as JSON', async () => {
    for (const words of [[], ['--json'], ['--locals', '--native'], ['--executable', '/opt/python3']]) {
      const asCore = words[0] === '--executable' ? ['core', 'c', '/opt/python3'] : ['core', 'c', ...words];
      const one = await runCommandLine(asCore, WORLD);
      const other = await runCommandLine(['stack', '--core', 'c', ...words], WORLD);
      const named = { ...one, out: one.out.replace('"command": "core"', '"command": "stack"') };
      expect(other).toEqual(named);
    }
  });

  test('prints other layouts without the preamble, and writes files', async () => {
    const words = ['stack', '--core', 'c', '--format', 'pyflame', '-f', 'x'];
    const { files, out } = await runCommandLine(words, WORLD);
    expect(out).toContain('Write stack to x');
    expect([...files.values()].join()).not.toContain('died');
  });

  test.each([
    ['--watch', 'Cannot use --watch with --core: nothing moves in a core file'],
    ['--no-block', 'Cannot use --no-block with --core: there is no process to stop'],
  ])('refuses %s', async (word, message) => {
    const { status, notes } = await runCommandLine(['stack', '--core', 'c', word], WORLD);
    expect([status, notes.split('\n')[0]]).toEqual([2, `error: ${message}`]);
  });
});
