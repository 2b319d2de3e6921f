import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, test } from 'vitest';
import { type ElfFile, readElf } from '../../src/elf/elf-file.ts';
import { readSymbolVersions } from '../../src/elf/symbol-versions.ts';
import { readDemanglerCode } from '../../src/platform/demangler-code.ts';
import { debugFileCandidates, matchesDebugFile } from '../../src/symbols/debug-files.ts';
import { Demangler } from '../../src/symbols/demangler.ts';
import { FunctionSymbols } from '../../src/symbols/function-symbols.ts';
import { decompressXz } from '../../src/symbols/xz/xz-file.ts';
import { FileSource } from '../support/file-source.ts';

/** Of the names of the versions themselves, which nm shows without another. */
const SHN_ABS = 0xfff1;

const ADDRESSES_PER_FILE = 300;

function isThere(program: string): boolean {
  return spawnSync(program, ['--version'], { stdio: 'ignore' }).status === 0;
}

/** The files of our own process: node, libc and what else it is linked to. */
const files = [
  ...new Set(
    readFileSync('/proc/self/maps', 'utf8')
      .split('\n')
      .map((line) => /^\S+ ..x. \S+ \S+ \d+ +(\/.*)$/.exec(line)?.[1])
      .filter((path) => path !== undefined && !path.endsWith('.node'))
      .map((path) => realpathSync(path ?? '')),
  ),
];

const directory = mkdtempSync(join(tmpdir(), 'pyflight-symbols-'));
afterAll(() => rmSync(directory, { recursive: true }));

function run(program: string, args: readonly string[], input?: string | Buffer): Buffer {
  const stdio: ['pipe', 'pipe', 'ignore'] = ['pipe', 'pipe', 'ignore'];
  return execFileSync(program, args, {
    maxBuffer: 2 ** 30,
    stdio,
    ...(input === undefined ? {} : { input }),
  });
}

/** What gdb says of addresses; `undefined` where it has no symbol. */
function symbolsByGdb(path: string, addresses: readonly number[]): readonly (Named | undefined)[] {
  const settings = ['debuginfod enabled off', 'print demangle off', 'print asm-demangle off'];
  const words = [
    ...settings.flatMap((setting) => ['-iex', `set ${setting}`]),
    ...addresses.flatMap((address) => ['-ex', `info symbol ${address}`]),
  ];
  const lines = run('gdb', ['-nx', '-batch', ...words, path])
    .toString()
    .split('\n')
    .filter((line) => line.includes(' in section ') || line.startsWith('No symbol matches'));
  // poll + 77 in section .text
  return lines.map((line) => {
    const [, name, offset] = /^(\S+)(?: \+ (\d+))? in section /.exec(line) ?? [];
    return name === undefined ? undefined : { name, offset: Number(offset ?? 0) };
  });
}

interface Named {
  readonly name: string;
  readonly offset: number;
}

/** Addresses inside of the code of a file, the same in every run. */
function someAddresses(elf: ElfFile): readonly number[] {
  let seed = 20_240;
  const next = (below: number): number => {
    seed = (Math.imul(seed, 1_103_515_245) + 12_345) >>> 0;
    return Math.floor((seed / 2 ** 32) * below);
  };
  const sections = elf.sections.filter(({ flags, type }) => (flags & 4) !== 0 && type === 'progbits');
  return sections.flatMap(({ name, address, sizeBytes }) =>
    Array.from({ length: name === '.text' ? ADDRESSES_PER_FILE : 20 }, () => address + next(sizeBytes)),
  );
}

function withoutVersion(name: string): string {
  return name.replace(/@(?!plt).*$/u, '');
}

/** Every name that a file has for an address, without versions. */
function aliasesOf(elves: readonly ElfFile[]): ReadonlyMap<number, ReadonlySet<string>> {
  const aliases = new Map<number, Set<string>>();
  for (const elf of elves) {
    for (const table of ['symtab', 'dynsym'] as const) {
      for (const { value, name } of elf.symbols(table)) {
        aliases.set(value, (aliases.get(value) ?? new Set()).add(withoutVersion(name)));
      }
    }
  }
  return aliases;
}

describe.each(files)('%s', (path) => {
  test.skipIf(!isThere('gdb'))('find() agrees with info symbol of gdb, up to which alias is shown', () => {
    using source = new FileSource(path);
    const elf = readElf(source);
    const debugPath = debugFileCandidates(elf, { path }).find(existsSync);
    using debugSource = new FileSource(debugPath ?? path);
    const debugElf = debugPath === undefined ? undefined : readElf(debugSource);
    if (debugElf !== undefined) expect(matchesDebugFile(elf, debugElf, debugSource)).toBe(true);
    const symbols = new FunctionSymbols(elf, debugElf);
    const aliases = aliasesOf(debugElf === undefined ? [elf] : [elf, debugElf]);
    const addresses = someAddresses(elf);
    const theirs = symbolsByGdb(path, addresses);
    expect(theirs).toHaveLength(addresses.length);
    const ours = symbols.find(addresses);
    const different = addresses.filter((address, index) => {
      const their = theirs[index];
      const our = ours.get(address);
      if (our === undefined || their === undefined) return our !== their;
      if (our.start !== address - their.offset) return true;
      const names = aliases.get(our.start);
      const isAlias = names?.has(their.name) === true && names.has(withoutVersion(our.name));
      // What jumps to an indirect function of the same file is named by an address in gdb.
      return !(isAlias || our.name === their.name || /^\*ABS\*\+0x[0-9a-f]+@plt$/u.test(their.name));
    });
    // One in a hundred: where assembler gives a function a wrong size, gdb goes on with another name of its place.
    expect(different.length).toBeLessThan(addresses.length / 100);
    expect(symbols.problems).toEqual([]);
  });

  test.skipIf(!isThere('nm'))('suffixOf() gives the versions of nm', () => {
    using source = new FileSource(path);
    const elf = readElf(source);
    const versions = readSymbolVersions(elf);
    const ours = [...(elf.symbolTable('dynsym') ?? [])]
      .map((symbol, index) => ({ ...symbol, index }))
      .filter(
        ({ sectionIndex, name }) => sectionIndex !== undefined && sectionIndex !== SHN_ABS && name !== '',
      )
      .map(({ name, index }) => `${name}${versions?.suffixOf(index) ?? ''}`);
    const theirs = run('nm', ['-D', '--defined-only', '--with-symbol-versions', path])
      .toString()
      .split('\n')
      .flatMap((line) => /^\S+ [^A] (\S+)$/.exec(line)?.[1] ?? []);
    expect(ours.toSorted()).toEqual(theirs.toSorted());
  });
});

const PROGRAM = `
#include <stdio.h>
static int __attribute__((noinline)) hidden(int n) { return printf("%d\\n", n); }
int __attribute__((noinline)) shown(int n) { return hidden(n + 1) + 1; }
int main(int argc, char **argv) { return shown(argc); }
`;

const BUILD_TOOLS = ['gcc', 'gdb', 'nm', 'objcopy', 'strip', 'xz'];

test.skipIf(!BUILD_TOOLS.every(isThere))('find() reads .gnu_debugdata as gdb does', () => {
  const at = (name: string): string => join(directory, name);
  writeFileSync(at('program.c'), PROGRAM);
  run('gcc', ['-O1', '-rdynamic', '-no-pie', '-o', at('program'), at('program.c')]);
  const addresses = new Map(
    run('nm', [at('program')])
      .toString()
      .split('\n')
      .flatMap((line) => {
        const [, address, name] = /^(\S+) [tT] (\S+)$/.exec(line) ?? [];
        return address === undefined ? [] : [[name ?? '', Number.parseInt(address, 16)] as const];
      }),
  );
  // As find-debuginfo.sh of rpm makes it: the functions that .dynsym does not have, compressed with xz.
  run('objcopy', ['--only-keep-debug', at('program'), at('debug')]);
  writeFileSync(at('keep'), 'hidden\n');
  run('objcopy', [
    '-S',
    '--remove-section=.comment',
    `--keep-symbols=${at('keep')}`,
    at('debug'),
    at('mini'),
  ]);
  run('xz', [at('mini')]);
  run('strip', [at('program')]);
  run('objcopy', [`--add-section=.gnu_debugdata=${at('mini.xz')}`, at('program')]);

  using source = new FileSource(at('program'));
  const symbols = new FunctionSymbols(readElf(source));
  const asked = ['hidden', 'shown', 'main'].map((name) => (addresses.get(name) ?? 0) + 3);
  const found = symbols.find(asked);
  expect(asked.map((address) => found.get(address)?.name)).toEqual(['hidden', 'shown', 'main']);
  expect(symbolsByGdb(at('program'), asked).map((found) => found?.name)).toEqual(['hidden', 'shown', 'main']);
  expect(symbols.problems).toEqual([]);
});

test.skipIf(!BUILD_TOOLS.every(isThere))(
  'matchesDebugFile() knows the file that objcopy linked, and no other',
  () => {
    const at = (name: string): string => join(directory, name);
    writeFileSync(at('linked.c'), PROGRAM);
    run('gcc', ['-g', '-Wl,--build-id=none', '-o', at('linked'), at('linked.c')]);
    run('objcopy', ['--only-keep-debug', at('linked'), at('linked.debug')]);
    run('strip', [at('linked')]);
    run('objcopy', [`--add-gnu-debuglink=${at('linked.debug')}`, at('linked')]);

    using source = new FileSource(at('linked'));
    const elf = readElf(source);
    const path = debugFileCandidates(elf, { path: at('linked') }).find(existsSync);
    expect(path).toBe(at('linked.debug'));
    using debugSource = new FileSource(at('linked.debug'));
    const debugElf = readElf(debugSource);
    expect(matchesDebugFile(elf, debugElf, debugSource)).toBe(true);
    expect(matchesDebugFile(elf, elf, source)).toBe(false);
    const address = debugElf.findSymbol('hidden')?.value ?? 0;
    expect([...new FunctionSymbols(elf, debugElf).find([address + 3]).values()][0]?.name).toBe('hidden');
    expect(new FunctionSymbols(elf).find([address + 3]).size).toBe(0);
  },
);

const XZ_OPTIONS = [
  ['-0'],
  ['-6'],
  ['-9e', '--check=sha256'],
  ['--check=crc32', '--block-size=200000'],
  ['--check=none', '--lzma2=preset=1,lc=0,lp=2,pb=0,dict=64KiB'],
];

test.skipIf(!isThere('xz')).each(XZ_OPTIONS)(
  'decompressXz() gives back what xz %s was given',
  (...options) => {
    const [path = ''] = files.filter((file) => file.includes('libc.so'));
    const original = readFileSync(path === '' ? process.execPath : path).subarray(0, 2 ** 21);
    const packed = run('xz', [...options, '-c'], original);
    const bytes = decompressXz(packed, { name: 'test.xz', maxSizeBytes: original.length });
    expect(Buffer.compare(bytes, original)).toBe(0);
  },
);

test.skipIf(!isThere('c++filt'))('demangle() gives nearly always the words of c++filt', () => {
  using source = new FileSource(process.execPath);
  const names = [...readElf(source).symbols('dynsym')]
    .filter(({ type, name }) => type === 'function' && name.startsWith('_Z'))
    .map(({ name }) => name)
    .filter((_, index) => index % 20 === 0);
  const theirs = run('c++filt', [], `${names.join('\n')}\n`)
    .toString()
    .split('\n');
  const demangler = new Demangler(readDemanglerCode);
  const ours = names.map((name) => demangler.demangle(name));
  // The type that a template returns is left out; a few numbers are spelled otherwise.
  const same = ours.filter((name, index) => theirs[index]?.endsWith(name) === true);
  expect(same.length).toBeGreaterThan(names.length * 0.9);
  expect(ours.filter((name) => name.startsWith('_Z')).length).toBeLessThan(names.length * 0.01);
});
