import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import type { Address } from '../../src/base/address.ts';
import { openCallFrames } from '../../src/dwarf/call-frame/open-call-frames.ts';
import { readElf } from '../../src/elf/elf-file.ts';
import { loadBiasOf } from '../../src/elf/load-bias.ts';
import type { MemoryMapping } from '../../src/platform/proc/maps.ts';
import { readMaps } from '../../src/platform/process-files.ts';
import { openProcessMemory } from '../../src/platform/process-memory.ts';
import { openMappedFile } from '../../src/platform/target-files.ts';
import { X86_64 } from '../../src/unwind/arch/x86-64.ts';
import { unwindStack } from '../../src/unwind/unwind-stack.ts';
import type { UnwindModule } from '../../src/unwind/walk.ts';
import { PlatformTarget } from '../support/platform-target.ts';

/**
 * A main thread that sleeps, and others that wait at the ends of recursions through C functions. They say so before they
 * wait, and what gdb saw is read again after it: a moment passes, so that they do.
 */
const PROGRAM = [
  'import sys, threading, time',
  'sys.setrecursionlimit(10000)',
  'threading.stack_size(64 << 20)',
  'gate, arrived = threading.Event(), threading.Semaphore(0)',
  'def descend(depth):',
  '  if depth > 0: return max([depth], key=lambda _: descend(depth - 1))',
  '  arrived.release(); gate.wait(); return 0',
  'for depth in (0, 3, 500): threading.Thread(target=descend, args=(depth,), daemon=True).start()',
  'for _ in range(3): arrived.acquire()',
  'time.sleep(0.2)',
  'print("ready")',
  'time.sleep(1000)',
];

interface GdbStack {
  readonly registers: readonly string[];
  readonly pcs: readonly number[];
}

function stacksByGdb(pid: number): readonly GdbStack[] {
  const args = ['-q', '-nx', '-batch', '-p', `${pid}`, '-x', 'test/programs/gdb-stacks.py'];
  const { stdout } = spawnSync('gdb', args, { encoding: 'utf8', maxBuffer: 2 ** 26 });
  const lines = stdout.split('\n').filter((line) => line.startsWith('STACK '));
  return lines.map((line) => JSON.parse(line.slice('STACK '.length)));
}

/** The code of a process by address, each file opened once. */
class Modules implements Disposable {
  readonly #pid: number;
  readonly #code: readonly MemoryMapping[];
  readonly #files: Disposable[] = [];
  readonly #known = new Map<MemoryMapping, UnwindModule | undefined>();

  constructor(pid: number) {
    this.#pid = pid;
    this.#code = readMaps(pid).filter(({ isExecutable, inode }) => isExecutable && inode !== undefined);
  }

  moduleAt(address: Address): UnwindModule | undefined {
    const mapping = this.#code.find(({ start, end }) => address >= start && address < end);
    if (mapping === undefined) return undefined;
    if (!this.#known.has(mapping)) this.#known.set(mapping, this.#open(mapping));
    return this.#known.get(mapping);
  }

  #open(mapping: MemoryMapping): UnwindModule | undefined {
    const file = openMappedFile(this.#pid, mapping);
    if (file === undefined) return undefined;
    this.#files.push(file);
    const elf = readElf(file);
    const bias = loadBiasOf(elf, mapping);
    return bias === undefined ? undefined : { bias, callFrames: openCallFrames(elf) };
  }

  [Symbol.dispose](): void {
    for (const file of this.#files) file[Symbol.dispose]();
  }
}

const hasGdb = spawnSync('gdb', ['-batch', '-ex', 'python print("yes")'], {
  encoding: 'utf8',
}).stdout?.includes('yes');

test.skipIf(hasGdb !== true || process.arch !== 'x64')('unwindStack() gives the stacks of gdb', async () => {
  await using target = await PlatformTarget.startPython(...PROGRAM);
  const stacks = stacksByGdb(target.pid);
  using memory = openProcessMemory(target.pid);
  using modules = new Modules(target.pid);
  expect(stacks.length).toBe(4);
  for (const { registers, pcs } of stacks) {
    const walked = unwindStack({ architecture: X86_64, registers: registers.map(BigInt), memory, modules });
    expect(walked.end).toEqual({ kind: 'outermost' });
    expect(walked.frames.map(({ pc }) => pc)).toEqual(pcs);
  }
  expect(Math.max(...stacks.map(({ pcs }) => pcs.length))).toBeGreaterThan(1000);
});
