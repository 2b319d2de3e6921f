import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync, readlinkSync, readSync } from 'node:fs';
import type { Installation } from './installation.ts';

/** More than any version's table has. */
const TABLE_BYTES = 4096;

/** Starts an interpreter, reads the beginning of its `_PyRuntime` from its memory, and ends it. */
export async function readLiveRuntime(executable: string): Promise<Buffer> {
  const child = spawn(executable, ['-c', 'print(1, flush=True); input()'], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const exited = once(child, 'exit');
  try {
    await once(child.stdout, 'data');
    const { pid } = child;
    if (pid === undefined) throw new TypeError(`Cannot start ${executable}: it has no process id`);
    const memory = openSync(`/proc/${pid}/mem`, 'r');
    try {
      const bytes = Buffer.alloc(TABLE_BYTES);
      readSync(memory, bytes, 0, bytes.length, findRuntime(pid));
      return bytes;
    } finally {
      closeSync(memory);
    }
  } finally {
    child.stdin.end('\n');
    await exited;
  }
}

/**
 * Reads the beginning of `_PyRuntime` from the section .PyRuntime of a file, where the table stands before anything
 * runs; `undefined` when the file has no such section.
 */
export function readRuntimeSection({ dwarfFile, executable }: Installation): Buffer | undefined {
  for (const file of [dwarfFile, executable]) {
    if (file === undefined) continue;
    const sections = execFileSync('readelf', ['-SW', file], { encoding: 'utf8' });
    // `  [28] .PyRuntime  PROGBITS  0000000000ba07c0 7a07c0 04d4c8 00  WA  0   0 32`
    const offset = /\.PyRuntime\s+PROGBITS\s+[0-9a-f]+\s+([0-9a-f]+)/.exec(sections)?.[1];
    if (offset === undefined) continue;
    const start = Number.parseInt(offset, 16);
    return readFileSync(file).subarray(start, start + TABLE_BYTES);
  }
  return undefined;
}

/** Address of `_PyRuntime` in libpython or, in a static build, in the program. */
function findRuntime(pid: number): number {
  // `7f00c0000000-7f00c0100000 r--p 00000000 08:01 131 /usr/lib/libpython3.13.so.1.0`
  const maps = readFileSync(`/proc/${pid}/maps`, 'utf8').split('\n');
  const program = readlinkSync(`/proc/${pid}/exe`);
  const isPython = (line: string) => line.includes('/libpython3.') || line.endsWith(` ${program}`);
  const files = new Map(
    maps
      .filter((line) => isPython(line) && / 0+ /.test(line))
      .map((line) => [line.slice(line.indexOf('/')), Number.parseInt(line, 16)] as const),
  );
  for (const [file, base] of files) {
    const symbols = execFileSync('readelf', ['--dyn-syms', '-hW', file], { encoding: 'utf8' });
    const value = /:\s+([0-9a-f]{16})\s.*\s_PyRuntime$/m.exec(symbols)?.[1];
    if (value === undefined) continue;
    const isFixed = /Type:\s+EXEC/.test(symbols);
    return Number.parseInt(value, 16) + (isFixed ? 0 : base);
  }
  throw new TypeError(`Cannot find _PyRuntime in process ${pid}: no symbol of that name`);
}
