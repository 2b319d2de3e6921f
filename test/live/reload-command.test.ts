import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { AUDIT_FILE, removeAgentFiles } from '../support/agent-scene.ts';
import { runPyflight } from '../support/command-line.ts';
import { findInterpreters } from '../support/interpreters.ts';
import { PlatformTarget } from '../support/platform-target.ts';
import { violations } from '../support/schemas.ts';
import { TerminalRun } from '../support/terminal.ts';

const env = { XDG_STATE_HOME: dirname(dirname(AUDIT_FILE)) };

/** It is started by a name without directory, and goes to stand elsewhere: 3.8 knows its file by that name only. */
const PROGRAM = `import os, sys

def answer(question):
    return 'old ' + question

os.chdir('/')
print('ready')
sys.stdout.flush()
for line in iter(sys.stdin.readline, ''):
    print(answer(line.strip()))
    sys.stdout.flush()
`;

const pythons = findInterpreters().filter(
  ({ root, isFreeThreaded }) => root === undefined && !isFreeThreaded,
);
const chosen = [pythons.find(({ family }) => family === '3.8'), pythons.at(-1)].filter(
  (each) => each !== undefined,
);

describe.each(chosen)('pyflight reload, CPython $name', ({ command }) => {
  const directory = mkdtempSync(join(tmpdir(), 'pyflight-reload-'));
  const file = join(directory, 'é', 'sérve.py');
  let target: PlatformTarget;
  let words: readonly string[];

  beforeAll(async () => {
    mkdirSync(dirname(file));
    writeFileSync(file, PROGRAM);
    const script = 'cd "$1" && shift && exec "$@"';
    const started = ['-c', script, 'sh', dirname(file), ...command, '-B', 'sérve.py'];
    target = await PlatformTarget.start('/bin/sh', started);
    await target.nextLine();
    words = ['reload', `${target.pid}`, '__main__', 'answer'];
  });
  afterAll(async () => {
    await target?.[Symbol.asyncDispose]();
    removeAgentFiles(target.pid);
    rmSync(directory, { recursive: true });
  });

  const edit = (from: string, to: string): void =>
    writeFileSync(file, readFileSync(file, 'utf8').replace(from, to));
  const ask = async (): Promise<string> => {
    target.send('question');
    return await target.nextLine();
  };

  test('asks first, changes what calls see, puts it back, and says why it does not', async () => {
    const unchanged = await runPyflight([...words, '--dry-run'], { env });
    expect(unchanged).toMatchObject({
      status: 0,
      out: `Nothing to reload: __main__.answer is as its file has it\n  FILE:       ${file}, lines 3 to 4\n`,
    });
    edit("'old '", "'new '");
    const refused = await runPyflight(words, { env });
    expect(refused).toMatchObject({ status: 2, out: '' });
    expect(refused.notes).toContain('was not confirmed\n  --allow-write    permits it');
    expect(await ask()).toBe('old question');

    const done = await runPyflight([...words, '--allow-write', '--json'], { env });
    const document = JSON.parse(done.out);
    expect(violations('reload', document)).toEqual([]);
    expect(document).toMatchObject({
      command: 'reload',
      level: 'L4',
      verdict: 'changed',
      isApplied: true,
      file,
    });
    expect(await ask()).toBe('new question');

    edit("'new '", "'newer '");
    const planned = await runPyflight([...words, '--dry-run'], { env });
    expect(planned.out).toContain(
      "DIFF:       @@ -3,2 +3,2 @@\n               def answer(question):\n              -    return 'new ' + question\n              +    return 'newer ' + question\n",
    );
    const undone = await runPyflight([...words, '--undo', '--allow-write'], { env });
    expect(undone).toMatchObject({ status: 0, out: expect.stringMatching(/^Put back __main__\.answer\n/u) });
    expect(await ask()).toBe('old question');
    const nothing = await runPyflight([...words, '--undo', '--allow-write'], { env });
    expect(nothing).toMatchObject({
      status: 1,
      notes: expect.stringContaining('Cannot put it back: nothing'),
    });

    edit("'newer '", '(');
    const broken = await runPyflight([...words, '--allow-write'], { env });
    expect(broken).toMatchObject({
      status: 1,
      notes: expect.stringContaining(`of ${file} has a syntax error`),
    });
    expect((await runPyflight([...words, '--undo', '--line', '3'], { env })).status).toBe(2);
    edit('return (', "return 'last '");
  });

  test('shows on a terminal what is new, and asks', async () => {
    const run = async (key: string): Promise<TerminalRun> => {
      const terminal = new TerminalRun([process.execPath, 'bin/pyflight.cjs', ...words], { env });
      await terminal.until(/Go on\? \[y\/N\] $/u);
      terminal.type(`${key}\r`);
      return terminal;
    };
    await using declined = await run('n');
    expect(await declined.status()).toBe(2);
    expect(await ask()).toBe('old question');
    await using accepted = await run('y');
    expect(await accepted.status()).toBe(0);
    expect(accepted.text).toContain('Reloaded __main__.answer');
    expect(await ask()).toBe('last question');
  });
});
