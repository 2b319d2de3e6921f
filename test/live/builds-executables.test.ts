import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { attach, listPythonProcesses } from '../../src/api/index.ts';
import {
  type CopiedPython,
  copyPython,
  libpythonOf,
  prefixOf,
  replaceFile,
  strip,
  stripSectionHeaders,
} from '../support/altered-pythons.ts';
import { runPyflight } from '../support/command-line.ts';
import { findInterpreters, type Interpreter } from '../support/interpreters.ts';
import { seenThreads, trueThreads } from '../support/seen-threads.ts';
import { untilSettled } from '../support/settled.ts';
import { programsSeenBy, startCommand, startTarget, type Target } from '../support/target.ts';

const shared = findInterpreters().filter(({ kind }) => kind === 'shared');

function ofFamilies(families: readonly string[]): readonly (readonly [string, Interpreter])[] {
  return shared.filter(({ family }) => families.includes(family)).map((each) => [each.name, each]);
}

/** One of each way to find the interpreter: static variables, a symbol, a section, the debug offsets. */
const EVERY_WAY = ['2.7', '3.6', '3.8', '3.11', '3.13'];

/** Starts the copy of an interpreter that something was done to. */
async function startCopied(copy: CopiedPython, interpreter: Interpreter): Promise<Target> {
  const program = join(programsSeenBy(interpreter), 'threads.py');
  const target = await startCommand(interpreter, [copy.program, '-S', '-B', program], { env: copy.env });
  await untilSettled(target.groundTruth);
  return target;
}

async function expectTruth({ pid, groundTruth }: Target): Promise<string> {
  using inspection = await attach(pid);
  const snapshot = inspection.snapshot();
  expect(seenThreads(snapshot)).toEqual(trueThreads(groundTruth));
  expect(snapshot.problems).toEqual([]);
  expect((await listPythonProcesses()).map((each) => each.pid)).toContain(pid);
  return snapshot.foundBy;
}

describe.each(ofFamilies(EVERY_WAY))('%s', (_, interpreter) => {
  test('attach() shows one whose program and libpython are stripped', async () => {
    using copy = copyPython(interpreter);
    strip(copy.program);
    strip(copy.libpython);
    await using target = await startCopied(copy, interpreter);
    expect(await expectTruth(target)).toMatch(/^(symbol|section) \S+ of .*libpython/u);
  });

  test('attach() shows one whose files have no section headers', async () => {
    using copy = copyPython(interpreter);
    stripSectionHeaders(copy.program);
    stripSectionHeaders(copy.libpython);
    await using target = await startCopied(copy, interpreter);
    expect(await expectTruth(target)).toMatch(/^symbol \S+ of .*libpython/u);
  });

  test('attach() shows one whose program and libpython were deleted', async () => {
    using copy = copyPython(interpreter);
    await using target = await startCopied(copy, interpreter);
    copy[Symbol.dispose]();
    expect(await expectTruth(target)).toMatch(/^(symbol|section) \S+ of .*libpython/u);
    expect(await withoutMapFiles(target.pid)).toMatchObject({
      foundBy: expect.stringMatching(/^symbol \S+ of .*libpython/u),
      threads: expect.arrayContaining(
        target.groundTruth.threads.map(({ nativeId, frames }) =>
          expect.objectContaining({
            osThreadId: nativeId,
            frames: frames.map(({ name, file }) => expect.objectContaining({ name, filename: file })),
          }),
        ),
      ),
      problems: [],
    });
  });
});

test.each(ofFamilies(['3.8', '3.11']))(
  'attach() shows %s when another version took the paths of its files meanwhile',
  async (_, interpreter) => {
    const successor = shared.find(({ family }) => family === '3.9') ?? interpreter;
    using copy = copyPython(interpreter);
    await using target = await startCopied(copy, interpreter);
    replaceFile(copy.program, successor.path);
    replaceFile(copy.libpython, libpythonOf(successor));
    await expectTruth(target);
    expect(await withoutMapFiles(target.pid)).toMatchObject({
      process: { python: { text: interpreter.version } },
      problems: [],
    });
  },
);

describe.each(ofFamilies(['3.8', '3.12']))('A virtual environment of %s', (_, interpreter) => {
  test.each([['--symlinks'], ['--copies']])('attach() shows one made with %s', async (option) => {
    const directory = mkdtempSync(join(tmpdir(), 'pyflight-venv-'));
    try {
      execFileSync(interpreter.path, ['-m', 'venv', '--without-pip', option, directory]);
      const program = join(programsSeenBy(interpreter), 'threads.py');
      const python = join(directory, 'bin', 'python');
      await using target = await startCommand(interpreter, [python, '-B', program]);
      await untilSettled(target.groundTruth);
      await expectTruth(target);
    } finally {
      rmSync(directory, { recursive: true });
    }
  });
});

const statics = findInterpreters().filter(({ kind }) => kind === 'static');

test.each(statics.map((each) => [each.name, each] as const))(
  'attach() shows the static program of %s',
  async (_, interpreter) => {
    await using target = await startTarget(interpreter, 'threads.py');
    await untilSettled(target.groundTruth);
    expect(await expectTruth(target)).toBe(`section .PyRuntime of ${interpreter.path}`);
  },
);

/** Every way that a program maps itself or its libpython a second time. */
const REMAP = `
import ctypes, mmap, sys
ctypes.PyDLL(None)
kept = []
for path in sys.argv[2:]:
    try:
        kept.append(ctypes.CDLL(path))
    except OSError:
        pass  # a program cannot be loaded as a library; glibc has mapped it before it says so
    with open(path, "rb") as file:
        kept.append(mmap.mmap(file.fileno(), 0, mmap.MAP_PRIVATE, mmap.PROT_READ | mmap.PROT_EXEC))
path = sys.argv[1]
sys.argv = [path]
sys.path.insert(0, path.rsplit("/", 1)[0])
exec(compile(open(path).read(), path, "exec"))
`;

test.each(
  findInterpreters()
    .filter(
      ({ kind, family }) => kind === 'static' || (kind === 'shared' && ['3.8', '3.12'].includes(family)),
    )
    .map((each) => [each.name, each] as const),
)('attach() shows %s that mapped its own files a second time', async (_, interpreter) => {
  const program = join(programsSeenBy(interpreter), 'threads.py');
  const files = interpreter.isShared ? [interpreter.path, libpythonOf(interpreter)] : [interpreter.path];
  const command = [...interpreter.command, '-B', '-c', REMAP, program, ...files];
  await using target = await startCommand(interpreter, command, {
    env: interpreter.isShared ? { PYTHONHOME: prefixOf(interpreter) } : {},
  });
  await untilSettled(target.groundTruth);
  await expectTruth(target);
});

/** Looks from a process that may not follow /proc/PID/map_files, as no ordinary user may. */
async function withoutMapFiles(pid: number): Promise<unknown> {
  const through = ['setpriv', '--bounding-set=-sys_admin,-checkpoint_restore'];
  const { out, notes } = await runPyflight(['stack', String(pid), '--json'], { through });
  expect(notes).toBe('');
  return JSON.parse(out);
}
