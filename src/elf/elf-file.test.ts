import { expect, test } from 'vitest';
import { LIBRARY_BASE, type LibraryToWrite, writeLibrary } from '../../test/support/elf-library.ts';
import { dynamicTable, note, symbolTable } from '../../test/support/elf-tables.ts';
import { ET, PT, SHF, SHT, writeElf } from '../../test/support/elf-writer.ts';
import { TestSource } from '../../test/support/test-source.ts';
import { StructView } from '../base/struct-view.ts';
import { readElf } from './elf-file.ts';

const EXPORTED = [
  '_PyRuntime',
  'Py_Main',
  'PyObject_Repr',
  'PyEval_SaveThread',
  'Py_Initialize',
  'Py_Finalize',
].map((name, index) => ({ name, value: 0x2000 + 16 * index, sizeBytes: 8 + index }));

function libraryOf(library: LibraryToWrite): TestSource {
  return new TestSource(writeLibrary(library));
}

test('readElf() reads the segments', () => {
  const bytes = writeElf({
    baseAddress: 0x40_0000,
    sections: [
      { name: '.text', bytes: new Uint8Array(100) },
      { name: '.bss', type: SHT.nobits, sizeBytes: 5000 },
    ],
    segments: [
      { type: PT.load, flags: 5, fileOffset: 0, fileSize: 200, memorySize: 200 },
      { type: PT.load, flags: 6, over: ['.text', '.bss'], alignment: 0x1000 },
      { type: 0x1234, flags: 0, alignment: 0 },
    ],
  });
  expect(readElf(new TestSource(bytes)).segments).toEqual([
    {
      type: 'load',
      flags: 5,
      fileOffset: 0,
      virtualAddress: 0x40_0000,
      fileSize: 200,
      memorySize: 200,
      alignment: 4096,
    },
    {
      type: 'load',
      flags: 6,
      fileOffset: 232,
      virtualAddress: 0x40_00e8,
      fileSize: 104,
      memorySize: 5104,
      alignment: 4096,
    },
    {
      type: 0x1234,
      flags: 0,
      fileOffset: 0,
      virtualAddress: 0x40_0000,
      fileSize: 0,
      memorySize: 0,
      alignment: 0,
    },
  ]);
});

test('readElf() leaves out [vsyscall] of a core file, which lies above 2^53', () => {
  const bytes = writeElf({
    type: ET.core,
    segments: [
      { type: PT.load, virtualAddress: 0x7f00_0000_0000, fileSize: 0, memorySize: 4096 },
      { type: PT.load, virtualAddress: 0xffff_ffff_ff60_0000n, fileSize: 0, memorySize: 4096 },
    ],
  });
  expect(readElf(new TestSource(bytes)).segments.map(({ virtualAddress }) => virtualAddress)).toEqual([
    0x7f00_0000_0000,
  ]);
});

test('sections gives every header with its name', () => {
  const bytes = writeElf({
    baseAddress: 0x1000,
    sections: [
      { name: '.text', flags: SHF.alloc | SHF.execute, bytes: new Uint8Array(10), alignment: 16 },
      { name: '.bss', type: SHT.nobits, flags: SHF.alloc | SHF.write, sizeBytes: 2 ** 40, address: 0x9000 },
      {
        name: '.strange',
        type: 0x7000_0001,
        bytes: new Uint8Array(3),
        address: 0,
        link: '.text',
        info: 7,
        entrySize: 3,
      },
    ],
  });
  const none = { flags: 0, address: 0, link: 0, info: 0, entrySize: 0 };
  expect(readElf(new TestSource(bytes)).sections).toEqual([
    { ...none, name: '', type: 'null', fileOffset: 0, sizeBytes: 0 },
    { ...none, name: '.text', type: 'progbits', flags: 6, address: 0x1040, fileOffset: 64, sizeBytes: 10 },
    { ...none, name: '.bss', type: 'nobits', flags: 3, address: 0x9000, fileOffset: 80, sizeBytes: 2 ** 40 },
    {
      ...none,
      name: '.strange',
      type: 0x7000_0001,
      fileOffset: 80,
      sizeBytes: 3,
      link: 1,
      info: 7,
      entrySize: 3,
    },
    { ...none, name: '.shstrtab', type: 'strtab', fileOffset: 88, sizeBytes: 31 },
  ]);
});

test('sections is empty where the section headers are stripped', () => {
  const elf = readElf(libraryOf({ exported: EXPORTED, hasSectionHeaders: false }));
  expect(elf.sections).toEqual([]);
  expect(elf.findSection('.dynsym')).toBeUndefined();
});

test('sections refuses a name that no table holds', () => {
  const bytes = writeElf({ sections: [{ name: '.text', bytes: new Uint8Array(8) }] });
  const writer = Buffer.from(bytes.buffer);
  const sectionsAt = new StructView(bytes, 'ELF header').ssize(40);
  writer.writeUInt32LE(4000, sectionsAt + 64);
  expect(() => readElf(new TestSource(bytes)).sections).toThrow(
    'Cannot read section names of test.so at offset 4000: name does not end within the table of 17 bytes',
  );
});

test('sections refuses a file that ends before its headers', () => {
  const bytes = writeElf({ sections: [{ name: '.text', bytes: new Uint8Array(8) }] });
  const elf = readElf(new TestSource(bytes.subarray(0, bytes.length - 1)));
  expect(() => elf.sections).toThrow(
    'Cannot read test.so at offset 96: section headers, 3, needs 192 bytes, 191 left',
  );
});

for (const hash of ['gnu', 'sysv', 'none'] as const) {
  for (const hasSectionHeaders of [true, false]) {
    const kind = `${hash} hash, ${hasSectionHeaders ? 'with' : 'without'} section headers`;

    test(`findSymbol() finds every exported name (${kind})`, () => {
      const elf = readElf(libraryOf({ exported: EXPORTED, hash, hasSectionHeaders }));
      expect(EXPORTED.map(({ name }) => elf.findSymbol(name))).toEqual(
        EXPORTED.map((symbol) => ({ ...symbol, type: 'object', binding: 'global', sectionIndex: 1 })),
      );
    });

    test(`findSymbol() finds no name that is only part of one, or only referred to (${kind})`, () => {
      const exported = [...EXPORTED, { name: 'malloc', sectionIndex: 0 }];
      const elf = readElf(libraryOf({ exported, hash, hasSectionHeaders }));
      for (const name of ['', 'Py', 'Main', 'Py_Mai', 'Py_Main2', 'malloc', 'Py_Main\0PyObject_Repr']) {
        expect(elf.findSymbol(name)).toBeUndefined();
      }
    });
  }
}

test('findSymbol() takes .symtab for what .dynsym does not define', () => {
  const internal = [
    { name: 'pystate.c', type: 4, binding: 0, sectionIndex: 0xfff1 },
    { name: 'interp_head', value: 0x5000, binding: 0 },
    { name: '_PyRuntime', value: 0x6000 },
  ];
  const elf = readElf(libraryOf({ exported: EXPORTED, internal }));
  expect(elf.findSymbol('_PyRuntime')?.value).toBe(0x2000);
  expect(elf.findSymbol('interp_head')).toEqual({
    name: 'interp_head',
    value: 0x5000,
    sizeBytes: 0,
    type: 'object',
    binding: 'local',
    sectionIndex: 1,
  });
  expect(elf.findSymbol('pystate.c')).toBeUndefined();
});

test('findSymbol() prefers the name that other files see to local ones before it', () => {
  const internal = [
    { name: 'state', value: 1, binding: 0 },
    { name: 'state', value: 2, binding: 0 },
    { name: 'state', value: 3, binding: 2 },
    { name: 'only', value: 4, binding: 0 },
    { name: 'only', value: 5, binding: 0 },
  ];
  const elf = readElf(libraryOf({ internal }));
  expect(elf.findSymbol('state')?.value).toBe(3);
  expect(elf.findSymbol('only')?.value).toBe(4);
});

test('findSymbol() leaves out a value that is no address', () => {
  const elf = readElf(libraryOf({ internal: [{ name: 'minus_one', value: 2n ** 64n - 1n }] }));
  expect(elf.findSymbol('minus_one')).toBeUndefined();
});

test('findSymbol() scans a table that does not begin at a multiple of 4 in memory', () => {
  const bytes = writeLibrary({ internal: [{ name: 'interp_head', value: 0x5000 }] });
  const shifted = new Uint8Array(bytes.length + 1);
  shifted.set(bytes, 1);
  expect(readElf(new TestSource(shifted.subarray(1))).findSymbol('interp_head')?.value).toBe(0x5000);
});

test('findSymbol() reads a few hundred bytes of a large library when the hash leads there', () => {
  const exported = Array.from({ length: 2000 }, (_, index) => ({ name: `symbol_${index}`, value: index }));
  const source = libraryOf({
    exported,
    internal: exported,
    sections: [{ name: '.text', bytes: new Uint8Array(2 ** 20) }],
  });
  expect(readElf(source).findSymbol('symbol_1234')?.value).toBe(1234);
  const readBytes = source.reads.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
  expect(readBytes).toBeLessThan(12_000);
});

test('findSymbol() reads the tables once for many names', () => {
  const source = libraryOf({ internal: EXPORTED });
  const elf = readElf(source);
  elf.findSymbol('Py_Main');
  const before = source.reads.length;
  elf.findSymbol('Py_Initialize');
  // What .gnu.hash says of the second name: its header and a word of its filter.
  expect(source.reads.slice(before).map(({ sizeBytes }) => sizeBytes)).toEqual([16, 8]);
});

test('findSymbol() refuses a chain of .hash that runs in a circle', () => {
  const words = Uint32Array.from([1, 3, 1, 0, 2, 1]);
  const { symbols, strings } = symbolTable([{ name: 'one' }, { name: 'two' }]);
  const bytes = writeElf({
    sections: [
      { name: '.hash', type: SHT.hash, bytes: new Uint8Array(words.buffer) },
      { name: '.dynsym', type: SHT.dynsym, bytes: symbols, link: '.dynstr' },
      { name: '.dynstr', type: SHT.strtab, bytes: strings },
    ],
  });
  expect(() => readElf(new TestSource(bytes)).findSymbol('three')).toThrow(
    'Cannot read .hash of test.so at offset 20: chain does not end within 3 symbols',
  );
});

test('findSymbol() refuses a chain of .gnu.hash without an end', () => {
  const words = new Uint32Array(7 + 2 ** 17);
  words.set([1, 1, 1, 6, 0xffff_ffff, 0xffff_ffff, 1]);
  const { symbols, strings } = symbolTable([{ name: 'one' }]);
  const bytes = writeElf({
    sections: [
      { name: '.gnu.hash', type: SHT.gnuHash, bytes: new Uint8Array(words.buffer) },
      { name: '.dynsym', type: SHT.dynsym, bytes: symbols, link: '.dynstr' },
      { name: '.dynstr', type: SHT.strtab, bytes: strings },
    ],
  });
  expect(() => readElf(new TestSource(bytes)).findSymbol('one')).toThrow(
    'Cannot read .gnu.hash of test.so at offset 28: chain does not end within 65536 symbols',
  );
});

test('findSymbol() answers nothing where PT_DYNAMIC leads outside the file', () => {
  const bytes = writeElf({
    hasSectionHeaders: false,
    sections: [
      {
        name: '.dynamic',
        bytes: dynamicTable([
          [6, 0x9_0000],
          [5, 2n ** 63n],
        ]),
      },
    ],
    segments: [
      { type: PT.load, fileOffset: 0, fileSize: 64 },
      { type: PT.dynamic, over: ['.dynamic', '.dynamic'] },
    ],
  });
  expect(readElf(new TestSource(bytes)).findSymbol('main')).toBeUndefined();
});

test('symbols() gives the entries of a table in order', () => {
  const elf = readElf(
    libraryOf({
      internal: [
        { name: 'main', value: 0x1000, sizeBytes: 20, type: 2 },
        { name: 'malloc', type: 2, sectionIndex: 0 },
        { name: 'counter', value: 16, type: 6, binding: 10 },
        { name: 'odd', type: 13, binding: 13 },
      ],
    }),
  );
  expect([...elf.symbols('symtab')]).toEqual([
    { name: '', value: 0, sizeBytes: 0, type: 'none', binding: 'local', sectionIndex: undefined },
    { name: 'main', value: 0x1000, sizeBytes: 20, type: 'function', binding: 'global', sectionIndex: 1 },
    { name: 'malloc', value: 0, sizeBytes: 0, type: 'function', binding: 'global', sectionIndex: undefined },
    { name: 'counter', value: 16, sizeBytes: 0, type: 'tls', binding: 'gnu-unique', sectionIndex: 1 },
    { name: 'odd', value: 0, sizeBytes: 0, type: 13, binding: 13, sectionIndex: 1 },
  ]);
});

test('symbols() gives nothing of a table that the file does not have', () => {
  expect([...readElf(libraryOf({})).symbols('symtab')]).toEqual([]);
  expect([...readElf(new TestSource(writeElf({}))).symbols('dynsym')]).toEqual([]);
});

test('symbols() refuses a name that does not end', () => {
  const { symbols } = symbolTable([{ name: 'main' }]);
  const bytes = writeElf({
    sections: [
      { name: '.symtab', type: SHT.symtab, bytes: symbols, link: '.strtab' },
      { name: '.strtab', type: SHT.strtab, bytes: Uint8Array.from(Buffer.from('\0mai')) },
    ],
  });
  expect(() => [...readElf(new TestSource(bytes)).symbols('symtab')]).toThrow(
    'Cannot read .symtab of test.so at offset 1: name at 1 does not end within the 4 bytes of names',
  );
});

const BUILD_ID = Uint8Array.from([0xde, 0xad, 0xbe, 0xef, 0, 1]);

test.each([true, false])('buildId is in hexadecimal (with section headers: %s)', (hasSectionHeaders) => {
  expect(readElf(libraryOf({ buildId: BUILD_ID, hasSectionHeaders })).buildId).toBe('deadbeef0001');
});

test('buildId is undefined where the file has none', () => {
  expect(readElf(libraryOf({})).buildId).toBeUndefined();
  expect(readElf(new TestSource(writeElf({}))).buildId).toBeUndefined();
});

test('buildId is found among other notes, in a segment whose alignment is 8', () => {
  const notes = Buffer.concat([
    note('GNU', 5, Uint8Array.from([2, 0, 0, 0, 4, 0, 0, 0, 3, 0, 0, 0]), 8),
    note('Go', 3, Uint8Array.from([1]), 8),
    note('GNU', 3, BUILD_ID, 8),
  ]);
  const bytes = writeElf({
    sections: [{ name: '.notes', type: SHT.note, bytes: notes }],
    segments: [{ type: PT.note, over: ['.notes', '.notes'], alignment: 8 }],
  });
  expect(readElf(new TestSource(bytes)).buildId).toBe('deadbeef0001');
});

test('buildId of a core file is undefined, whatever its notes are', () => {
  const bytes = writeElf({
    type: ET.core,
    sections: [{ name: '.notes', type: SHT.note, bytes: note('GNU', 3, BUILD_ID) }],
    segments: [{ type: PT.note, over: ['.notes', '.notes'] }],
  });
  expect(readElf(new TestSource(bytes)).buildId).toBeUndefined();
});

test.each(['a', 'ab.debug', 'abc', 'abcd.debug'])(
  'debugLink gives file name and checksum of %s',
  (fileName) => {
    const content = Buffer.alloc(Math.ceil((fileName.length + 1) / 4) * 4 + 4);
    content.write(fileName);
    content.writeUInt32LE(0xfedc_ba98, content.length - 4);
    const bytes = writeElf({ sections: [{ name: '.gnu_debuglink', bytes: content }] });
    expect(readElf(new TestSource(bytes)).debugLink).toEqual({ fileName, crc32: 0xfedc_ba98 });
  },
);

test('debugLink is undefined where the file has none', () => {
  expect(readElf(libraryOf({})).debugLink).toBeUndefined();
});

test('segmentBytes() gives the part that is in the file', () => {
  const elf = readElf(libraryOf({ buildId: BUILD_ID }));
  const segment = elf.segments.find(({ type }) => type === 'note');
  expect(segment?.virtualAddress).toBe(LIBRARY_BASE + (segment?.fileOffset ?? 0));
  expect(segment && Buffer.from(elf.segmentBytes(segment)).toString('hex')).toBe(
    '040000000600000003000000474e5500deadbeef00010000',
  );
});

test('rangeBytes() gives a stretch of the file, and names what it was to be when the file ends before', () => {
  const elf = readElf(
    new TestSource(writeElf({ sections: [{ name: '.text', bytes: Uint8Array.of(1, 2, 3) }] })),
  );
  const fileOffset = elf.findSection('.text')?.fileOffset ?? 0;
  expect(elf.rangeBytes({ fileOffset: fileOffset + 1, sizeBytes: 2 }, 'code')).toEqual(Uint8Array.of(2, 3));
  expect(() => elf.rangeBytes({ fileOffset, sizeBytes: 2 ** 40 }, 'code')).toThrow(
    `Cannot read test.so at offset ${fileOffset}: code needs ${2 ** 40} bytes`,
  );
});
