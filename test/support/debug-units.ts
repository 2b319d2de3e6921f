import {
  type DebugInfo,
  type DebugInfoOptions,
  openDebugInfo,
} from '../../src/dwarf/debug-info/debug-info.ts';
import { AT, FORM, TAG } from '../../src/dwarf/debug-info/dwarf-constants.ts';
import {
  type EntryToWrite,
  LINE,
  sectionsOf,
  type UnitToWrite,
  writeLines,
  writeUnits,
} from './dwarf-writer.ts';

/** What an entry says of itself. */
export type Attributes = NonNullable<EntryToWrite['attributes']>;

/** Lines 10 of `main.c` from 0x1000, 100 of `list.h` from 0x1100, 1 of `main.c` from 0x5000. */
export const LINES = writeLines({
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

/** Where the code of an entry is. */
export function code(low: number, sizeBytes: number): Attributes {
  return [
    [AT.lowPc, FORM.addr, low],
    [AT.highPc, FORM.data4, sizeBytes],
  ];
}

/** Attributes with a name before them. */
export function named(name: string, ...more: Attributes): Attributes {
  return [[AT.name, FORM.string, name], ...more];
}

/** The root entry of `/src/main.c`, whose line program is {@link LINES}. */
export function root(children: readonly EntryToWrite[], ...more: Attributes): EntryToWrite {
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
export function open(
  units: readonly UnitToWrite[],
  sections: Readonly<Record<string, Uint8Array>> = {},
  options: DebugInfoOptions = {},
): DebugInfo {
  const { info, abbrev } = writeUnits(units);
  const all = { '.debug_info': info, '.debug_abbrev': abbrev, '.debug_line': LINES, ...sections };
  return openDebugInfo(sectionsOf(all), options);
}

/** What is known of an address, in the form `name file:line`. */
export function shown(info: DebugInfo, address: number): readonly string[] {
  return info
    .resolve(address)
    .map(
      ({ name, linkageName, file, line }) => `${linkageName ?? name ?? '?'} ${file ?? '?'}:${line ?? '?'}`,
    );
}
