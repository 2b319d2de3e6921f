import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, test } from 'vitest';
import type { CallFrames } from '../../src/dwarf/call-frame/call-frames.ts';
import { openCallFrames } from '../../src/dwarf/call-frame/open-call-frames.ts';
import type { CallFrameRow, RegisterRule } from '../../src/dwarf/call-frame/row.ts';
import { readElf } from '../../src/elf/elf-file.ts';
import { X86_64 } from '../../src/unwind/arch/x86-64.ts';
import { FileSource } from '../support/file-source.ts';

/** A libpython of pyenv, the C library and its loader, and node, of which the first rows are compared. */
function files(): readonly string[] {
  const versions = join(process.env['PYENV_ROOT'] ?? join(homedir(), '.pyenv'), 'versions');
  const libraries = (existsSync(versions) ? readdirSync(versions) : []).flatMap((version) =>
    ['3.13', '3.7m'].map((name) => join(versions, version, `lib/libpython${name}.so.1.0`)),
  );
  const system = ['libc.so.6', 'ld-linux-x86-64.so.2'].map((name) => join('/usr/lib/x86_64-linux-gnu', name));
  return [...libraries, ...system, process.execPath]
    .filter((path) => existsSync(path))
    .map((path) => realpathSync(path));
}

const hasReadelf = spawnSync('readelf', ['--version']).status === 0;
const MOST_ROWS = 40_000;

// 00000e1c 0000000000000044 00000e20 FDE cie=00000000 pc=000000000003be00..000000000003be80
const FRAME_LINE = /^[0-9a-f]{8} [0-9a-f]+ [0-9a-f]+ FDE .* pc=[0-9a-f]+\.\.([0-9a-f]+)$/;
//    LOC           CFA      rbx   rbp   ra
const HEADING_LINE = /^ +LOC +CFA +(.*)$/;
// 000000000003be63 rdi+0    c+0   r9 (r9) c-8
const ROW_LINE = /^([0-9a-f]{16}) (\S+) +(.*)$/;

/** One row as readelf interprets it: the CFA, and what it says of each register that it has a column for. */
interface ReadelfRow {
  readonly address: number;
  readonly cfa: string;
  readonly rules: ReadonlyMap<string, string>;
}

async function* rowsByReadelf(path: string): AsyncGenerator<ReadelfRow> {
  const readelf = spawn('readelf', ['-W', '--debug-dump=frames-interp', path], {
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  let columns: readonly string[] = [];
  let end = 0;
  using _ = { [Symbol.dispose]: () => readelf.kill() };
  for await (const line of createInterface({ input: readelf.stdout })) {
    if (/^[0-9a-f]{8} /.test(line)) end = Number.parseInt(FRAME_LINE.exec(line)?.[1] ?? '0', 16);
    columns = HEADING_LINE.exec(line)?.[1]?.trim().split(/ +/) ?? columns;
    const [, location = '', cfa = '', rest = ''] = ROW_LINE.exec(line) ?? [];
    const address = Number.parseInt(location, 16);
    // The rows of a CIE are for no address, and the last row of a function may lie behind its end.
    if (!(address < end)) continue;
    const values = rest
      .replaceAll(/ \(\w+\)/g, '')
      .trim()
      .split(/ +/);
    yield { address, cfa, rules: new Map(columns.map((name, index) => [name, values[index] ?? ''])) };
  }
}

const signed = (offset: number): string => (offset < 0 ? String(offset) : `+${offset}`);
const nameOf = (number: number): string =>
  X86_64.registers.find((register) => register.number === number)?.name ?? `r${number}`;

/** A rule in the words of readelf, for which a register without one is undefined. */
function ruleByUs(rule: RegisterRule | undefined): string {
  switch (rule?.kind) {
    case undefined:
    case 'undefined':
      return 'u';
    case 'same-value':
      return 's';
    case 'offset':
      return `c${signed(rule.offset)}`;
    case 'value-offset':
      return `v${signed(rule.offset)}`;
    case 'register':
      return `r${rule.register}`;
    case 'expression':
      return 'exp';
    case 'value-expression':
      return 'vexp';
  }
}

function rowByUs(row: CallFrameRow | undefined, like: ReadelfRow): ReadelfRow | undefined {
  if (row === undefined) return undefined;
  const { cfa, registers, returnAddressRegister } = row;
  const numberOf = (name: string): number =>
    name === 'ra'
      ? returnAddressRegister
      : (X86_64.registers.find((register) => register.name === name)?.number ?? -1);
  return {
    address: like.address,
    cfa: cfa.kind === 'expression' ? 'exp' : `${nameOf(cfa.register)}${signed(cfa.offset)}`,
    rules: new Map([...like.rules.keys()].map((name) => [name, ruleByUs(registers.get(numberOf(name)))])),
  };
}

/** Compares rows until one differs. */
async function compare(path: string, frames: CallFrames): Promise<number> {
  let compared = 0;
  for await (const wanted of rowsByReadelf(path)) {
    expect(rowByUs(frames.rowAt(wanted.address), wanted)).toEqual(wanted);
    compared += 1;
    if (compared >= MOST_ROWS) break;
  }
  return compared;
}

test.skipIf(!hasReadelf).each(files())(
  'rowAt() gives the rows of readelf --debug-dump=frames-interp, %s',
  async (path) => {
    using source = new FileSource(path);
    expect(await compare(path, openCallFrames(readElf(source)))).toBeGreaterThan(1000);
  },
);
