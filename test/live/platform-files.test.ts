import { execFileSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  realpathSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { checkInspectable } from '../../src/platform/inspectable.ts';
import {
  listProcessIds,
  processStartTime,
  readCommandLine,
  readExecutablePath,
  readIsolation,
  readMaps,
  readStat,
  readStatus,
} from '../../src/platform/process-files.ts';
import { openMappedFile, readTargetTextFile } from '../../src/platform/target-files.ts';
import {
  listThreadIds,
  readThreadCpuTimeNs,
  readThreadName,
  readThreadStat,
  readThreadStatus,
  readThreadSyscall,
} from '../../src/platform/thread-files.ts';
import { PlatformTarget } from '../support/platform-target.ts';

const isRoot = process.getuid?.() === 0;
const directory = realpathSync(mkdtempSync(join(tmpdir(), 'pyflight-files-')));
const GONE_PID = 4_194_305;

let target: PlatformTarget;

beforeAll(async () => {
  target = await PlatformTarget.startPython(
    'import threading, sys',
    'threading.Thread(target=sys.stdin.readline).start()',
    'print("ready")',
  );
});

afterAll(async () => {
  await target[Symbol.asyncDispose]();
  rmSync(directory, { recursive: true });
});

test('the readers of /proc agree with ps(1)', () => {
  const { pid } = target;
  const [ppid, state, threads, user] = execFileSync('ps', ['-o', 'ppid=,state=,nlwp=,ruid=', '-p', `${pid}`])
    .toString()
    .trim()
    .split(/\s+/u);
  const stat = readStat(pid);
  expect([stat.id, `${stat.parentId}`, stat.state, `${stat.threadCount}`]).toEqual([
    pid,
    ppid,
    state,
    threads,
  ]);
  expect(`${readStatus(pid).realUid}`).toBe(user);
  expect(readCommandLine(pid).slice(0, 3)).toEqual([expect.stringContaining('python3'), '-u', '-c']);
  expect(listProcessIds()).toContain(pid);
  expect(processStartTime(pid).getTime()).toBeGreaterThan(Date.now() - 60_000);
  expect(processStartTime(pid).getTime()).toBeLessThan(Date.now() + 100);
  expect(readIsolation(pid)).toEqual({
    hasOwnMountNamespace: false,
    hasOwnPidNamespace: false,
    hasOwnRoot: false,
  });
  expect(existsSync(readExecutablePath(pid) ?? '')).toBe(true);
});

test('the readers of threads tell what each of them does', () => {
  const { pid } = target;
  const [main, other] = listThreadIds(pid);
  expect(main).toBe(pid);
  const syscalls = [main, other].map((id) => readThreadSyscall(pid, id ?? 0));
  expect(syscalls.map((state) => state?.kind)).toEqual(['inside', 'inside']);
  expect(readThreadStatus(pid, other ?? 0)?.namespaceIds?.at(-1)).toBe(other);
  expect(readThreadName(pid, pid)).toMatch(/^python3/u);
  const stat = readThreadStat(pid, pid);
  const ticksNs = BigInt((stat?.userTicks ?? 0) + (stat?.systemTicks ?? 0)) * 10_000_000n;
  const exactNs = readThreadCpuTimeNs(pid, pid) ?? 0n;
  expect(Number(exactNs - ticksNs)).toBeGreaterThan(-50_000_000);
  expect(Number(exactNs - ticksNs)).toBeLessThan(50_000_000);
});

test('the readers of threads answer undefined for a thread that has gone', () => {
  const answers = [
    readThreadStat,
    readThreadStatus,
    readThreadName,
    readThreadSyscall,
    readThreadCpuTimeNs,
  ].map((read) => read(target.pid, GONE_PID));
  expect(answers).toEqual([undefined, undefined, undefined, undefined, undefined]);
  expect(listThreadIds(GONE_PID)).toEqual([]);
});

test.each([
  ['readStat', readStat],
  ['readStatus', readStatus],
  ['readMaps', readMaps],
  ['readCommandLine', readCommandLine],
  ['readExecutablePath', readExecutablePath],
  ['readIsolation', readIsolation],
  ['checkInspectable', checkInspectable],
])('%s() says that there is no such process', (_name, read) => {
  expect(() => read(GONE_PID)).toThrow(`Cannot inspect process ${GONE_PID}: no such process`);
});

test('checkInspectable() accepts a process and refuses what is none that can be looked into', () => {
  expect(checkInspectable(target.pid)).toBeUndefined();
  const thread = listThreadIds(target.pid)[1] ?? 0;
  expect(() => checkInspectable(thread)).toThrow(
    `Cannot inspect process ${thread}: it is a thread of process ${target.pid}`,
  );
  expect(() => checkInspectable(process.pid)).toThrow(
    `Cannot inspect process ${process.pid}: it is pyflight itself`,
  );
  for (const bad of [0, -1, 1.5, Number.NaN]) {
    expect(() => checkInspectable(bad)).toThrow(
      `Cannot inspect process ${bad}: a process id is a whole number above 0`,
    );
  }
});

test('checkInspectable() tells a zombie and a kernel thread', async () => {
  await using parent = await PlatformTarget.startPython(
    'import os, sys, time',
    'pid = os.fork()',
    'if pid == 0: os._exit(0)',
    'os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)',
    'print("ready"); print(pid); sys.stdin.readline()',
  );
  const zombie = Number(await parent.nextLine());
  expect(() => checkInspectable(zombie)).toThrow(
    `Cannot inspect process ${zombie}: it is a zombie, which has ended and has no memory`,
  );
  expect(() => readMaps(zombie)).toThrow(`Cannot inspect process ${zombie}: it ended meanwhile`);
  expect(readExecutablePath(zombie)).toBeUndefined();
  if (existsSync('/proc/2/comm') && readStat(2).isKernelThread) {
    expect(() => checkInspectable(2)).toThrow('Cannot inspect process 2: it is the kernel thread kthreadd');
    expect(readMaps(2)).toEqual([]);
    expect(readCommandLine(2)).toEqual([]);
  }
});

test('openMappedFile() opens every mapped file as the one that it is', () => {
  const mapped = readMaps(target.pid).filter(
    ({ path, inode }) => inode !== undefined && path?.startsWith('/'),
  );
  expect(mapped.length).toBeGreaterThan(5);
  for (const mapping of mapped) {
    using file = openMappedFile(target.pid, mapping);
    expect(file?.name).toBe(mapping.path);
    expect(file?.matchedBy).toBe(isRoot ? 'mapping' : 'identity');
  }
  const heap = readMaps(target.pid).find(({ path }) => path === '[heap]');
  expect(heap === undefined ? undefined : openMappedFile(target.pid, heap)).toBeUndefined();
});

test.runIf(isRoot)('openMappedFile() opens a file that was removed, and one that was replaced', async () => {
  const library = join(directory, 'a b\nc\\.bin');
  writeFileSync(library, 'x'.repeat(5000));
  await using mapper = await PlatformTarget.startPython(
    'import mmap, sys',
    `f = open(${JSON.stringify(library)}, "rb")`,
    'm = mmap.mmap(f.fileno(), 0, prot=mmap.PROT_READ)',
    'print("ready"); sys.stdin.readline()',
  );
  unlinkSync(library);
  writeFileSync(library, 'y'.repeat(5000));
  const mapping = readMaps(mapper.pid).find(({ path }) => path === library);
  expect(mapping?.isDeleted).toBe(true);
  if (mapping === undefined) throw new Error('unreachable');
  using file = openMappedFile(mapper.pid, mapping);
  expect(file?.matchedBy).toBe('mapping');
  expect(file?.sizeBytes).toBe(5000);
  expect([...(file?.read(4998, 2) ?? [])]).toEqual([0x78, 0x78]);
  expect(() => file?.read(4998, 3)).toThrow(
    `Cannot read ${library} at offset 4998: 3 bytes wanted, the file has 5000`,
  );
  const elsewhere = { ...mapping, start: mapping.end, end: mapping.end };
  expect(openMappedFile(mapper.pid, elsewhere)).toBeUndefined();
});

test('readTargetTextFile() reads by absolute and by relative names, and nothing for what is no file', async () => {
  const path = join(directory, 'módulo.py');
  writeFileSync(path, 'x = 1\n');
  utimesSync(path, 1_700_000_000, 1_700_000_000);
  await using runner = await PlatformTarget.startPython(
    'import os, sys',
    `os.chdir(${JSON.stringify(directory)})`,
    'print("ready"); sys.stdin.readline()',
  );
  execFileSync('mkfifo', [join(directory, 'pipe')]);
  symlinkSync('loop', join(directory, 'loop'));
  const expected = { bytes: new TextEncoder().encode('x = 1\n'), modifiedAt: new Date(1_700_000_000_000) };
  expect(readTargetTextFile(runner.pid, path)).toEqual(expected);
  expect(readTargetTextFile(runner.pid, 'módulo.py')).toEqual(expected);
  expect(readTargetTextFile(runner.pid, `.././${directory.split('/').at(-1)}//módulo.py`)).toEqual(expected);
  for (const name of [
    '',
    '<stdin>',
    'absent.py',
    'módulo.py/x',
    'a\0b',
    '.',
    '/dev/zero',
    'pipe',
    'loop',
    'x'.repeat(5000),
  ]) {
    expect(readTargetTextFile(runner.pid, name)).toBeUndefined();
  }
});

test.runIf(isRoot)('readTargetTextFile() sees the files of a chroot and never leaves it', async () => {
  const jail = join(directory, 'jail');
  mkdirSync(join(jail, 'srv/v1'), { recursive: true });
  mkdirSync(join(jail, 'work'));
  writeFileSync(join(jail, 'srv/v1/app.py'), 'inside = 1\n');
  writeFileSync(join(directory, 'secret.py'), 'outside = 1\n');
  symlinkSync('/srv/v1', join(jail, 'current'));
  symlinkSync(join(directory, 'secret.py'), join(jail, 'absolute.py'));
  symlinkSync('../../../secret.py', join(jail, 'srv/relative.py'));
  await using runner = await PlatformTarget.startPython(
    'import os, sys',
    `os.chroot(${JSON.stringify(jail)})`,
    'os.chdir("/work")',
    'print("ready"); sys.stdin.readline()',
  );
  const read = (name: string) => new TextDecoder().decode(readTargetTextFile(runner.pid, name)?.bytes);
  expect(readIsolation(runner.pid).hasOwnRoot).toBe(true);
  expect(read('/current/app.py')).toBe('inside = 1\n');
  expect(read('../current/../v1/app.py')).toBe('inside = 1\n');
  expect(read('/../../srv/v1/app.py')).toBe('inside = 1\n');
  for (const name of [
    '/absolute.py',
    '/srv/relative.py',
    'relative.py',
    '../../secret.py',
    join(directory, 'secret.py'),
  ]) {
    expect(readTargetTextFile(runner.pid, name)).toBeUndefined();
  }
  const program = readMaps(runner.pid).find(
    ({ isExecutable, path }) => isExecutable && path?.startsWith('/'),
  );
  if (program === undefined) throw new Error('unreachable');
  using file = openMappedFile(runner.pid, program);
  expect(file?.name).toBe(program.path);
});
