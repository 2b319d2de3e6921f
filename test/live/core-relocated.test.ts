import { spawnSync } from 'node:child_process';
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CoreFacts, type CoreOptions, formatObject, openCore } from '../../src/api/index.ts';
import { CoreDirectory, crash, kernelWritesCores } from '../support/core-maker.ts';
import { CORE_PYTHON } from '../support/core-programs.ts';
import { embeddingObstacle, makeBundle } from '../support/embedded.ts';
import { findInterpreters } from '../support/interpreters.ts';

const interpreter = findInterpreters().find(({ path }) => path === CORE_PYTHON);
const canCrash = kernelWritesCores() && interpreter !== undefined;
const obstacle = interpreter === undefined ? 'no Python' : embeddingObstacle(interpreter);

const JOB = [
  'import ctypes, os, sys, threading',
  'gate = threading.Lock(); gate.acquire()',
  'def work(number):',
  '    gate.acquire()',
  'for number in range(2): threading.Thread(target=work, args=(number,), name=f"w{number}", daemon=True).start()',
  'def fail(reason, counts):',
  '    ctypes.string_at(0x75bcd15)',
  'fail("x", {"a": [1, 2]})',
];

/** What was asked of a core: threads by their names, functions with lines, and the values of `fail`. */
async function shown(core: string, options: CoreOptions = {}) {
  using opened = await openCore(core, { ...options, native: false });
  const { threads, problems } = opened.snapshot({ locals: true });
  const failing = threads.flatMap(({ frames }) => frames).find(({ name }) => name === 'fail');
  return {
    threads: threads.map(({ pythonName, frames }) => {
      const own = frames.filter(({ filename }) => filename.endsWith('job.py'));
      return [pythonName, own.map(({ name, position }) => `${name}:${position?.line}`)];
    }),
    variables: failing?.variables?.map(({ name, value }) => [name, formatObject(value, 100)]),
    problems: problems.map(({ message }) => message),
    lacking: opened.lackingFiles.map(({ path }) => path),
  };
}

const STACKS = {
  threads: expect.arrayContaining([
    ['w0', ['work:4']],
    ['w1', ['work:4']],
    ['MainThread', ['fail:7', '<module>:8']],
  ]),
  variables: [
    ['reason', "'x'"],
    ['counts', "{'a': [1, 2]}"],
  ],
};

const needs = `a core of the kernel is needed${obstacle === undefined ? '' : `, and there is ${obstacle}`}`;

/** Settings of coredump_filter that write what the process has changed (core(5)): with and without the starts of ELF files. */
const FILTERS = ['0x1', '0x21', '0x11', '0x37', '0x7f'];

describe.skipIf(!canCrash || obstacle !== undefined)(
  `openCore() of a bundle that was moved (${needs})`,
  () => {
    const cores = new CoreDirectory();
    const moved = join(cores.path, 'moved');
    const before = join(cores.path, 'bundle');
    let core = '';
    const filtered = new Map<string, string>();

    beforeAll(() => {
      if (interpreter === undefined) return;
      const job = join(cores.path, 'job.py');
      writeFileSync(job, JOB.join('\n'));
      const bundle = makeBundle(interpreter, before);
      const environment = bundle.environment(job);
      core = crash(cores, [bundle.program], { environment });
      for (const filter of FILTERS)
        filtered.set(filter, crash(cores, [bundle.program], { environment, filter }));
      renameSync(before, moved);
    });
    afterAll(() => cores[Symbol.dispose]());

    test.each([
      ['a root', { libraryRoot: moved }],
      ['a path', { libraryPath: [moved, join(moved, '_internal')] }],
      [
        'its program and a path',
        { executable: join(moved, 'service'), libraryPath: [join(moved, '_internal')] },
      ],
    ])('finds its files by %s', async (_, options) => {
      expect(await shown(core, options)).toMatchObject({ ...STACKS, problems: [], lacking: [] });
    });

    test.each(FILTERS)(
      'shows its stacks with them and without them when the filter was %s',
      async (filter) => {
        const file = filtered.get(filter) ?? '';
        expect(await shown(file, { libraryRoot: moved })).toMatchObject({ ...STACKS, problems: [] });
        expect(await shown(file)).toMatchObject(STACKS);
      },
    );

    test.each([5, 17, 50, 85])(
      'says of one that was cut off at %i percent what it lacks',
      async (percent) => {
        const cut = `${core}-${percent}`;
        copyFileSync(core, cut);
        truncateSync(cut, Math.floor((statSync(core).size * percent) / 100));
        const asked: unknown[] = [];
        const onFacts = (facts: CoreFacts) => asked.push(facts.signal?.address);
        const opening = openCore(cut, { libraryRoot: moved, onFacts });
        await expect(opening).rejects.toThrow(/lacks its last \d+ bytes/u);
        expect(asked).toEqual([0x75bcd15n]);
      },
    );

    test('shows what was dumped without them, and says once what is missing', async () => {
      const lacking = [join(before, 'service'), expect.stringContaining('/_internal/libpython')];
      expect(await shown(core)).toMatchObject({
        ...STACKS,
        problems: [
          expect.stringMatching(
            /^2 files are not here, so what was not dumped of them is missing: \S+libpython/u,
          ),
        ],
        lacking,
      });
    });
  },
);

/** A virtual environment with PyInstaller, made by hand: `pip install pyinstaller`. */
const PYINSTALLER = process.env['PYFLIGHT_PYINSTALLER'] ?? '';

describe.skipIf(!canCrash || !existsSync(PYINSTALLER))(
  'openCore() of what PyInstaller makes ($PYFLIGHT_PYINSTALLER is needed)',
  () => {
    const cores = new CoreDirectory();
    const job = join(cores.path, 'job.py');
    beforeAll(() => {
      // The loader of one file ends as its program did, so that each must write its core elsewhere.
      writeFileSync(job, ['import os, tempfile; os.chdir(os.environ["CORES"])', ...JOB].join('\n'));
    });
    afterAll(() => cores[Symbol.dispose]());

    function build(kind: 'onedir' | 'onefile'): string {
      const args = ['-y', '--log-level', 'ERROR', `--${kind}`, '--name', kind, job];
      const run = spawnSync(PYINSTALLER, args, { cwd: cores.path, encoding: 'utf8' });
      if (run.status !== 0) throw new Error(run.stderr);
      return join(cores.path, 'dist', kind);
    }

    function crashOf(program: string): string {
      const place = join(cores.path, 'of-the-program');
      rmSync(place, { recursive: true, force: true });
      mkdirSync(place);
      const words = ['-c', 'ulimit -c unlimited; exec "$0"', program];
      spawnSync('/bin/sh', words, { cwd: cores.path, env: { ...process.env, CORES: place } });
      const [core = 'no core'] = readdirSync(place);
      return join(place, core);
    }

    const stacks = {
      threads: expect.arrayContaining([
        ['w0', ['work:5']],
        ['w1', ['work:5']],
        ['MainThread', ['fail:8', '<module>:9']],
      ]),
      variables: STACKS.variables,
    };

    test('a directory that was moved', async () => {
      const bundle = build('onedir');
      const core = crashOf(join(bundle, 'onedir'));
      renameSync(bundle, join(cores.path, 'elsewhere'));
      const found = await shown(core, { libraryRoot: join(cores.path, 'elsewhere') });
      expect(found).toMatchObject({ ...stacks, problems: [] });
    });

    test('one file, which unpacks what is gone after the crash', async () => {
      const core = crashOf(build('onefile'));
      expect(await shown(core)).toMatchObject({
        ...stacks,
        problems: [expect.stringMatching(/^\d+ files are not here, .*libpython/u)],
      });
    });
  },
);
