import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  DwarfBytes,
  type EntryToWrite,
  LINE,
  sectionsOf,
  writeLines,
  writeUnits,
} from '../../../test/support/dwarf-writer.ts';
import { cases } from '../../../test/support/fuzzing.ts';
import { MalformedInputError } from '../../base/errors.ts';
import { BoundedCache } from './bounded-cache.ts';
import { openDebugInfo } from './debug-info.ts';
import { AT, FORM, TAG } from './dwarf-constants.ts';

const ADDRESSES = [0, 0x1000, 0x1018, 0x1800, 0x2000, 2 ** 47];

const code = (low: number, sizeBytes: number): NonNullable<EntryToWrite['attributes']> => [
  [AT.lowPc, FORM.addr, low],
  [AT.highPc, FORM.data4, sizeBytes],
];

/** A unit with a function, blocks, calls inlined into it, ranges, and references in all directions. */
function sections(version: number): Readonly<Record<string, Uint8Array>> {
  const call = (depth: number): EntryToWrite => ({
    tag: depth % 2 === 0 ? TAG.inlinedSubroutine : TAG.lexicalBlock,
    attributes: [
      [AT.abstractOrigin, FORM.ref4, { to: 'abstract' }],
      ...code(0x1000, 0x800 - 16 * depth),
      [AT.callLine, FORM.udata, depth + 1],
      [AT.callFile, FORM.data1, 1],
    ],
    children: depth === 0 ? [] : [call(depth - 1)],
  });
  const { info, abbrev } = writeUnits([
    {
      version,
      root: {
        tag: TAG.compileUnit,
        attributes: [
          [AT.name, FORM.strp, 0],
          [AT.compDir, FORM.string, '/src'],
          [AT.stmtList, FORM.secOffset, 0],
          [AT.ranges, FORM.secOffset, version >= 5 ? 12 : 0],
          [AT.dwoName, FORM.string, 'main.dwo'],
        ],
        children: [
          {
            tag: TAG.subprogram,
            label: 'abstract',
            attributes: [
              [AT.name, FORM.string, 'abstract'],
              [AT.specification, FORM.refAddr, { to: 'main' }],
            ],
          },
          {
            tag: TAG.subprogram,
            label: 'main',
            attributes: [
              [AT.name, FORM.strp, 5],
              [AT.sibling, FORM.ref4, { to: 'last' }],
              ...code(0x1000, 0x1000),
            ],
            children: [call(6)],
          },
          { tag: 0x24, label: 'last', attributes: [[AT.name, FORM.block1, 0]] },
        ],
      },
    },
  ]);
  const opcodes = [
    LINE.setAddress(0x1000),
    LINE.copy(),
    LINE.special(3, 1),
    LINE.advancePc(0x1000),
    LINE.endSequence(),
  ];
  const files = [
    ['a.c', 0],
    ['b.c', 1],
  ] as const;
  return {
    '.debug_info': info,
    '.debug_abbrev': abbrev,
    '.debug_str': Uint8Array.from(Buffer.from('a.c\0 main\0')),
    '.debug_line': writeLines({ version, directories: ['/src', 'lib'], files, opcodes }),
    '.debug_ranges': new DwarfBytes().u64(0x1000).u64(0x2000).u64(0).u64(0).done(),
    '.debug_rnglists': new DwarfBytes()
      .u32(22)
      .u16(5)
      .u8(8, 0)
      .u32(0)
      .u8(7)
      .u64(0x1000)
      .uleb(0x1000)
      .u8(0)
      .done(),
    '.debug_aranges': new DwarfBytes()
      .u32(44)
      .u16(2)
      .u32(0)
      .u8(8, 0)
      .u32(0)
      .u64(0x1000)
      .u64(0x800)
      .u64(0)
      .u64(0)
      .done(),
  };
}

const WRITTEN = [4, 5].map(sections);

const MESSAGE = /^Cannot read \.debug_\w+ of test\.so at offset \d+(\.\d+)?(e\+\d+)?: /;

/** Asks for addresses; each answer may be a MalformedInputError and nothing else. */
function askAll(files: Readonly<Record<string, Uint8Array>>): number {
  const written = sectionsOf(files);
  const cache = new BoundedCache(1 << 20);
  const info = openDebugInfo(written, {
    cache,
    findSplitFile: () => written,
    findAlternateFile: () => written,
  });
  let answers = 0;
  for (const address of ADDRESSES) {
    try {
      const frames = info.resolve(address);
      expect(frames.length).toBeLessThanOrEqual(256);
      answers += frames.length;
    } catch (error) {
      if (!(error instanceof MalformedInputError) || !MESSAGE.test(error.message)) throw error;
    }
  }
  return answers;
}

test('resolve() answers for what is damaged below', () => {
  for (const files of WRITTEN) expect(askAll(files)).toBeGreaterThan(8);
});

test('resolve() answers or throws MalformedInputError for any section cut off anywhere', () => {
  for (const files of WRITTEN)
    for (const [name, bytes] of Object.entries(files))
      for (let end = 0; end < bytes.length; end += 1) askAll({ ...files, [name]: bytes.subarray(0, end) });
});

test('resolve() answers or throws MalformedInputError for sections with bytes changed', () => {
  const patch = fc.record({
    section: fc.constantFrom(...Object.keys(WRITTEN[0] ?? {})),
    at: fc.nat(),
    bytes: fc.oneof(
      fc.uint8Array({ minLength: 1, maxLength: 4 }),
      fc.constantFrom(
        [0xff, 0xff, 0xff, 0xff],
        [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x1f, 0],
        [0, 0, 0, 0],
        [0x80],
      ),
    ),
  });
  fc.assert(
    fc.property(
      fc.constantFrom(...WRITTEN),
      fc.array(patch, { minLength: 1, maxLength: 6 }),
      (files, patches) => {
        const changed = Object.fromEntries(
          Object.entries(files).map(([name, bytes]) => [name, Uint8Array.from(bytes)]),
        );
        for (const { section, at, bytes } of patches) {
          const target = changed[section];
          if (target === undefined) continue;
          const start = at % target.length;
          target.set(Array.from(bytes).slice(0, target.length - start), start);
        }
        askAll(changed);
      },
    ),
    cases(400),
  );
});

test('resolve() answers or throws MalformedInputError for random bytes', () => {
  const bytes = fc.uint8Array({ maxLength: 300 });
  fc.assert(
    fc.property(bytes, bytes, bytes, (info, abbrev, line) => {
      askAll({ '.debug_info': info, '.debug_abbrev': abbrev, '.debug_line': line });
    }),
    cases(200),
  );
});

test('resolve() refuses entries that all name one long list of ranges', () => {
  const list = new DwarfBytes();
  for (let index = 0; index < 6000; index += 1) list.u64(0x9000 + index).u64(0x9000);
  const function_: EntryToWrite = { tag: TAG.subprogram, attributes: [[AT.ranges, FORM.secOffset, 0]] };
  const children = Array.from({ length: 400 }, () => function_);
  const root = { tag: TAG.compileUnit, attributes: code(0x1000, 0x1000), children };
  const { info, abbrev } = writeUnits([{ version: 4, root }]);
  const files = { '.debug_info': info, '.debug_abbrev': abbrev, '.debug_ranges': list.u64(0).u64(0).done() };
  expect(() => openDebugInfo(sectionsOf(files)).resolve(0x1000)).toThrow(
    'one answer takes more than 134217728 bytes',
  );
});

test('resolve() refuses calls inlined into each other without end', () => {
  const nested = (depth: number): EntryToWrite => ({
    tag: depth === 300 ? TAG.subprogram : TAG.inlinedSubroutine,
    attributes: code(0x1000, 0x100),
    children: depth === 0 ? [] : [nested(depth - 1)],
  });
  const root = { tag: TAG.compileUnit, attributes: code(0x1000, 0x100), children: [nested(300)] };
  const { info, abbrev } = writeUnits([{ root }]);
  const files = { '.debug_info': info, '.debug_abbrev': abbrev };
  expect(() => openDebugInfo(sectionsOf(files)).resolve(0x1000)).toThrow('more than 256 inlined calls');
});

test('resolve() answers for many units that share one long table or line program', () => {
  const tables = new DwarfBytes();
  for (let index = 0; index < 20_000; index += 1) tables.uleb(index + 9).u8(TAG.namespace, 0, 0, 0);
  const root = {
    tag: TAG.compileUnit,
    attributes: [...code(0x1000, 0x1000), [AT.stmtList, FORM.secOffset, 0]],
  } as const;
  const { info } = writeUnits(Array.from({ length: 4000 }, () => ({ root })));
  // The abbreviation that every root entry names is the last one of a long table.
  const abbrev = tables.uleb(1).u8(TAG.compileUnit, 0, AT.lowPc, FORM.addr, AT.highPc, FORM.data4);
  abbrev.u8(AT.stmtList, FORM.secOffset, 0, 0, 0);
  const lines = writeLines({ opcodes: Array.from({ length: 30_000 }, () => LINE.advancePc(1)) });
  const codes = Uint8Array.from(info);
  for (let offset = 12; offset < codes.length; offset += 29) codes[offset] = 1;
  const files = { '.debug_info': codes, '.debug_abbrev': abbrev.done(), '.debug_line': lines };
  // The units that were read before the budget ended have no line there.
  expect(openDebugInfo(sectionsOf(files)).resolve(0x1000)).toEqual([]);
});
