import { expect, test } from 'vitest';
import {
  auxiliaryNote,
  type CoreToWrite,
  filesNote,
  type MappingToWrite,
  type MemoryToWrite,
  processNote,
  writeCore,
} from '../../../test/support/core-writer.ts';
import { LIBRARY_BASE, writeLibrary } from '../../../test/support/elf-library.ts';
import { PT, writeElf } from '../../../test/support/elf-writer.ts';
import { TestSource } from '../../../test/support/test-source.ts';
import { readCore } from './core-file.ts';
import { CoreMemory } from './core-memory.ts';
import { type CoreModule, findCoreModules, readExecutedPath } from './core-modules.ts';
import { findModuleFile } from './module-file.ts';

const PROGRAM = writeLibrary({ buildId: Uint8Array.from([0xaa, 1]) });
const LIBRARY = writeLibrary({ buildId: Uint8Array.from([0xbb, 2]) });
const VDSO = writeLibrary({ buildId: Uint8Array.from([0xcc, 3]) });

const PROGRAM_AT = 0x5500_0000;
const LIBRARY_AT = 0x7f00_0000;
const DATA_AT = 0x7f10_0000;
const VDSO_AT = 0x7ffd_0000;
const STACK_AT = 0x7ffe_0000;

const FILES: readonly MappingToWrite[] = [
  { start: PROGRAM_AT, end: PROGRAM_AT + 0x1000, path: '/opt/py/bin/python3' },
  { start: PROGRAM_AT + 0x1000, end: PROGRAM_AT + 0x2000, page: 1, path: '/opt/py/bin/python3' },
  { start: LIBRARY_AT, end: LIBRARY_AT + 0x2000, path: '/lib/libx.so.1' },
  { start: DATA_AT, end: DATA_AT + 0x1000, path: '/usr/share/locale/x.mo' },
];
const MEMORY: readonly MemoryToWrite[] = [
  { start: PROGRAM_AT, bytes: PROGRAM, access: 'r' },
  { start: LIBRARY_AT, bytes: LIBRARY, access: 'r' },
  { start: DATA_AT, sizeBytes: 0x1000, access: 'r' },
  { start: VDSO_AT, bytes: VDSO, access: 'rx' },
  { start: STACK_AT, bytes: Buffer.from('/srv/job.py\0'.padEnd(0x1000, 'x')) },
];
const AUXV = auxiliaryNote({ 3: PROGRAM_AT + 0x1040, 31: STACK_AT, 33: VDSO_AT });

function modulesOf(core: CoreToWrite): readonly CoreModule[] {
  return findCoreModules(readCore(new TestSource(writeCore(core), 'test.core')));
}

const ALL = modulesOf({ notes: [AUXV, filesNote(FILES)], memory: MEMORY });

test('findCoreModules() finds files of code with the build ids that are in memory, and the vDSO', () => {
  expect(ALL.map(({ path, buildId, mappings }) => [path, buildId, mappings.length])).toEqual([
    ['/opt/py/bin/python3', 'aa01', 2],
    ['/lib/libx.so.1', 'bb02', 1],
    ['[vdso]', 'cc03', 1],
  ]);
});

test('findCoreModules() knows the program by its headers, whatever script was executed', () => {
  expect(ALL.filter(({ isMainProgram }) => isMainProgram).map(({ path }) => path)).toEqual([
    '/opt/py/bin/python3',
  ]);
});

test('findCoreModules() knows the program by the command line where the kernel says nothing', () => {
  const notes = [processNote({ commandLine: '/usr/bin/python3 x.py ' }), filesNote(FILES)];
  const modules = modulesOf({ notes, memory: MEMORY });
  expect(modules.find(({ isMainProgram }) => isMainProgram)?.path).toBe('/opt/py/bin/python3');
});

test('findCoreModules() takes every file for one of code where no start was dumped', () => {
  const modules = modulesOf({ notes: [filesNote(FILES)] });
  expect(modules.map(({ path, buildId, isSurelyElf }) => [path, buildId, isSurelyElf])).toEqual([
    ['/opt/py/bin/python3', undefined, false],
    ['/lib/libx.so.1', undefined, false],
    ['/usr/share/locale/x.mo', undefined, false],
  ]);
});

test('findCoreModules() finds nothing in a core without notes', () => {
  expect(modulesOf({ memory: MEMORY })).toEqual([]);
});

test('findCoreModules() takes a file that begins again for a module of its own', () => {
  const path = '/lib/libx.so.1';
  const files = [
    { start: LIBRARY_AT, end: LIBRARY_AT + 0x1000, path },
    { start: LIBRARY_AT + 0x1000, end: LIBRARY_AT + 0x2000, page: 1, path },
    { start: DATA_AT, end: DATA_AT + 0x1000, path },
  ];
  const memory = [LIBRARY_AT, DATA_AT].map((start) => ({ start, bytes: LIBRARY, access: 'r' }));
  expect(modulesOf({ notes: [filesNote(files)], memory }).map(({ mappings }) => mappings.length)).toEqual([
    2, 1,
  ]);
});

test('readExecutedPath() reads the path of the script that named the program', () => {
  const core = readCore(new TestSource(writeCore({ notes: [AUXV], memory: MEMORY }), 'test.core'));
  expect(readExecutedPath(core, new CoreMemory(core, () => undefined))).toBe('/srv/job.py');
});

test('readExecutedPath() gives nothing when that part of the stack is not there', () => {
  const core = readCore(new TestSource(writeCore({ notes: [AUXV] }), 'test.core'));
  expect(readExecutedPath(core, new CoreMemory(core, () => undefined))).toBeUndefined();
});

function search(module: CoreModule | undefined, files: Readonly<Record<string, Uint8Array>>) {
  if (module === undefined) throw new RangeError('no such module');
  return findModuleFile(module, Object.keys(files), (path) => {
    const bytes = files[path];
    return bytes === undefined || bytes.length === 0 ? undefined : new TestSource(bytes, path);
  });
}

const NOTHING = new Uint8Array();

test('findModuleFile() takes the first file that has the build id', () => {
  const { file, lacking } = search(ALL[1], {
    '/none': NOTHING,
    '/other': PROGRAM,
    '/text': Buffer.from('text'),
    '/right': LIBRARY,
  });
  expect(file?.source.name).toBe('/right');
  expect(file?.bias).toBe(LIBRARY_AT - LIBRARY_BASE);
  expect(file?.isVerified).toBe(true);
  expect(lacking).toBeUndefined();
});

test('findModuleFile() takes what the core does not show for no module when the file is no ELF file', () => {
  const [, module] = ALL;
  if (module === undefined) throw new RangeError('no such module');
  const unsure = { ...module, buildId: undefined, isSurelyElf: false };
  expect(search(unsure, { '/text': Buffer.from('text') })).toEqual({});
});

test('findModuleFile() says what it found instead', () => {
  expect(search(ALL[1], { '/other': PROGRAM }).lacking).toEqual({
    state: 'mismatching',
    path: '/lib/libx.so.1',
    expectedBuildId: 'bb02',
    foundBuildId: 'aa01',
  });
  expect(search(ALL[1], { '/none': NOTHING }).lacking).toEqual({
    state: 'missing',
    path: '/lib/libx.so.1',
    expectedBuildId: 'bb02',
    foundBuildId: undefined,
  });
  expect(search(ALL[2], {})).toEqual({});
});

test('findModuleFile() compares the layout where the core does not tell the build id', () => {
  const [, module] = modulesOf({ notes: [filesNote(FILES)] });
  expect(search(module, { '/right': LIBRARY }).file?.isVerified).toBe(false);
  const [, , , elsewhere] = modulesOf({
    notes: [
      filesNote([...FILES, { start: DATA_AT + 0x1000, end: DATA_AT + 0x2000, page: 7, path: '/lib/y.so' }]),
    ],
  });
  expect(search(elsewhere, { '/short': LIBRARY }).lacking?.state).toBe('mismatching');
});

test.each([
  ['where the next segment does', 0x2000, 2],
  ['further on than the next segment does', 0x1c00, 1],
])(
  'findModuleFile() asks no gap between segments that shows the file %s where it was loaded',
  (_where, offset, page) => {
    const path = '/lib/gap.so';
    const apart = 0x20_0000;
    const gapped = writeElf({
      segments: [
        { type: PT.load, flags: 5, fileOffset: 0, virtualAddress: 0, fileSize: 0x1c00 },
        { type: PT.load, flags: 6, fileOffset: offset, virtualAddress: apart + offset, fileSize: 0x800 },
      ],
    });
    const dataAt = DATA_AT + apart + page * 0x1000;
    const text = { start: DATA_AT, end: DATA_AT + 0x2000, path };
    const gap = { start: text.end, end: dataAt, page: 2, path };
    const data = { start: dataAt, end: DATA_AT + apart + 0x3000, page, path };
    const [module] = modulesOf({ notes: [filesNote([text, gap, data])] });
    expect(module?.mappings).toHaveLength(3);
    expect(search(module, { [path]: gapped }).file?.bias).toBe(DATA_AT);

    const behind = { start: data.end, end: data.end + 0x1000, page: 2, path };
    const [other] = modulesOf({ notes: [filesNote([text, data, behind])] });
    expect(search(other, { [path]: gapped }).lacking?.state).toBe('mismatching');
  },
);
