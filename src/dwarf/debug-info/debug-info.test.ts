import { expect, test } from 'vitest';
import {
  DwarfBytes,
  type EntryToWrite,
  LINE,
  sectionsOf,
  type UnitToWrite,
  writeLines,
  writeUnits,
} from '../../../test/support/dwarf-writer.ts';
import { type DebugInfoOptions, openDebugInfo } from './debug-info.ts';
import { AT, FORM, TAG } from './dwarf-constants.ts';

type Attributes = NonNullable<EntryToWrite['attributes']>;

const LINES = writeLines({
  directories: ['/src', 'include'],
  files: [
    ['main.c', 0],
    ['main.c', 0],
    ['list.h', 1],
  ],
  opcodes: [
    LINE.setAddress(0x1000),
    LINE.advanceLine(9),
    LINE.setColumn(3),
    LINE.copy(),
    LINE.advancePc(0x100),
    LINE.setFile(2),
    LINE.advanceLine(90),
    LINE.copy(),
    LINE.advancePc(0x100),
    LINE.endSequence(),
    LINE.setAddress(0x5000),
    LINE.copy(),
    LINE.advancePc(0x100),
    LINE.endSequence(),
  ],
});

function code(low: number, sizeBytes: number): Attributes {
  return [
    [AT.lowPc, FORM.addr, low],
    [AT.highPc, FORM.data4, sizeBytes],
  ];
}

function named(name: string, ...more: Attributes): Attributes {
  return [[AT.name, FORM.string, name], ...more];
}

function root(children: readonly EntryToWrite[], ...more: Attributes): EntryToWrite {
  return {
    tag: TAG.compileUnit,
    attributes: [
      [AT.name, FORM.string, 'main.c'],
      [AT.compDir, FORM.string, '/src'],
      [AT.stmtList, FORM.secOffset, 0],
      ...more,
    ],
    children,
  };
}

/** Opens what a test wrote: units, and other sections. */
function open(
  units: readonly UnitToWrite[],
  sections: Readonly<Record<string, Uint8Array>> = {},
  options: DebugInfoOptions = {},
) {
  const { info, abbrev } = writeUnits(units);
  const all = { '.debug_info': info, '.debug_abbrev': abbrev, '.debug_line': LINES, ...sections };
  return openDebugInfo(sectionsOf(all), options);
}

/** What is known of an address, in the form `name file:line`. */
function shown(info: ReturnType<typeof open>, address: number): readonly string[] {
  return info
    .resolve(address)
    .map(
      ({ name, linkageName, file, line }) => `${linkageName ?? name ?? '?'} ${file ?? '?'}:${line ?? '?'}`,
    );
}

const MAIN: EntryToWrite = { tag: TAG.subprogram, attributes: named('main', ...code(0x1000, 0x200)) };

for (const version of [2, 3, 4, 5]) {
  test(`resolve() gives function, file and line of DWARF ${version}`, () => {
    const high: Attributes[number] =
      version < 4 ? [AT.highPc, FORM.addr, 0x1200] : [AT.highPc, FORM.udata, 0x200];
    const main = { tag: TAG.subprogram, attributes: named('main', [AT.lowPc, FORM.addr, 0x1000], high) };
    const lines = writeLines({
      version,
      directories: version >= 5 ? ['/src'] : [],
      files:
        version >= 5
          ? [
              ['main.c', 0],
              ['main.c', 0],
            ]
          : [['main.c', 0]],
      opcodes: [
        LINE.setAddress(0x1000),
        LINE.advanceLine(6),
        LINE.setColumn(4),
        LINE.copy(),
        LINE.advancePc(0x200),
        LINE.endSequence(),
      ],
    });
    const stmtList = version < 4 ? FORM.data4 : FORM.secOffset;
    const unit: EntryToWrite = {
      tag: TAG.compileUnit,
      attributes: [
        [AT.compDir, FORM.string, '/src'],
        [AT.stmtList, stmtList, 0],
        [AT.lowPc, FORM.addr, 0x1000],
        high,
      ],
      children: [main],
    };
    expect(open([{ version, root: unit }], { '.debug_line': lines }).resolve(0x1010)).toEqual([
      { name: 'main', linkageName: undefined, file: '/src/main.c', line: 7, column: 4, isInlined: false },
    ]);
  });
}

test('resolve() gives nothing for an address outside of all units', () => {
  const info = open([{ root: root([MAIN], ...code(0x1000, 0x200)) }]);
  expect(info.resolve(0xfff)).toEqual([]);
  expect(info.resolve(0x1200)).toEqual([]);
  expect(openDebugInfo(sectionsOf({})).resolve(0x1000)).toEqual([]);
});

test('resolve() gives the line alone where a unit has no function', () => {
  const info = open([{ root: root([], ...code(0x1000, 0x200)) }]);
  expect(shown(info, 0x1000)).toEqual(['? /src/main.c:10']);
});

const SQUARE: EntryToWrite = {
  tag: TAG.subprogram,
  label: 'square',
  attributes: named('square', [AT.linkageName, FORM.string, '_Z6squarei']),
};

/** A function into which `outer` is inlined, and `square` into that. */
const CALLS: EntryToWrite = {
  tag: TAG.subprogram,
  attributes: named('main', ...code(0x1000, 0x200)),
  children: [
    {
      tag: TAG.lexicalBlock,
      attributes: code(0x1080, 0x100),
      children: [
        {
          tag: TAG.inlinedSubroutine,
          attributes: [
            [AT.abstractOrigin, FORM.ref4, { to: 'outer' }],
            ...code(0x1100, 0x40),
            [AT.callFile, FORM.data1, 1],
            [AT.callLine, FORM.data1, 20],
            [AT.callColumn, FORM.data1, 7],
          ],
          children: [
            {
              tag: TAG.inlinedSubroutine,
              attributes: [
                [AT.abstractOrigin, FORM.refAddr, { to: 'square' }],
                ...code(0x1110, 0x10),
                [AT.callFile, FORM.implicitConst, 2],
                [AT.callLine, FORM.data2, 300],
              ],
            },
          ],
        },
      ],
    },
    { tag: 0x48, attributes: [[AT.lowPc, FORM.addr, 0x1110]] },
  ],
};

const OUTER: EntryToWrite = { tag: TAG.subprogram, label: 'outer', attributes: named('outer') };

test('resolve() gives inlined calls, each with the place of the call inside it', () => {
  const info = open([{ root: root([OUTER, SQUARE, CALLS], ...code(0x1000, 0x200)) }]);
  expect(info.resolve(0x1118)).toEqual([
    {
      name: 'square',
      linkageName: '_Z6squarei',
      file: '/src/include/list.h',
      line: 100,
      column: 3,
      isInlined: true,
    },
    {
      name: 'outer',
      linkageName: undefined,
      file: '/src/include/list.h',
      line: 300,
      column: undefined,
      isInlined: true,
    },
    { name: 'main', linkageName: undefined, file: '/src/main.c', line: 20, column: 7, isInlined: false },
  ]);
  expect(shown(info, 0x1100)).toEqual(['outer /src/include/list.h:100', 'main /src/main.c:20']);
  expect(shown(info, 0x1090)).toEqual(['main /src/main.c:10']);
});

test('resolve() follows references into other units, over partial units', () => {
  const partial: EntryToWrite = { tag: TAG.partialUnit, children: [SQUARE] };
  const info = open([{ root: root([OUTER, CALLS], ...code(0x1000, 0x200)) }, { unitType: 3, root: partial }]);
  expect(shown(info, 0x1118)[0]).toBe('_Z6squarei /src/include/list.h:100');
});

test('resolve() takes names from declaration and abstract function, the linkage name first', () => {
  const declared: EntryToWrite = {
    tag: TAG.subprogram,
    label: 'declared',
    attributes: named('area', [AT.mipsLinkageName, FORM.string, '_ZN3Box4areaEv']),
  };
  const abstract: EntryToWrite = {
    tag: TAG.subprogram,
    label: 'abstract',
    attributes: [[AT.specification, FORM.ref4, { to: 'declared' }]],
  };
  const instance: EntryToWrite = {
    tag: TAG.subprogram,
    attributes: [[AT.abstractOrigin, FORM.ref4, { to: 'abstract' }], ...code(0x1000, 0x100)],
  };
  const info = open([{ root: root([declared, abstract, instance], ...code(0x1000, 0x200)) }]);
  expect(info.resolve(0x1000)[0]).toMatchObject({ name: 'area', linkageName: '_ZN3Box4areaEv' });
});

test('resolve() ends at references that go round in a circle', () => {
  const round: EntryToWrite = {
    tag: TAG.subprogram,
    label: 'round',
    attributes: [[AT.abstractOrigin, FORM.ref4, { to: 'round' }], ...code(0x1000, 0x100)],
  };
  const info = open([{ root: root([round], ...code(0x1000, 0x200)) }]);
  expect(shown(info, 0x1000)).toEqual(['? /src/main.c:10']);
});

test('resolve() finds functions in namespaces, in functions and in types', () => {
  const inside = (tag: number, name: string, low: number): EntryToWrite => ({
    tag,
    attributes: [[AT.name, FORM.string, name]],
    children: [{ tag: TAG.subprogram, attributes: named(`in ${name}`, ...code(low, 0x10)) }],
  });
  const info = open([
    {
      root: root(
        [
          inside(TAG.namespace, 'space', 0x1000),
          inside(0x13, 'struct', 0x1010),
          {
            ...inside(TAG.subprogram, 'function', 0x1020),
            attributes: named('function', ...code(0x1100, 0x10)),
          },
        ],
        ...code(0x1000, 0x200),
      ),
    },
  ]);
  expect(shown(info, 0x1000)).toEqual(['in space /src/main.c:10']);
  expect(shown(info, 0x1010)).toEqual(['in struct /src/main.c:10']);
  expect(shown(info, 0x1020)).toEqual(['in function /src/main.c:10']);
});

test('resolve() jumps to siblings, and refuses one that leads back', () => {
  const skipped = (to: string): EntryToWrite => ({
    tag: 0x13,
    label: 'skipped',
    attributes: [[AT.sibling, FORM.ref4, { to }]],
    children: [{ tag: 0x0d, attributes: [[0x38, FORM.exprloc, new Uint8Array(300)]] }],
  });
  const after: EntryToWrite = { ...MAIN, label: 'after' };
  expect(shown(open([{ root: root([skipped('after'), after], ...code(0x1000, 0x200)) }]), 0x1000)).toEqual([
    'main /src/main.c:10',
  ]);
  const back = open([{ root: root([skipped('skipped'), after], ...code(0x1000, 0x200)) }]);
  expect(() => back.resolve(0x1000)).toThrow(
    /Cannot read \.debug_info of test\.so at offset \d+: entry at \d+ has a sibling before it/,
  );
});

test('resolve() finds parts of a function through .debug_ranges, with a base of their own', () => {
  const ranges = new DwarfBytes()
    .u64(0x10)
    .u64(0x20)
    .u64(0xffff_ffff_ffff_ffffn)
    .u64(0x5000)
    .u64(0)
    .u64(0x10)
    .u64(0)
    .u64(0)
    .done();
  const cold: EntryToWrite = {
    tag: TAG.subprogram,
    attributes: named('cold', [AT.ranges, FORM.secOffset, 0]),
  };
  const unit = root([cold], [AT.lowPc, FORM.addr, 0x1000], [AT.ranges, FORM.secOffset, 0]);
  const lines = writeLines({
    version: 4,
    files: [['main.c', 0]],
    opcodes: [LINE.setAddress(0x1000), LINE.copy(), LINE.advancePc(0x4100), LINE.endSequence()],
  });
  const info = open([{ version: 4, root: unit }], { '.debug_ranges': ranges, '.debug_line': lines });
  for (const address of [0x1010, 0x5000]) expect(shown(info, address)).toEqual(['cold /src/main.c:1']);
  for (const address of [0x100f, 0x1020, 0x5010]) expect(shown(info, address)).toEqual([]);
});

test('resolve() understands every kind of entry in .debug_rnglists, by offset and by index', () => {
  const lists = new DwarfBytes()
    .u8(3, 0, 0x10) // startx_length
    .u8(2, 1, 2) // startx_endx
    .u8(1, 3, 4, 0x00, 0x10) // base_addressx, offset_pair
    .u8(5)
    .u64(0x3000)
    .u8(4, 0x00, 0x10) // base_address, offset_pair
    .u8(6)
    .u64(0x3100)
    .u64(0x3110) // start_end
    .u8(7)
    .u64(0x3200)
    .uleb(0x10) // start_length
    .u8(0)
    .done();
  const table = new DwarfBytes()
    .u32(8 + 4 + lists.length)
    .u16(5)
    .u8(8, 0)
    .u32(1)
    .u32(4)
    .bytes(lists)
    .done();
  const addresses = new DwarfBytes()
    .u32(36)
    .u16(5)
    .u8(8, 0)
    .u64(0x2000)
    .u64(0x2100)
    .u64(0x2110)
    .u64(0x2200)
    .done();
  const split: EntryToWrite = {
    tag: TAG.subprogram,
    attributes: named('split', [AT.ranges, FORM.rnglistx, 0]),
  };
  const unit = root(
    [split],
    [AT.lowPc, FORM.addr, 0],
    [AT.ranges, FORM.secOffset, 16],
    [AT.rnglistsBase, FORM.secOffset, 12],
    [AT.addrBase, FORM.secOffset, 8],
  );
  const info = open([{ root: unit }], { '.debug_rnglists': table, '.debug_addr': addresses });
  for (const address of [0x2000, 0x2100, 0x2200, 0x3000, 0x3100, 0x3200]) {
    expect(shown(info, address + 0xf)).toEqual(['split ?:?']);
    expect(shown(info, address + 0x10)).toEqual([]);
  }
});

test('resolve() reads texts and addresses by index, and texts of every section', () => {
  const texts = Uint8Array.from(Buffer.from('first\0second\0'));
  const textOffsets = new DwarfBytes().u32(12).u16(5).u16(0).u32(0).u32(6).done();
  const addresses = new DwarfBytes().u32(12).u16(5).u8(8, 0).u64(0x1000).u64(0x1100).done();
  const one = (form: number, value: number, low: number): EntryToWrite => ({
    tag: TAG.subprogram,
    attributes: [
      [AT.name, form, value],
      [AT.lowPc, FORM.addrx1, low],
      [AT.highPc, FORM.data1, 0x10],
    ],
  });
  const unit = root(
    [one(FORM.strx1, 1, 0), one(FORM.lineStrp, 6, 1)],
    [AT.strOffsetsBase, FORM.secOffset, 8],
    [AT.addrBase, FORM.secOffset, 8],
    ...code(0x1000, 0x200),
  );
  const info = open([{ root: unit }], {
    '.debug_str': texts,
    '.debug_str_offsets': textOffsets,
    '.debug_addr': addresses,
    '.debug_line_str': texts,
  });
  expect(info.resolve(0x1000)[0]?.name).toBe('second');
  expect(info.resolve(0x1100)[0]?.name).toBe('second');
});

test('resolve() reads 64-bit DWARF', () => {
  const { info, abbrev } = writeUnits([
    { is64: true, root: root([OUTER, SQUARE, CALLS], ...code(0x1000, 0x200)) },
  ]);
  const lines = writeLines({
    is64: true,
    directories: ['/src'],
    files: [
      ['main.c', 0],
      ['main.c', 0],
      ['list.h', 0],
    ],
    opcodes: [LINE.setAddress(0x1000), LINE.copy(), LINE.advancePc(0x200), LINE.endSequence()],
  });
  const opened = openDebugInfo(
    sectionsOf({ '.debug_info': info, '.debug_abbrev': abbrev, '.debug_line': lines }),
  );
  expect(shown(opened, 0x1118)).toEqual([
    '_Z6squarei /src/main.c:1',
    'outer /src/list.h:300',
    'main /src/main.c:20',
  ]);
});

/** `.debug_aranges` with one range for a unit. */
function addressTable(unitOffset: number, address: number, sizeBytes: number): Uint8Array {
  const body = new DwarfBytes()
    .u16(2)
    .u32(unitOffset)
    .u8(8, 0)
    .u32(0)
    .u64(address)
    .u64(sizeBytes)
    .u64(0)
    .u64(0);
  return new DwarfBytes().u32(body.length).bytes(body.done()).done();
}

test('resolve() asks .debug_aranges first, and the units themselves for what it leaves out', () => {
  const units = [
    { root: root([MAIN], ...code(0x1000, 0x200)) },
    {
      root: root(
        [{ tag: TAG.subprogram, attributes: named('late', ...code(0x5000, 0x10)) }],
        ...code(0x5000, 0x100),
      ),
    },
  ];
  const tables = { '.debug_aranges': addressTable(0, 0x1000, 0x200) };
  const info = open(units, tables);
  expect(shown(info, 0x1000)).toEqual(['main /src/main.c:10']);
  expect(shown(info, 0x5000)).toEqual(['late /src/main.c:1']);
  const damaged = open(units, { '.debug_aranges': Uint8Array.of(255, 255, 0, 0, 2, 0) });
  expect(shown(damaged, 0x1000)).toEqual(['main /src/main.c:10']);
});

test('resolve() searches units that do not say where their code is', () => {
  expect(shown(open([{ root: root([MAIN]) }]), 0x1000)).toEqual(['main /src/main.c:10']);
});

test('resolve() passes over code that the linker discarded', () => {
  const gone = (low: number | bigint): EntryToWrite => ({
    tag: TAG.subprogram,
    attributes: named('gone', [AT.lowPc, FORM.addr, low], [AT.highPc, FORM.data4, 0x5000]),
  });
  const info = open([{ root: root([gone(0), gone(2n ** 64n - 1n), MAIN], ...code(0x1000, 0x200)) }]);
  expect(shown(info, 0x1000)).toEqual(['main /src/main.c:10']);
});

test('resolve() takes names from the file that dwz made, or does without', () => {
  const shared = writeUnits([{ unitType: 3, root: { tag: TAG.partialUnit, children: [SQUARE] } }]);
  const at = shared.labels.get('square') ?? 0;
  const link = Uint8Array.from([...Buffer.from('../common.debug\0'), 0xab, 0xcd]);
  const main: EntryToWrite = {
    tag: TAG.subprogram,
    attributes: [
      [AT.abstractOrigin, FORM.gnuRefAlt, at],
      [AT.name, FORM.gnuStrpAlt, 0],
      ...code(0x1000, 0x200),
    ],
  };
  const units = [{ root: root([main], ...code(0x1000, 0x200)) }];
  const alternate = sectionsOf({
    '.debug_info': shared.info,
    '.debug_abbrev': shared.abbrev,
    '.debug_str': Uint8Array.from(Buffer.from('shared\0')),
  });
  const asked: unknown[] = [];
  const found = open(
    units,
    { '.gnu_debugaltlink': link },
    {
      findAlternateFile: (wanted) => {
        asked.push(wanted);
        return alternate;
      },
    },
  );
  expect(found.resolve(0x1000)[0]).toMatchObject({ name: 'shared', linkageName: '_Z6squarei' });
  expect(asked).toEqual([{ fileName: '../common.debug', buildId: 'abcd' }]);
  expect(shown(open(units, { '.gnu_debugaltlink': link }), 0x1000)).toEqual(['? /src/main.c:10']);
});

const DWO_ID = 0x1122_3344_5566_7788n;
const SKELETON_LINES = LINES;

/** A skeleton unit of DWARF 5 and what its split file and the table of addresses hold. */
function splitUnits() {
  const skeleton = writeUnits([
    {
      unitType: 4,
      dwoId: DWO_ID,
      root: {
        tag: TAG.skeletonUnit,
        attributes: [
          [AT.dwoName, FORM.string, 'main.dwo'],
          [AT.compDir, FORM.string, '/src'],
          [AT.stmtList, FORM.secOffset, 0],
          [AT.addrBase, FORM.secOffset, 8],
          ...code(0x1000, 0x200),
        ],
      },
    },
  ]);
  const split = writeUnits([
    {
      unitType: 5,
      dwoId: DWO_ID,
      root: {
        tag: TAG.compileUnit,
        attributes: [[AT.name, FORM.strx1, 0]],
        children: [
          {
            tag: TAG.subprogram,
            attributes: [
              [AT.name, FORM.strx1, 1],
              [AT.lowPc, FORM.addrx, 0],
              [AT.highPc, FORM.data4, 0x200],
            ],
          },
        ],
      },
    },
  ]);
  const program = {
    '.debug_info': skeleton.info,
    '.debug_abbrev': skeleton.abbrev,
    '.debug_line': SKELETON_LINES,
    '.debug_addr': new DwarfBytes().u32(12).u16(5).u8(8, 0).u64(0x1000).done(),
  };
  const rest = {
    '.debug_info.dwo': split.info,
    '.debug_abbrev.dwo': split.abbrev,
    '.debug_str.dwo': Uint8Array.from(Buffer.from('main.c\0main\0')),
    '.debug_str_offsets.dwo': new DwarfBytes().u32(12).u16(5).u16(0).u32(0).u32(7).done(),
  };
  return { program, rest };
}

test('resolve() takes functions from a split file, and only lines where it is missing', () => {
  const { program, rest } = splitUnits();
  const asked: unknown[] = [];
  const info = openDebugInfo(sectionsOf(program), {
    findSplitFile: (wanted) => {
      asked.push(wanted);
      return sectionsOf(rest, 'main.dwo');
    },
  });
  expect(shown(info, 0x1000)).toEqual(['main /src/main.c:10']);
  expect(shown(info, 0x1100)).toEqual(['main /src/include/list.h:100']);
  expect(asked).toEqual([{ name: 'main.dwo', compilationDirectory: '/src', dwoId: DWO_ID }]);
  expect(shown(openDebugInfo(sectionsOf(program)), 0x1000)).toEqual(['? /src/main.c:10']);
});

test('resolve() finds a split unit in a package by its id', () => {
  const { program, rest } = splitUnits();
  const pad = (bytes: Uint8Array): Uint8Array => Uint8Array.from([...new Uint8Array(16), ...bytes]);
  // Four slots; the id ends in 0b00, so that slot 0 is its first.
  const index = new DwarfBytes().u16(5).u16(0).u32(3).u32(1).u32(4);
  index.u64(DWO_ID).u64(0).u64(0).u64(0).u32(1).u32(0).u32(0).u32(0);
  index.u32(1).u32(3).u32(6);
  index.u32(16).u32(16).u32(16);
  index.u32(rest['.debug_info.dwo'].length).u32(rest['.debug_abbrev.dwo'].length).u32(16);
  const packed = {
    ...rest,
    '.debug_cu_index': index.done(),
    '.debug_info.dwo': pad(rest['.debug_info.dwo']),
    '.debug_abbrev.dwo': pad(rest['.debug_abbrev.dwo']),
    '.debug_str_offsets.dwo': pad(rest['.debug_str_offsets.dwo']),
  };
  const info = openDebugInfo(sectionsOf(program), { findSplitFile: () => sectionsOf(packed, 'main.dwp') });
  expect(shown(info, 0x1000)).toEqual(['main /src/main.c:10']);
});

test('resolve() does not use a split file of another build', () => {
  const { program, rest } = splitUnits();
  const other = Uint8Array.from(rest['.debug_info.dwo']);
  other[12] = 0;
  const info = openDebugInfo(sectionsOf(program), {
    findSplitFile: () => sectionsOf({ ...rest, '.debug_info.dwo': other }),
  });
  expect(shown(info, 0x1000)).toEqual(['? /src/main.c:10']);
});
