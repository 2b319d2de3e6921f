import { ByteCursor } from '../base/byte-cursor.ts';
import { MalformedInputError } from '../base/errors.ts';
import type { ByteSource } from '../base/ports.ts';
import { type FileRange, readRange } from './file-range.ts';
import type { ElfSection } from './section.ts';
import type { ElfSegment } from './segment.ts';
import type { SymbolTablePlace } from './symbol-table.ts';

/** Where the dynamic symbols lie, and the hash tables that lead to them. */
export interface DynamicSymbols {
  readonly place: SymbolTablePlace;
  readonly gnuHash: FileRange | undefined;
  readonly sysvHash: FileRange | undefined;
}

/** Finds the dynamic symbols through the section headers; `undefined` in a static or a separate debug file. */
export function dynamicSymbolsOfSections(
  source: ByteSource,
  sections: readonly ElfSection[],
): DynamicSymbols | undefined {
  const place = symbolTablePlace(source, sections, 'dynsym');
  if (place === undefined) return undefined;
  return {
    place,
    gnuHash: sections.find(({ type }) => type === 'gnu-hash'),
    sysvHash: sections.find(({ type }) => type === 'hash'),
  };
}

/** Finds the symbol table of one type, whose link names the section of its strings. */
export function symbolTablePlace(
  source: ByteSource,
  sections: readonly ElfSection[],
  type: 'dynsym' | 'symtab',
): SymbolTablePlace | undefined {
  const symbols = sections.find((section) => section.type === type);
  if (symbols === undefined) return undefined;
  const strings = sections[symbols.link];
  if (strings === undefined || strings.type === 'nobits') {
    const state = `names of ${symbols.name}, section ${symbols.link} of ${sections.length}, have no bytes`;
    throw new MalformedInputError(source.name, symbols.fileOffset, state);
  }
  return { name: `.${type}`, symbols, strings };
}

// d_tag values, System V ABI chapter 5, Dynamic Section; DT_GNU_HASH is glibc's elf/elf.h.
const DT_NULL = 0n;
const DT_HASH = 4n;
const DT_STRTAB = 5n;
const DT_SYMTAB = 6n;
const DT_STRSZ = 10n;
const DT_GNU_HASH = 0x6fff_fef5n;

/**
 * Finds the dynamic symbols as the loader does, through PT_DYNAMIC, for a file without section headers.
 * Nothing there says how many symbols there are: they end where their strings begin, which every linker puts
 * behind them, or else with their segment.
 */
export function dynamicSymbolsOfSegments(
  source: ByteSource,
  segments: readonly ElfSegment[],
): DynamicSymbols | undefined {
  const dynamic = segments.find(({ type }) => type === 'dynamic');
  if (dynamic === undefined) return undefined;
  const values = readDynamic(source, dynamic);
  const rangeOf = (tag: bigint): FileRange | undefined => fileRangeAt(segments, values.get(tag));
  const symbols = rangeOf(DT_SYMTAB);
  const strings = rangeOf(DT_STRTAB);
  if (symbols === undefined || strings === undefined) return undefined;
  const symbolsEnd = symbols.fileOffset + symbols.sizeBytes;
  const isStringsBehind = strings.fileOffset > symbols.fileOffset && strings.fileOffset < symbolsEnd;
  return {
    place: {
      name: '.dynsym',
      symbols: isStringsBehind
        ? { fileOffset: symbols.fileOffset, sizeBytes: strings.fileOffset - symbols.fileOffset }
        : symbols,
      strings: {
        ...strings,
        sizeBytes: Math.min(strings.sizeBytes, Number(values.get(DT_STRSZ) ?? Number.POSITIVE_INFINITY)),
      },
    },
    gnuHash: rangeOf(DT_GNU_HASH),
    sysvHash: rangeOf(DT_HASH),
  };
}

/** The first value of each tag; tags that come more than once name no table. */
function readDynamic(source: ByteSource, segment: ElfSegment): ReadonlyMap<bigint, bigint> {
  const range = { fileOffset: segment.fileOffset, sizeBytes: segment.fileSize };
  const cursor = new ByteCursor(
    readRange(source, range, 'dynamic segment'),
    `dynamic segment of ${source.name}`,
  );
  const values = new Map<bigint, bigint>();
  while (!cursor.atEnd) {
    const tag = cursor.u64();
    if (tag === DT_NULL) break;
    const value = cursor.u64();
    if (!values.has(tag)) values.set(tag, value);
  }
  return values;
}

/** From the place of an address in the file to the end of its segment there. */
function fileRangeAt(segments: readonly ElfSegment[], value: bigint | undefined): FileRange | undefined {
  if (value === undefined) return undefined;
  const address = Number(value);
  for (const { type, virtualAddress, fileOffset, fileSize } of segments) {
    const offset = address - virtualAddress;
    if (type !== 'load' || offset < 0 || offset >= fileSize) continue;
    return { fileOffset: fileOffset + offset, sizeBytes: fileSize - offset };
  }
  return undefined;
}
