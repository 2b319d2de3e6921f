import { expect, test } from 'vitest';
import { code, LINES, named, open, root, shown } from '../../../test/support/debug-units.ts';
import { DwarfBytes, type EntryToWrite, sectionsOf, writeUnits } from '../../../test/support/dwarf-writer.ts';
import { openDebugInfo } from './debug-info.ts';
import { AT, FORM, TAG } from './dwarf-constants.ts';

const SQUARE: EntryToWrite = {
  tag: TAG.subprogram,
  label: 'square',
  attributes: named('square', [AT.linkageName, FORM.string, '_Z6squarei']),
};

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
    '.debug_line': LINES,
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
