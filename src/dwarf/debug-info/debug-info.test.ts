import { expect, test } from 'vitest';
import { type Attributes, code, named, open, root, shown } from '../../../test/support/debug-units.ts';
import {
  DwarfBytes,
  type EntryToWrite,
  LINE,
  sectionsOf,
  writeLines,
  writeUnits,
} from '../../../test/support/dwarf-writer.ts';
import { openDebugInfo } from './debug-info.ts';
import { AT, FORM, TAG } from './dwarf-constants.ts';

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

test('resolve() finds functions behind ten thousand entries, over which it jumps or walks', () => {
  const types = (count: number, ...attributes: Attributes): readonly EntryToWrite[] =>
    Array.from({ length: count }, (_, index) => ({
      tag: 0x13,
      attributes: [[0x0b, FORM.udata, index], ...attributes],
      children: [
        { tag: 0x0d, attributes: [[AT.name, FORM.string, 'a member']] },
        { tag: 0x0d, attributes: [[AT.name, FORM.strp, 0]], children: [{ tag: 0x0d }] },
      ],
    }));
  const late: EntryToWrite = {
    tag: TAG.subprogram,
    label: 'late',
    attributes: named('late', ...code(0x1100, 0x10)),
  };
  const walked = open([{ root: root([...types(2500), late, MAIN], ...code(0x1000, 0x200)) }]);
  expect(shown(walked, 0x1100)).toEqual(['late /src/include/list.h:100']);
  expect(shown(walked, 0x1000)).toEqual(['main /src/main.c:10']);
  const sibling: Attributes[number] = [AT.sibling, FORM.ref4, { to: 'late' }];
  const jumped = open([{ root: root([...types(2500, sibling), late, MAIN], ...code(0x1000, 0x200)) }]);
  expect(shown(jumped, 0x1100)).toEqual(['late /src/include/list.h:100']);
});

test('resolve() does not take a call beside the innermost one for a part of it', () => {
  const call = (name: string, children: readonly EntryToWrite[] = []): EntryToWrite => ({
    tag: TAG.inlinedSubroutine,
    attributes: named(name, ...code(0x1010, 0x10)),
    children,
  });
  const main: EntryToWrite = {
    tag: TAG.subprogram,
    attributes: named('main', ...code(0x1000, 0x200)),
    children: [
      { tag: TAG.lexicalBlock, children: [call('outer', [call('inner')])] },
      { tag: TAG.lexicalBlock, children: [{ tag: TAG.lexicalBlock, children: [call('beside')] }] },
    ],
  };
  const info = open([{ root: root([main], ...code(0x1000, 0x200)) }]);
  expect(info.resolve(0x1010).map(({ name }) => name)).toEqual(['inner', 'outer', 'main']);
});
