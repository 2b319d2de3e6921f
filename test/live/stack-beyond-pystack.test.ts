import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { afterAll, describe, expect, test } from 'vitest';
import { attach, InspectorError } from '../../src/api/index.ts';
import { pystackLines } from '../../src/report/pystack-layout.ts';
import { formatSourceLine } from '../../src/report/source-line.ts';
import { ANSI, PLAIN } from '../../src/report/style.ts';
import { runPyflight } from '../support/command-line.ts';
import { damageFrames } from '../support/damaged-frames.ts';
import { findInterpreters } from '../support/interpreters.ts';
import { describeInterpreters, describeScene, isSince, Scene, threadNamed } from '../support/matrix.ts';
import { PlatformTarget } from '../support/platform-target.ts';
import { seenThreads, trueThreads } from '../support/seen-threads.ts';
import { programsSeenBy, startCommand, startTarget } from '../support/target.ts';

/** What the frames of names.py are called in the report. */
const NAMED = [
  'каталог 目录 🐍/модуль_模块_é_🐍.py"',
  'undecodable-\\udcff.py"',
  'in функция_函数',
  'in méthode_方法',
  'in naïve',
  'in \u{20000}',
];

const directory = mkdtempSync(join(tmpdir(), 'pyflight-beyond-'));

afterAll(() => {
  rmSync(directory, { recursive: true });
});

describeInterpreters('2.7', (interpreter) => {
  describeScene({ interpreter, program: 'positions.py' }, (scene) => {
    test('formatSourceLine() marks the expression that runs, behind wide characters and over several lines', async () => {
      const frames = (await scene().snapshot()).threads.flatMap((thread) => thread.frames);
      const marked = new Map(
        frames.map(({ name, sourceLine = '', position }) => [
          name,
          formatSourceLine(sourceLine, position, ANSI),
        ]),
      );
      const [blue, end] = isSince(interpreter, '3.11') ? ['\u001b[34m', '\u001b[0m'] : ['', ''];
      expect(marked.get('after_wide_characters')).toBe(`return "é名🐍", ${blue}in_with()${end}, "after"`);
      expect(marked.get('<module>')).toBe(`${blue}after_wide_characters()${end}`);
      if (isSince(interpreter, '3.8'))
        expect(marked.get('in_call')).toBe(`${blue}announce.announce_and_stay(${end}`);
    });
  });

  describeScene({ interpreter, program: 'locals.py' }, (scene) => {
    test('pystackLines() lets no control character of a variable through', async () => {
      const snapshot = await scene().snapshot({ locals: true });
      const lines = [...pystackLines(snapshot, { style: PLAIN, showLocals: true })];
      // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
      expect(lines.filter((line) => /[\u0000-\u001f\u007f-\u009f]/.test(line))).toEqual([]);
      expect(lines.some((line) => line.includes('escape\\x1b[31m'))).toBe(true);
    });

    test('pystackLines() lists *args, **kwargs and keyword-only arguments as arguments', async () => {
      const snapshot = await scene().snapshot({ locals: true });
      const lines = [...pystackLines(snapshot, { style: PLAIN, showLocals: true })].map((line) =>
        line.trim(),
      );
      const name = isSince(interpreter, '3.6') ? 'keyword_only' : 'arguments';
      const start = lines.findIndex((line) => line.endsWith(`, in ${name}`));
      const headings = lines.slice(lines.indexOf('Arguments:', start), lines.indexOf('Locals:', start));
      const names = headings.slice(1).map((line) => line.slice(0, line.indexOf(':')));
      expect(names).toEqual(
        name === 'arguments'
          ? ['steps', 'positional', 'default', 'args', 'kwargs']
          : ['steps', 'positional', 'required', 'optional', 'args', 'kwargs'],
      );
    });
  });

  test('snapshot() shows the other threads when the frames of one lead nowhere', async () => {
    await using scene = await Scene.open(interpreter, 'threads.py');
    const before = await scene.snapshot();
    const { threadState } = threadNamed(before, 'worker-1');
    damageFrames(scene.truth.pid, threadState);
    const { threads, problems } = await scene.snapshot();
    expect(problems).toEqual([]);
    const isDamaged = (thread: { readonly name: string | undefined }) => thread.name === 'worker-1';
    expect(seenThreads({ ...before, threads }).filter((thread) => !isDamaged(thread))).toEqual(
      trueThreads(scene.truth).filter((thread) => !isDamaged(thread)),
    );
    const damaged = threads.find((thread) => thread.threadState === threadState);
    expect(damaged?.problems).toMatchObject([{ kind: 'cut-off' }]);
  });
});

describeInterpreters('3.6', (interpreter) => {
  describeScene({ interpreter, program: 'names.py' }, (scene) => {
    test('pystackLines() shows frames whose file or function has any name at all', async () => {
      const snapshot = await scene().snapshot();
      const lines = [...pystackLines(snapshot, { style: PLAIN, showLocals: false })];
      const frames = lines.filter((line) => line.startsWith('    (Python) File "'));
      expect(frames.length).toBe(scene().truth.threads[0]?.frames.length);
      for (const part of NAMED) expect(frames.filter((line) => line.includes(part))).not.toEqual([]);
    });
  });
});

for (const interpreter of findInterpreters().filter(({ root }) => root === undefined))
  describe(`CPython ${interpreter.name}`, () => {
    /** Starts a script of the scratch directory, which is its working directory; its name stays relative up to 3.8. */
    async function startScript(name: string, source: Buffer) {
      writeFileSync(join(directory, name), source);
      const command = [
        'sh',
        '-c',
        `cd '${directory}' && exec "$@"`,
        'sh',
        ...interpreter.command,
        '-B',
        name,
      ];
      return startCommand(interpreter, command, { env: { PYTHONPATH: programsSeenBy(interpreter) } });
    }

    test('snapshot() of a process that runs another program by now is an error, or a problem', async () => {
      await using target = await startTarget(interpreter, 'exec-away.py');
      using inspection = await attach(target.pid);
      target.say('go');
      while (!readFileSync(`/proc/${target.pid}/cmdline`, 'utf8').startsWith('sleep')) await wait(1);
      for (const pause of [true, false]) expect(() => inspection.snapshot({ pause })).toThrow(InspectorError);
    });

    test('Frame.sourceLine is read in the encoding that the file declares, from the directory of the target', async () => {
      const source = Buffer.from(
        '# coding: latin-1\nimport announce\nannounce.announce_and_stay()  # \xe9t\xe9\n',
        'latin1',
      );
      await using target = await startScript('latin.py', source);
      using inspection = await attach(target.pid);
      const { threads, problems } = inspection.snapshot();
      expect(threads[0]?.frames.at(-1)?.sourceLine).toBe('announce.announce_and_stay()  # été');
      expect(problems).toEqual([]);
    });

    test('snapshot() says that a source file is newer than the process, and shows bytes that are no text as such', async () => {
      const path = join(directory, 'changed.py');
      await using target = await startScript(
        'changed.py',
        Buffer.from('import announce\nannounce.announce_and_stay()\n'),
      );
      writeFileSync(path, Buffer.from('import announce\nother\xff\n', 'latin1'));
      // When a process began is known to hundredths of a second, and it may be as young.
      const later = new Date(Date.now() + 1000);
      utimesSync(path, later, later);
      using inspection = await attach(target.pid);
      const { threads, problems } = inspection.snapshot();
      const outermost = threads[0]?.frames.at(-1);
      expect(outermost?.sourceLine).toBe('other\ufffd');
      expect(problems).toEqual([
        {
          kind: 'file-mismatch',
          message: `The source file ${outermost?.filename} is newer than the process, so its lines may not be the ones that run`,
        },
      ]);
    });
  });

test('pyflight says of a pid that nobody has that there is no such process', async () => {
  const { status, notes } = await runPyflight(['stack', '4194304']);
  expect(status).toBe(3);
  expect(notes.split('\n')[0]).toBe('error: Cannot inspect process 4194304: no such process');
  expect(notes).not.toContain('/proc/');
});

test.each(['-1', '0', 'text', '1.5', `${2n ** 200n}`])(
  'pyflight stack %s is a wrong command line',
  async (pid) => {
    const { status, out } = await runPyflight(['stack', '--', pid]);
    expect([status, out]).toEqual([2, '']);
  },
);

const hasCompiler = spawnSync('gcc', ['--version']).status === 0;

test.skipIf(!hasCompiler)('pyflight never runs the program of a process that is not Python', async () => {
  const [program, marker] = [join(directory, 'python3'), join(directory, 'was-run')];
  const source = `
    #include <stdio.h>
    #include <unistd.h>
    int main(int count, char **words) {
      if (count > 1) return fopen("${marker}", "w") == NULL;
      for (;;) pause();
    }`;
  expect(spawnSync('gcc', ['-x', 'c', '-o', program, '-'], { input: source }).status).toBe(0);
  await using target = await PlatformTarget.start(program, []);
  const { status, notes } = await runPyflight(['stack', `${target.pid}`]);
  expect(status).toBe(5);
  expect(notes).toMatch(/^error: Cannot inspect process \d+: /);
  expect(existsSync(marker)).toBe(false);
});
