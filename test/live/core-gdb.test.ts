import { createHash } from 'node:crypto';
import { copyFileSync, statSync, truncateSync } from 'node:fs';
import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { openCore } from '../../src/api/index.ts';
import type { CoreFile } from '../../src/elf/core/core-file.ts';
import { readMaps } from '../../src/platform/process-files.ts';
import { openProcessMemory } from '../../src/platform/process-memory.ts';
import { listThreadIds, readThreadSyscall } from '../../src/platform/thread-files.ts';
import { X86_64 } from '../../src/unwind/arch/x86-64.ts';
import { parseRegisterSet } from '../../src/unwind/registers.ts';
import { CoreDirectory, crash, gcore, gdbCore, hasTool, kernelWritesCores } from '../support/core-maker.ts';
import { CORE_PYTHON, SEGFAULT, THREADS } from '../support/core-programs.ts';
import { coreStacksByGdb } from '../support/gdb.ts';
import { compareStacks } from '../support/gdb-comparison.ts';
import { OpenedCore, tryRead } from '../support/opened-core.ts';
import { PlatformTarget } from '../support/platform-target.ts';

const hasGdb = hasTool('gdb') && process.arch === 'x64';
const hasGcore = hasTool('gcore') && hasGdb;
const hasKernelCores = kernelWritesCores();

/** Holds everything that gdb tells of a core against what we read; gives the share of samples that we read. */
function compareWithGdb(path: string, program: string): { readonly read: number; readonly dumped: number } {
  using opened = new OpenedCore(path);
  const { core, image } = opened;
  const ranges = opened.samples();
  const seen = gdbCore(program, path, ranges);
  const { threads, fileMappings, auxiliaryVector } = core.notes;

  // gdb numbers the threads of its own cores anew, those of the kernel in their order.
  const registers = new Map(seen.threads.map((thread) => [thread.threadId, thread.registers]));
  expect(threads.map(({ threadId }) => threadId).sort()).toEqual([...registers.keys()].sort());
  for (const thread of threads) {
    const values = parseRegisterSet(X86_64, thread.registers);
    expect(registers.get(thread.threadId)).toEqual(
      Array.from({ length: 17 }, (_, number) => `${values[number]}`),
    );
  }
  const signal = threads[0]?.signalInformation;
  expect([signal?.number, signal?.code, signal?.errno]).toEqual([
    seen.signal['si_signo'],
    seen.signal['si_code'],
    seen.signal['si_errno'],
  ]);
  if (signal?.address !== undefined) expect(Number(signal.address)).toBe(seen.signal['address']);
  if (signal?.sender !== undefined) {
    expect(signal.sender).toEqual({ pid: seen.signal['pid'], uid: seen.signal['uid'] });
  }
  expect(auxiliaryVector).toEqual({
    programHeaders: seen.auxiliaryVector['3'],
    pageSizeBytes: seen.auxiliaryVector['6'],
    loader: seen.auxiliaryVector['7'],
    entry: seen.auxiliaryVector['9'],
    executablePath: seen.auxiliaryVector['31'],
    virtualLibrary: seen.auxiliaryVector['33'],
  });
  expect(
    fileMappings?.map(({ start, end, fileOffset, path: file, isDeleted }) => ({
      start,
      end,
      offset: fileOffset,
      path: isDeleted ? `${file} (deleted)` : file,
    })),
  ).toEqual(seen.mappings);

  const ours = ranges.map(([start, sizeBytes]) => tryRead(image.memory, start, sizeBytes));
  const differing = ours.flatMap((bytes, index) =>
    bytes === undefined || bytes === seen.memory[index]
      ? []
      : [{ range: ranges[index], bytes, gdb: seen.memory[index] }],
  );
  expect(differing).toEqual([]);
  const unread = ranges.filter((_, index) => ours[index] === undefined);
  expect(unread.filter(([start]) => isDumped(core, start))).toEqual([]);
  return {
    read: ours.length - unread.length,
    dumped: ranges.filter(([start]) => isDumped(core, start)).length,
  };
}

function isDumped({ segments }: CoreFile, address: number): boolean {
  return segments.some(({ start, presentBytes }) => start <= address && address < start + presentBytes);
}

test.skipIf(!hasKernelCores || !hasGdb).each([
  ['the filter of the kernel', '0x33'],
  ['files that are private too', '0x37'],
  ['no starts of ELF files', '0x23'],
  ['no anonymous memory', '0x32'],
])('a core that the kernel wrote with %s is what gdb says', (_, filter) => {
  using directory = new CoreDirectory();
  const path = crash(directory, [CORE_PYTHON, '-c', SEGFAULT.join('\n')], { filter });
  const { read, dumped } = compareWithGdb(path, CORE_PYTHON);
  // Files give what was left out; without anonymous memory only code may come from them.
  expect(read).toBeGreaterThan(filter === '0x37' ? dumped - 1 : dumped);
  using opened = new OpenedCore(path);
  expect(opened.core.notes).toMatchObject({ writer: 'kernel', problems: [] });
  expect(opened.core.notes.threads).toHaveLength(4);
  expect(opened.core.missingBytes).toBe(0);
  expect(opened.cause).toBe(
    'The process died due a segmentation fault accessing address: 0x75bcd15 (nothing is mapped there)',
  );
  expect(opened.image.lacking.filter(({ path: file }) => file.includes('python'))).toEqual([]);
  const program = opened.image.modules.find(({ isMainProgram }) => isMainProgram);
  expect(program?.file?.isVerified).toBe(filter !== '0x23');
});

test.skipIf(!hasKernelCores || !hasGdb)(
  'the native stacks in a core of the kernel are those of gdb',
  async () => {
    using directory = new CoreDirectory();
    const path = crash(directory, [CORE_PYTHON, '-c', SEGFAULT.join('\n')]);
    using core = await openCore(path);
    const snapshot = core.snapshot({ native: 'all-threads' });
    const { seen, told } = compareStacks(snapshot, coreStacksByGdb(path, CORE_PYTHON), {});
    expect(seen).toEqual(told);
    const { threads, problems } = snapshot;
    expect(threads.filter(({ merged }) => merged === undefined)).toEqual([]);
    expect(problems.filter(({ kind }) => kind !== 'stripped-module')).toEqual([]);
  },
);

test.skipIf(!hasGcore)(
  'a core that gdb wrote is what gdb says, and holds what the process held',
  async () => {
    using directory = new CoreDirectory();
    const program = [...THREADS, 'print("ready")', 'sys.stdin.readline()'];
    await using target = await PlatformTarget.startUnder(CORE_PYTHON, ...program);
    await untilBlocked(target.pid);
    const before = pagesOf(target.pid);
    const path = gcore(directory, target.pid);
    compareWithGdb(path, CORE_PYTHON);

    using opened = new OpenedCore(path);
    const { core, image } = opened;
    expect(core.notes).toMatchObject({ writer: 'debugger', problems: [], process: { pid: target.pid } });
    expect(core.notes.threads[0]?.threadId).toBe(target.pid);
    expect(opened.cause).toContain('generated on demand');
    expect(image.lacking).toEqual([]);
    const read = [...before].map(([at, live]) => ({ at, live, page: tryRead(image.memory, at, PAGE_BYTES) }));
    const differing = read.filter(({ live, page }) => page !== undefined && digestOf(page) !== live);
    expect(differing.map(({ at }) => at.toString(16))).toEqual([]);
    expect(read.filter(({ page }) => page !== undefined).length).toBeGreaterThan(2000);
  },
);

const PAGE_BYTES = 4096;

/** Waits until every thread of a program is inside of a system call, where its memory stays as it is. */
async function untilBlocked(pid: number): Promise<void> {
  const isInside = (threadId: number) => readThreadSyscall(pid, threadId)?.kind === 'inside';
  while (!(listThreadIds(pid).length === 4 && listThreadIds(pid).every(isInside))) await setImmediate();
}

/** Digests of all pages of a live process but those that the kernel changes by itself. */
function pagesOf(pid: number): ReadonlyMap<number, string> {
  using memory = openProcessMemory(pid);
  const pages = new Map<number, string>();
  for (const { start, end, isReadable, path } of readMaps(pid)) {
    if (!isReadable || path?.startsWith('[v') === true) continue;
    for (let at: number = start; at < end; at += PAGE_BYTES) {
      const page = tryRead(memory, at, PAGE_BYTES);
      if (page !== undefined) pages.set(at, digestOf(page));
    }
  }
  return pages;
}

function digestOf(page: string): string {
  return createHash('sha1').update(page).digest('base64');
}

/** The path of a core that another was copied to and cut at a share of its size. */
function cutAt(path: string, percent: number): string {
  const cut = `${path}-${percent}`;
  copyFileSync(path, cut);
  truncateSync(cut, Math.floor((statSync(path).size * percent) / 100));
  return cut;
}

/** Holds all that a core which was cut off still tells against the whole one. */
function compareWithWhole(path: string, percent: number): OpenedCore {
  using whole = new OpenedCore(path);
  const cut = cutAt(path, percent);
  const opened = new OpenedCore(cut);
  expect(opened.core.segments.length).toBe(whole.core.segments.length);
  expect(opened.core.missingBytes).toBeGreaterThan(0);
  expect(opened.core.missingBytes).toBeLessThanOrEqual(statSync(path).size - statSync(cut).size);
  let readCount = 0;
  for (const [start, sizeBytes] of whole.samples()) {
    const bytes = tryRead(opened.image.memory, start, sizeBytes);
    if (bytes === undefined) continue;
    readCount += 1;
    expect(bytes).toBe(tryRead(whole.image.memory, start, sizeBytes));
  }
  expect(readCount).toBeGreaterThan(0);
  return opened;
}

test.skipIf(!hasKernelCores).each([5, 17, 50, 85])(
  'a core of the kernel cut off at %i percent tells what is there',
  (percent) => {
    using directory = new CoreDirectory();
    using opened = compareWithWhole(crash(directory, [CORE_PYTHON, '-c', SEGFAULT.join('\n')]), percent);
    expect(opened.core.notes.threads).toHaveLength(4);
    expect(opened.core.notes.problems).toEqual([]);
    expect(opened.cause).toContain('0x75bcd15');
  },
);

test.skipIf(!hasGcore).each([5, 17, 50, 85])(
  'a core of gdb cut off at %i percent tells what is there',
  async (percent) => {
    using directory = new CoreDirectory();
    await using target = await PlatformTarget.startUnder(
      CORE_PYTHON,
      ...THREADS,
      'print("ready")',
      'sys.stdin.readline()',
    );
    using opened = compareWithWhole(gcore(directory, target.pid), percent);
    // gdb writes the notes last.
    expect(opened.core.notes.threads).toEqual([]);
    expect(opened.core.notes.problems).toEqual(['Notes are missing: the file ends before its notes do']);
    expect(opened.cause).toBeUndefined();
  },
);

test.skipIf(!hasKernelCores)('a core that the kernel cut off at its limit tells what is missing', () => {
  using directory = new CoreDirectory();
  const path = crash(directory, [CORE_PYTHON, '-c', SEGFAULT.join('\n')], { limit: 2000 });
  using opened = new OpenedCore(path);
  expect(opened.core.notes.threads).toHaveLength(4);
  expect(opened.core.missingBytes).toBeGreaterThan(0);
  // Holes do not count.
  expect(statSync(path).blocks * 512).toBeLessThanOrEqual(2000 * 512 + (64 << 10));
});
