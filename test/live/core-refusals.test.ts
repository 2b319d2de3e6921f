import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { runPyflight } from '../support/command-line.ts';
import { CoreDirectory, crash, kernelWritesCores } from '../support/core-maker.ts';
import { CORE_PYTHON } from '../support/core-programs.ts';
import {
  auxiliaryNote,
  filesNote,
  processNote,
  signalNote,
  threadNote,
  writeCore,
} from '../support/core-writer.ts';
import { EM } from '../support/elf-writer.ts';

const directory = mkdtempSync(join(tmpdir(), 'pyflight-refusals-'));
const CORE = writeCore({
  notes: [
    threadNote({ threadId: 7, signal: 6 }),
    processNote({ pid: 7 }),
    auxiliaryNote({ 3: 0x1040 }),
    signalNote({ number: 6, code: -6, pid: 7 }),
    filesNote([{ start: 0x1000, end: 0x2000, path: '/opt/job' }]),
  ],
  memory: [{ start: 0x1000, bytes: Buffer.concat([Buffer.from('\x7fELF'), Buffer.alloc(4092)]) }],
});

function patched(at: number, byte: number): Uint8Array {
  const bytes = Uint8Array.from(CORE);
  bytes[at] = byte;
  return bytes;
}

const FILES: Readonly<Record<string, Uint8Array>> = {
  empty: new Uint8Array(),
  text: Buffer.from('not a core\n'),
  short: CORE.subarray(0, 40),
  headless: CORE.subarray(0, 100),
  'of-32-bit': patched(4, 1),
  'big-endian': patched(5, 2),
  'of-risc-v': patched(18, 243),
  'other-machine': writeCore({ machine: process.arch === 'arm64' ? 21 : EM.aarch64 }),
  zstd: Buffer.from('28b52ffd0000ffffff', 'hex'),
  other: CORE,
};

beforeAll(() => {
  for (const [name, bytes] of Object.entries(FILES)) writeFileSync(join(directory, name), bytes);
  mkdirSync(join(directory, 'directory'));
  symlinkSync('circle', join(directory, 'circle'));
  execFileSync('mkfifo', [join(directory, 'pipe')]);
});

afterAll(() => rmSync(directory, { recursive: true }));

const CORES: readonly (readonly [file: string, status: number, state: string, hint: string])[] = [
  ['none', 1, 'Cannot read FILE: there is no such file', 'Name a file that is there'],
  ['directory', 1, 'Cannot read FILE: it is a directory', 'Name a file'],
  ['pipe', 1, 'Cannot read FILE: it is no regular file', 'Name a file'],
  ['circle', 1, 'Cannot read FILE: its symbolic links lead in a circle', 'Name a file'],
  ['empty', 5, 'Cannot inspect core FILE: it is empty', 'pyflight core    lists'],
  ['text', 5, 'Cannot inspect core FILE: it is no ELF file, which every core is', 'pyflight core    lists'],
  ['short', 5, 'Cannot inspect core FILE: its headers are cut off or damaged', 'Copy it again'],
  ['headless', 5, 'Cannot inspect core FILE: its headers are cut off or damaged', 'Copy it again'],
  [
    'zstd',
    5,
    'Cannot inspect core FILE: nothing of it can be decompressed, zstd is damaged',
    'Copy it again',
  ],
  [
    'of-32-bit',
    5,
    'Cannot inspect core FILE: it is of a 32-bit process, and only 64-bit ones are read',
    'gdb-multiarch',
  ],
  [
    'big-endian',
    5,
    'Cannot inspect core FILE: it is of a big-endian machine, and only little-endian ones are read',
    'gdb-multiarch',
  ],
  [
    'of-risc-v',
    5,
    'Cannot inspect core FILE: it is of a process of RISC-V, which cannot be read here',
    'gdb-multiarch',
  ],
  ['other-machine', 5, ', which cannot be read here', 'Look at it on a machine of that kind'],
  [
    'other',
    5,
    'Cannot inspect core FILE: no CPython interpreter was found in it (the process ran /opt/job)',
    'gdb <program>',
  ],
];

describe('pyflight core says in one sentence why it does not take', () => {
  test.each(CORES)('a file that is %s, with status %i', async (name, status, state, hint) => {
    const file = join(directory, name);
    const run = await runPyflight(['core', file]);
    const [sentence, ...lines] = run.notes.replaceAll(file, 'FILE').trimEnd().split('\n');
    expect([run.status, sentence]).toEqual([status, expect.stringContaining(state)]);
    expect(lines.join('\n')).toContain(hint);
    // What the notes say is worth knowing even so.
    if (name === 'other') expect(run.out).toContain('The process died due receiving signal SIGABRT');
    else expect(run.out).toBe('');
  });

  test('a program in its place', async () => {
    const run = await runPyflight(['core', process.execPath]);
    expect(run).toMatchObject({ status: 5, out: '' });
    expect(run.notes).toContain('it is a program or a library, and no core');
    expect(run.notes).toContain(`pyflight core <core> ${process.execPath}    has the core first`);
  });
});

describe.skipIf(!kernelWritesCores())('pyflight core refuses (a core of the kernel is needed)', () => {
  const cores = new CoreDirectory();
  let core = '';
  beforeAll(() => {
    core = crash(cores, [CORE_PYTHON, '-c', 'import os; os.abort()']);
  });
  afterAll(() => cores[Symbol.dispose]());

  test.each(['0x0', '0x10', '0x32'])(
    'memory that the filter %s left out, and says why it died',
    async (filter) => {
      const without = crash(cores, [CORE_PYTHON, '-c', 'import os; os.abort()'], { filter });
      const run = await runPyflight(['core', without]);
      expect(run.status).toBe(5);
      expect(run.out).toContain('The process died due receiving signal SIGABRT');
      expect(run.notes).toMatch(/the memory of its interpreter was not dumped\n.*coredump_filter/u);
    },
  );

  test.each([
    ['text', 2, 'Cannot use FILE as the program of the core: it is no ELF program'],
    ['directory', 1, 'Cannot read FILE: it is a directory'],
    ['none', 1, 'Cannot read FILE: there is no such file'],
  ])('a program that is %s', async (name, status, sentence) => {
    const file = join(directory, name);
    const run = await runPyflight(['core', core, file]);
    expect([run.status, run.notes.replaceAll(file, 'FILE').split('\n')[0]]).toEqual([
      status,
      `error: ${sentence}`,
    ]);
  });

  test('a program that is another one, and names the one that crashed', async () => {
    const run = await runPyflight(['core', core, process.execPath]);
    expect(run.status).toBe(2);
    expect(run.notes).toMatch(
      /Cannot use \S+ as the program of the core: the process ran \S*python\S* with the build id/u,
    );
    expect((await runPyflight(['core', core, CORE_PYTHON])).status).toBe(0);
  });

  test.each([
    ['--lib-search-root', 'none', 'there is no such file'],
    ['--lib-search-root', 'text', 'it is no directory'],
    ['--lib-search-path', 'none', 'there is no such file'],
  ])('%s with a place that is %s', async (option, name, state) => {
    const file = join(directory, name);
    const run = await runPyflight(['core', core, option, file]);
    expect([run.status, run.notes.split('\n')[0]]).toEqual([1, `error: Cannot read ${file}: ${state}`]);
  });
});
