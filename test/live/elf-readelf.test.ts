import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type ElfFile, readElf } from '../../src/elf/elf-file.ts';
import { loadBiasOf } from '../../src/elf/load-bias.ts';
import { FileSource } from '../support/file-source.ts';

/** Every CPython that pyenv has, and the ones of the system. */
function interpreters(): readonly string[] {
  const versions = join(process.env['PYENV_ROOT'] ?? join(homedir(), '.pyenv'), 'versions');
  const built = existsSync(versions)
    ? readdirSync(versions).map((name) => join(versions, name, 'bin/python'))
    : [];
  return [...built, '/usr/bin/python3'].filter((path) => existsSync(path));
}

// Prints where the process has a function of its interpreter, and its maps.
const PROBE = `
import ctypes
print(ctypes.cast(ctypes.pythonapi.Py_GetVersion, ctypes.c_void_p).value)
print(open('/proc/self/maps').read())
`;

interface Mapping {
  readonly path: string;
  readonly start: number;
  readonly fileOffset: number;
  readonly isExecutable: boolean;
}

// 7f3e9c628000-7f3e9c7bd000 r-xp 00028000 fe:01 1966104                    /usr/lib/x86_64-linux-gnu/libc.so.6
const MAPS_LINE = /^([0-9a-f]+)-[0-9a-f]+ ..(.). ([0-9a-f]+) \S+ \d+ +(\/.*)$/;

function mappingsIn(maps: string): readonly Mapping[] {
  return maps.split('\n').flatMap((line) => {
    const [, start = '', execute, offset = '', path] = MAPS_LINE.exec(line) ?? [];
    if (path === undefined || !isElf(path)) return [];
    return [
      {
        path,
        start: Number.parseInt(start, 16),
        fileOffset: Number.parseInt(offset, 16),
        isExecutable: execute === 'x',
      },
    ];
  });
}

function isElf(path: string): boolean {
  if (!existsSync(path)) return false;
  using source = new FileSource(path);
  return source.sizeBytes >= 64 && Buffer.from(source.read(0, 4)).toString('latin1') === '\x7fELF';
}

function readelf(option: string, path: string): readonly string[] {
  // Its warnings of odd build notes go nowhere.
  return execFileSync('readelf', [option, path], {
    encoding: 'utf8',
    maxBuffer: 2 ** 28,
    stdio: ['ignore', 'pipe', 'ignore'],
  }).split('\n');
}

const probes = interpreters().map((python) => {
  const [address, ...maps] = execFileSync(python, ['-c', PROBE], { encoding: 'utf8' }).split('\n');
  return { python, address: Number(address), mappings: mappingsIn(maps.join('\n')) };
});
const own = mappingsIn(readFileSync('/proc/self/maps', 'utf8'));
const files = new Set([
  ...probes.flatMap(({ mappings }) => mappings.map(({ path }) => path)),
  ...own.map(({ path }) => path).filter((path) => !path.endsWith('.node')),
  realpathSync('/proc/self/exe'),
]);

test.skipIf(probes.length === 0)('there are files of CPython to compare', () => {
  expect(files.size).toBeGreaterThan(3);
});

/** Of the names of a file so many are looked for, spread over all of them: Node.js alone has a hundred thousand. */
const MOST_NAMES = 10_000;

const SECTION_TYPES: Readonly<Record<string, string>> = {
  NULL: 'null',
  PROGBITS: 'progbits',
  SYMTAB: 'symtab',
  STRTAB: 'strtab',
  RELA: 'rela',
  HASH: 'hash',
  DYNAMIC: 'dynamic',
  NOTE: 'note',
  NOBITS: 'nobits',
  REL: 'rel',
  DYNSYM: 'dynsym',
  INIT_ARRAY: 'init-array',
  FINI_ARRAY: 'fini-array',
  GNU_HASH: 'gnu-hash',
  VERDEF: 'gnu-verdef',
  VERNEED: 'gnu-verneed',
  VERSYM: 'gnu-versym',
};

/** What readelf has a word for and we have not. */
const UNNAMED_TYPES: Readonly<Record<number, string>> = {
  16: 'PREINIT_ARRAY',
  19: 'RELR',
};

const SYMBOL_TYPES: Readonly<Record<string, string>> = {
  NOTYPE: 'none',
  OBJECT: 'object',
  FUNC: 'function',
  SECTION: 'section',
  FILE: 'file',
  COMMON: 'common',
  TLS: 'tls',
  IFUNC: 'gnu-ifunc',
};

const BINDINGS: Readonly<Record<string, string>> = {
  LOCAL: 'local',
  GLOBAL: 'global',
  WEAK: 'weak',
  UNIQUE: 'gnu-unique',
};

//   [ 1] .interp           PROGBITS        0000000000000318 000318 00001c 00   A  0   0  1
const SECTION_LINE =
  /^ {2}\[ *\d+\] (\S*) +([A-Z_]+) +([0-9a-f]{16}) ([0-9a-f]+) ([0-9a-f]+) ([0-9a-f]+) [ A-Za-z]{3} +(\d+) +(\d+) +\d+$/;

function sectionsByReadelf(path: string): readonly unknown[] {
  return readelf('-SW', path).flatMap((line) => {
    const [all, name, type = '', ...rest] = SECTION_LINE.exec(line) ?? [];
    if (all === undefined) return [];
    const [address, fileOffset, sizeBytes, entrySize] = rest.map((text) => Number.parseInt(text, 16));
    const [link, info] = rest.slice(4).map(Number);
    return [
      { name, type: SECTION_TYPES[type] ?? type, address, fileOffset, sizeBytes, link, info, entrySize },
    ];
  });
}

function sectionsByUs(elf: ElfFile): readonly unknown[] {
  return elf.sections.map(({ flags: _, ...section }) => ({
    ...section,
    type: typeof section.type === 'number' ? (UNNAMED_TYPES[section.type] ?? section.type) : section.type,
  }));
}

//     12: 0000000000003a40    57 FUNC    GLOBAL DEFAULT   14 Py_Main@@VERSION
const SYMBOL_LINE = /^ *\d+: ([0-9a-f]{16}) +(\w+) (\w+) +(\w+) +\w+ +(?:\[.*\] +)?(\w+) ?(.*)$/;

function symbolsByReadelf(path: string): Record<'dynsym' | 'symtab', unknown[]> {
  const tables: Record<'dynsym' | 'symtab', unknown[]> = { dynsym: [], symtab: [] };
  let table: unknown[] = [];
  for (const line of readelf('-sW', path)) {
    if (line.startsWith("Symbol table '.dynsym'")) table = tables.dynsym;
    if (line.startsWith("Symbol table '.symtab'")) table = tables.symtab;
    const [all, value = '', size = '', type = '', binding = '', index = '', name = ''] =
      SYMBOL_LINE.exec(line) ?? [];
    if (all === undefined) continue;
    table.push({
      // The name of a section symbol is that of its section, and @VERSION is no part of a name in .dynsym.
      name:
        type === 'SECTION'
          ? ''
          : table === tables.dynsym
            ? name.replace(/@.*$/, '')
            : name.replace(/ \(\d+\)$/, ''),
      value: Number.parseInt(value, 16),
      sizeBytes: Number(size),
      type: SYMBOL_TYPES[type],
      binding: BINDINGS[binding],
      isDefined: index !== 'UND',
    });
  }
  return tables;
}

function symbolsByUs(elf: ElfFile, table: 'dynsym' | 'symtab'): readonly unknown[] {
  return [...elf.symbols(table)].map(({ sectionIndex, ...symbol }) => ({
    ...symbol,
    isDefined: sectionIndex !== undefined,
  }));
}

/** The first few places where two tables differ: a message with a hundred thousand symbols helps nobody. */
function differences(ours: readonly unknown[], theirs: readonly unknown[]): readonly unknown[] {
  if (ours.length !== theirs.length) return [{ ours: ours.length, theirs: theirs.length }];
  return ours
    .map((our, index) => ({ index, ours: our, theirs: theirs[index] }))
    .filter((pair) => !isDeepStrictEqual(pair.ours, pair.theirs))
    .slice(0, 5);
}

describe.each([...files])('%s', (path) => {
  let source: FileSource;
  let elf: ElfFile;

  beforeAll(() => {
    source = new FileSource(path);
    elf = readElf(source);
  });

  afterAll(() => {
    source[Symbol.dispose]();
  });

  test('sections are those of readelf -S', () => {
    expect(sectionsByUs(elf)).toEqual(sectionsByReadelf(path));
  });

  test('symbols() gives the tables of readelf -s', () => {
    const tables = symbolsByReadelf(path);
    expect(tables.dynsym.length).toBeGreaterThan(0);
    expect(differences(symbolsByUs(elf, 'dynsym'), tables.dynsym)).toEqual([]);
    expect(differences(symbolsByUs(elf, 'symtab'), tables.symtab)).toEqual([]);
  });

  test('findSymbol() finds names of .dynsym through its hash', () => {
    const defined = [...elf.symbols('dynsym')].filter(
      ({ sectionIndex, type, name }) => sectionIndex !== undefined && type !== 'section' && name !== '',
    );
    // One name may have several versions, of which any is right.
    const values = new Map<string, Set<number>>();
    for (const { name, value } of defined) values.set(name, (values.get(name) ?? new Set()).add(value));
    const every = Math.ceil(values.size / MOST_NAMES);
    const sought = [...values].filter((_, index) => index % every === 0);
    // One comparison: as many as there are names would take seconds.
    const lost = sought.filter(([name, possible]) => !possible.has(elf.findSymbol(name)?.value ?? -1));
    expect(lost.slice(0, 5)).toEqual([]);
  });

  test('findSymbol() finds nothing where there is nothing', () => {
    expect(elf.findSymbol('no_such_symbol_anywhere')).toBeUndefined();
  });

  test('buildId is that of readelf -n', () => {
    const line = readelf('-n', path).find((text) => text.includes('Build ID:'));
    expect(elf.buildId).toBe(line?.replace(/.*Build ID: /, ''));
  });

  test('debugLink names the file that readelf shows', () => {
    const section = elf.findSection('.gnu_debuglink');
    const text =
      section === undefined ? undefined : Buffer.from(elf.sectionBytes(section)).toString('latin1');
    expect(elf.debugLink?.fileName).toBe(text?.slice(0, text.indexOf('\0')));
  });
});

describe.each(probes)('$python', ({ address, mappings }) => {
  test('loadBiasOf() and findSymbol() lead to where the process has Py_GetVersion', () => {
    const found = new Set<number>();
    for (const mapping of mappings) {
      using source = new FileSource(mapping.path);
      const elf = readElf(source);
      const symbol = elf.findSymbol('Py_GetVersion');
      const bias = loadBiasOf(elf, mapping);
      if (symbol !== undefined && bias !== undefined) found.add(bias + symbol.value);
    }
    expect([...found]).toEqual([address]);
  });

  test('loadBiasOf() is the same for all mappings of a file', () => {
    const biases = new Map<string, Set<number>>();
    for (const mapping of mappings) {
      using source = new FileSource(mapping.path);
      const bias = loadBiasOf(readElf(source), mapping);
      if (bias !== undefined) biases.set(mapping.path, (biases.get(mapping.path) ?? new Set()).add(bias));
    }
    expect([...biases.values()].map(({ size }) => size)).toEqual([...biases.keys()].map(() => 1));
  });
});
