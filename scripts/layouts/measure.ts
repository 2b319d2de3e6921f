import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import type { Installation } from './installation.ts';
import { HEADERS, HIDDEN_STRUCTS, isInVersions, PROBES, type Probe } from './probes.ts';

/** How the C program is compiled: `release`, `--disable-gil` or `--with-pydebug`. */
export type Build = 'release' | 'free-threaded' | 'debug';

/** What each build adds to the compiler's command line and to the name of its row. */
const BUILDS: Readonly<Record<Build, { versions: string; suffix: string; defines: readonly string[] }>> = {
  release: { versions: '', suffix: '', defines: [] },
  'free-threaded': { versions: '3.13-', suffix: 't', defines: ['-DPy_GIL_DISABLED=1'] },
  // object.h derives Py_REF_DEBUG and, up to 3.7, Py_TRACE_REFS from it.
  debug: { versions: '-3.12', suffix: 'd', defines: ['-DPy_DEBUG'] },
};

/** The builds of an installation's version that have rows. */
export function buildsOf({ minor }: Installation): readonly Build[] {
  const builds: readonly Build[] = ['release', 'free-threaded', 'debug'];
  return builds.filter((build) => isInVersions(minor, BUILDS[build].versions));
}

/** A measured row and where its numbers came from. */
export interface Measurement {
  /** `3.11`, `3.13t`. */
  readonly name: string;
  readonly version: string;
  readonly compiler: string;
  readonly command: string;
  readonly values: ReadonlyMap<string, number>;
  /** Fields that no header has: read from DWARF. */
  readonly fromDwarf: readonly string[];
  /** Fields that no header has and that could not be read, for want of DWARF. */
  readonly unmeasured: readonly string[];
  /** Bytes by which DWARF's release offsets were moved, because this build's PyObject is larger. */
  readonly dwarfShift: number;
}

/** Measures every field that one build of an installation has. */
export function measure(installation: Installation, build: Build): Measurement {
  const { minor, version } = installation;
  const probes = PROBES.filter(
    ({ versions, builds }) =>
      isInVersions(minor, versions) &&
      (builds === undefined || (builds === 'free-threaded') === (build === 'free-threaded')),
  );
  const hidden = probes.filter((probe) => isHidden(probe, minor));
  const visible = probes.filter((probe) => !hidden.includes(probe));
  const fromHeaders = runC(installation, build, visible.map(probeStatement));
  const shift = (fromHeaders.get('object.sizeBytes') ?? RELEASE_OBJECT_BYTES) - RELEASE_OBJECT_BYTES;
  const fromDwarf = new Map(
    [...readDwarf(installation, hidden)].map(([probe, value]) => [
      probe.field,
      value + (startsWithObject(probe) ? shift : 0),
    ]),
  );
  return {
    name: `${minor}${BUILDS[build].suffix}`,
    version,
    compiler: execFileSync('gcc', ['--version'], { encoding: 'utf8' }).split('\n')[0] ?? 'gcc',
    command: ['gcc', ...includeArguments(`include/python${minor}`), ...BUILDS[build].defines].join(' '),
    values: new Map([...fromHeaders, ...fromDwarf]),
    fromDwarf: [...fromDwarf.keys()],
    unmeasured: hidden.map(({ field }) => field).filter((field) => !fromDwarf.has(field)),
    dwarfShift: hidden.some(startsWithObject) ? shift : 0,
  };
}

/** PyObject where neither Py_TRACE_REFS nor Py_GIL_DISABLED makes it larger: what DWARF describes. */
const RELEASE_OBJECT_BYTES = 16;

function startsWithObject({ type }: Probe): boolean {
  return HIDDEN_STRUCTS[type]?.startsWithObject === true;
}

function isHidden(probe: Probe, minor: string): boolean {
  const struct = HIDDEN_STRUCTS[probe.type];
  return struct !== undefined && isInVersions(minor, struct.versions);
}

/** Debian keeps pyconfig.h beside the directory of Python.h, and 3.13 keeps its allocator's headers below. */
function includeArguments(directory: string): readonly string[] {
  return [directory, `${directory}/internal`, `${directory}/internal/mimalloc`, dirname(directory)].map(
    (path) => `-I${path}`,
  );
}

/** Compiles and runs statements that print lines such as `field 24`, with every header of a CPython included. */
export function runC(
  installation: Installation,
  build: Build,
  statements: readonly string[],
): ReadonlyMap<string, number> {
  const scratch = mkdtempSync(join(tmpdir(), 'make-layouts-'));
  try {
    const source = join(scratch, 'layout.c');
    const program = join(scratch, 'layout');
    writeFileSync(source, programText(statements));
    const options = [...includeArguments(installation.includeDirectory), ...BUILDS[build].defines];
    execFileSync('gcc', ['-w', ...options, source, '-o', program], { encoding: 'utf8' });
    return parseValues(execFileSync(program, [], { encoding: 'utf8' }));
  } finally {
    rmSync(scratch, { recursive: true });
  }
}

function programText(statements: readonly string[]): string {
  const includes = HEADERS.map((header) => `#if __has_include("${header}")\n#include "${header}"\n#endif`);
  return [
    '#define Py_BUILD_CORE 1',
    ...includes,
    '#include <pthread.h>',
    '#include <stddef.h>',
    '#include <stdio.h>',
    '#include <string.h>',
    'int main(void) {',
    ...statements.map((statement) => `  ${statement}`),
    '  return 0;',
    '}',
    '',
  ].join('\n');
}

function probeStatement({ field, type, member }: Probe): string {
  if (member === 'sizeof') return `printf("${field} %zu\\n", sizeof(${type}));`;
  if (!member.startsWith('bits ')) return `printf("${field} %zu\\n", offsetof(${type}, ${member}));`;
  const bitField = member.slice('bits '.length);
  return [
    `{ ${type} object; unsigned int word;`,
    'memset(&object, 0, sizeof(object));',
    `object.state.${bitField} = 1;`,
    `memcpy(&word, (char *)&object + offsetof(${type}, state), sizeof(word));`,
    `printf("${field} %d\\n", __builtin_ctz(word)); }`,
  ].join(' ');
}

/** Asks gdb, which prints each value as `field 24`; a file without DWARF gives nothing. */
function readDwarf({ dwarfFile }: Installation, probes: readonly Probe[]): ReadonlyMap<Probe, number> {
  if (probes.length === 0 || dwarfFile === undefined) return new Map();
  const commands = probes.flatMap(({ field, type, member }) => [
    '-ex',
    member === 'sizeof'
      ? `printf "${field} %lu\\n", (unsigned long)sizeof(${type})`
      : `printf "${field} %lu\\n", (unsigned long)&((${type} *)0)->${member}`,
  ]);
  const values = parseValues(askGdb([...commands, dwarfFile]));
  return new Map(
    probes.flatMap((probe) => {
      const value = values.get(probe.field);
      return value === undefined ? [] : [[probe, value] as const];
    }),
  );
}

/** What gdb has said: it takes a fifth of a second, and builds of one version ask the same of one file. */
const said = new Map<string, string>();

function askGdb(words: readonly string[]): string {
  const question = words.join('\n');
  const known = said.get(question);
  if (known !== undefined) return known;
  // It exits with 1 for an unknown type.
  const { stdout } = spawnSync('gdb', ['-nx', '-batch', ...words], { encoding: 'utf8' });
  said.set(question, stdout);
  return stdout;
}

/** Lines such as `frame.previous 48`; gdb may print others between them. */
function parseValues(text: string): ReadonlyMap<string, number> {
  const matches = text.matchAll(/^([\w.]+) (\d+)$/gm);
  return new Map([...matches].map(([, field = '', value]) => [field, Number(value)] as const));
}
