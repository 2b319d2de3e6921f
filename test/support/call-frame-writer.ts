import { align } from './elf-tables.ts';
import { PT, type SectionToWrite, SHF, writeElf } from './elf-writer.ts';

/** An unsigned LEB128. */
export function uleb(value: number): readonly number[] {
  return value < 0x80 ? [value] : [(value % 0x80) + 0x80, ...uleb(Math.floor(value / 0x80))];
}

/** A signed LEB128. */
export function sleb(value: number): readonly number[] {
  const low = ((value % 0x80) + 0x80) % 0x80;
  const rest = Math.floor(value / 0x80);
  return (rest === 0 && low < 0x40) || (rest === -1 && low >= 0x40) ? [low] : [low + 0x80, ...sleb(rest)];
}

/** A number of so many bytes, little-endian, in two's complement. */
export function word(value: number | bigint, sizeBytes: number): readonly number[] {
  const bits = BigInt.asUintN(sizeBytes * 8, BigInt(value));
  return Array.from({ length: sizeBytes }, (_, index) => Number((bits >> BigInt(index * 8)) & 0xffn));
}

/** Bytes with their number before them, as expressions are written. */
function block(bytes: readonly number[]): readonly number[] {
  return [...uleb(bytes.length), ...bytes];
}

/** Call frame instructions under their DWARF names. */
export const CFA = {
  nop: () => [0],
  advance: (distance: number) => [0x40 + distance],
  advance1: (distance: number) => [2, ...word(distance, 1)],
  advance2: (distance: number) => [3, ...word(distance, 2)],
  advance4: (distance: number) => [4, ...word(distance, 4)],
  setLocation: (bytes: readonly number[]) => [1, ...bytes],
  offset: (register: number, factored: number) => [0x80 + register, ...uleb(factored)],
  offsetExtended: (register: number, factored: number) => [5, ...uleb(register), ...uleb(factored)],
  offsetExtendedSigned: (register: number, factored: number) => [17, ...uleb(register), ...sleb(factored)],
  negativeOffset: (register: number, factored: number) => [47, ...uleb(register), ...uleb(factored)],
  restore: (register: number) => [0xc0 + register],
  restoreExtended: (register: number) => [6, ...uleb(register)],
  undefinedRule: (register: number) => [7, ...uleb(register)],
  sameValue: (register: number) => [8, ...uleb(register)],
  register: (register: number, other: number) => [9, ...uleb(register), ...uleb(other)],
  rememberState: () => [10],
  restoreState: () => [11],
  defCfa: (register: number, offset: number) => [12, ...uleb(register), ...uleb(offset)],
  defCfaRegister: (register: number) => [13, ...uleb(register)],
  defCfaOffset: (offset: number) => [14, ...uleb(offset)],
  defCfaExpression: (bytes: readonly number[]) => [15, ...block(bytes)],
  expression: (register: number, bytes: readonly number[]) => [16, ...uleb(register), ...block(bytes)],
  defCfaSigned: (register: number, factored: number) => [18, ...uleb(register), ...sleb(factored)],
  defCfaOffsetSigned: (factored: number) => [19, ...sleb(factored)],
  valueOffset: (register: number, factored: number) => [20, ...uleb(register), ...uleb(factored)],
  valueOffsetSigned: (register: number, factored: number) => [21, ...uleb(register), ...sleb(factored)],
  valueExpression: (register: number, bytes: readonly number[]) => [22, ...uleb(register), ...block(bytes)],
  negateReturnAddressState: () => [45],
  argumentsSize: (sizeBytes: number) => [46, ...uleb(sizeBytes)],
} as const;

/** A CIE to write; what is left out is as gcc has it on x86-64. */
export interface CommonToWrite {
  readonly version?: number;
  readonly augmentation?: string;
  /** Behind its length where the augmentation begins with `z`; `eh` and version 4 have theirs in front. */
  readonly augmentationData?: readonly number[];
  readonly pointerEncoding?: number;
  readonly codeAlignment?: number;
  readonly dataAlignment?: number;
  readonly returnAddressRegister?: number;
  readonly instructions?: readonly number[];
}

/** An FDE to write. */
export interface FrameToWrite {
  /** Which of the CIEs it belongs to; the first when left out. */
  readonly common?: number;
  readonly start: number;
  readonly sizeBytes: number;
  readonly instructions?: readonly number[];
}

/** A section of call frame information to write. */
export interface FramesToWrite {
  readonly kind?: 'eh_frame' | 'debug_frame';
  readonly address?: number;
  readonly is64Bit?: boolean;
  readonly commons?: readonly CommonToWrite[];
  readonly frames: readonly FrameToWrite[];
  /** What DW_EH_PE_textrel and datarel are relative to. */
  readonly text?: number;
  readonly data?: number;
}

/** The bytes of a section, and where its FDEs begin in it. */
export interface WrittenFrames {
  readonly bytes: Uint8Array;
  readonly frameOffsets: readonly number[];
}

/** What gcc begins a function of x86-64 with: the CFA is rsp + 8, the return address lies below it. */
export const AT_ENTRY: readonly number[] = [...CFA.defCfa(7, 8), ...CFA.offset(16, 1)];

const PC_RELATIVE = 0x1b;

/** Writes CIEs and the FDEs that belong to them, one after the other. */
export function writeFrames(section: FramesToWrite): WrittenFrames {
  const { kind = 'eh_frame', is64Bit = false, address = 0, commons = [{}] } = section;
  const bytes: number[] = [];
  const lengthBytes = is64Bit ? 12 : 4;
  const wide = is64Bit && kind === 'debug_frame';
  const append = (
    pointer: number | bigint,
    content: (contentAddress: number) => readonly number[],
  ): number => {
    const offset = bytes.length;
    const headerBytes = lengthBytes + (wide ? 8 : 4);
    const body = [...word(pointer, wide ? 8 : 4), ...content(address + offset + headerBytes)];
    const padded = [...body, ...Array.from({ length: align(body.length, 4) - body.length }, () => 0)];
    bytes.push(...(is64Bit ? word(0xffff_ffff, 4) : []), ...word(padded.length, is64Bit ? 8 : 4), ...padded);
    return offset;
  };
  const commonOffsets = commons.map((common) =>
    append(kind === 'eh_frame' ? 0 : -1, () => commonBytes(common)),
  );
  const frameOffsets = section.frames.map((frame) => {
    const cieOffset = commonOffsets[frame.common ?? 0] ?? 0;
    const pointer = kind === 'eh_frame' ? bytes.length + lengthBytes - cieOffset : cieOffset;
    return append(pointer, (at) => frameBytes(frame, commons[frame.common ?? 0] ?? {}, { ...section, at }));
  });
  return { bytes: Uint8Array.from(kind === 'eh_frame' ? [...bytes, 0, 0, 0, 0] : bytes), frameOffsets };
}

function commonBytes(common: CommonToWrite): readonly number[] {
  const { version = 1, augmentation = 'zR', returnAddressRegister = 16 } = common;
  const data =
    common.augmentationData ?? (augmentation === 'zR' ? [common.pointerEncoding ?? PC_RELATIVE] : []);
  return [
    version,
    ...Buffer.from(`${augmentation}\0`),
    ...(augmentation === 'eh' ? word(0x1234, 8) : []),
    ...(version === 4 ? [8, 0] : []),
    ...uleb(common.codeAlignment ?? 1),
    ...sleb(common.dataAlignment ?? -8),
    ...(version === 1 ? [returnAddressRegister] : uleb(returnAddressRegister)),
    ...(augmentation.startsWith('z') ? block(data) : augmentation === 'eh' ? [] : data),
    ...(common.instructions ?? AT_ENTRY),
  ];
}

interface FramePlace extends Pick<FramesToWrite, 'text' | 'data'> {
  readonly at: number;
}

function frameBytes(frame: FrameToWrite, common: CommonToWrite, place: FramePlace): readonly number[] {
  const augmentation = common.augmentation ?? 'zR';
  const hasEncoding = augmentation.includes('R');
  const encoding = hasEncoding ? (common.pointerEncoding ?? PC_RELATIVE) : 0;
  return [
    ...encodedPointer(frame.start, encoding, place),
    ...encodedPointer(frame.sizeBytes, encoding & 0x0f, place),
    ...(augmentation.startsWith('z') ? [0] : []),
    ...(frame.instructions ?? []),
  ];
}

const SIZES: Readonly<Record<number, number>> = { 0: 8, 2: 2, 3: 4, 4: 8, 10: 2, 11: 4, 12: 8 };

/** A pointer in one of the encodings DW_EH_PE_…, to lie at `at`. */
function encodedPointer(value: number, encoding: number, place: FramePlace): readonly number[] {
  const kind = encoding & 0x70;
  const padding = kind === 0x50 ? align(place.at, 8) - place.at : 0;
  const base = { 16: place.at, 32: place.text, 48: place.data }[kind] ?? 0;
  const format = encoding & 0x0f;
  const relative = value - base;
  const number =
    format === 1 ? uleb(relative) : format === 9 ? sleb(relative) : word(relative, SIZES[format] ?? 8);
  return [...Array.from({ length: padding }, () => 0), ...number];
}

/** A search table to write. */
interface SearchTableToWrite {
  readonly address: number;
  readonly frameAddress: number;
  /** First address of the code, and address of the FDE. */
  readonly entries: readonly (readonly [start: number, entryAddress: number])[];
  /** Of the table; offsets from its start in 32 bits when left out. */
  readonly encoding?: number;
}

/** Writes an `.eh_frame_hdr`. */
function writeSearchTable({
  address,
  frameAddress,
  entries,
  encoding = 0x3b,
}: SearchTableToWrite): Uint8Array {
  const bytes = [1, PC_RELATIVE, 3, encoding];
  const append = (value: number, encodedAs: number): void => {
    bytes.push(...encodedPointer(value, encodedAs, { at: address + bytes.length, data: address }));
  };
  append(frameAddress, PC_RELATIVE);
  append(entries.length, 3);
  for (const pointer of entries.flat()) append(pointer, encoding);
  return Uint8Array.from(bytes);
}

/** A library to write, of which the code is left out. */
export interface FrameLibraryToWrite {
  readonly ehFrame?: FramesToWrite;
  readonly debugFrame?: FramesToWrite;
  /** Whether it has a search table, and of what encoding. */
  readonly searchTable?: boolean | number;
  readonly hasSectionHeaders?: boolean;
  readonly sections?: readonly SectionToWrite[];
}

const TABLE_ADDRESS = 0x20_0000;
const FRAME_ADDRESS = 0x20_8000;

/** Writes an ELF file with call frame information; a table of `.eh_frame` leads to the FDEs in order of their code. */
export function writeFrameLibrary(library: FrameLibraryToWrite): Uint8Array {
  const { ehFrame, debugFrame, searchTable = true } = library;
  const sections: SectionToWrite[] = [];
  const segments = [];
  if (ehFrame !== undefined) {
    const { bytes, frameOffsets } = writeFrames({ ...ehFrame, address: FRAME_ADDRESS });
    const entries = ehFrame.frames
      .map(({ start }, index) => [start, FRAME_ADDRESS + (frameOffsets[index] ?? 0)] as const)
      .sort(([one], [other]) => one - other);
    const table = writeSearchTable({
      address: TABLE_ADDRESS,
      frameAddress: FRAME_ADDRESS,
      entries,
      ...(typeof searchTable === 'number' ? { encoding: searchTable } : {}),
    });
    if (searchTable !== false) {
      sections.push({ name: '.eh_frame_hdr', address: TABLE_ADDRESS, bytes: table, flags: SHF.alloc });
      segments.push({ type: PT.gnuEhFrame, over: ['.eh_frame_hdr', '.eh_frame_hdr'] as const });
    }
    sections.push({ name: '.eh_frame', address: FRAME_ADDRESS, bytes, flags: SHF.alloc });
    segments.push({ type: PT.load, over: ['.eh_frame', '.eh_frame'] as const });
  }
  if (debugFrame !== undefined) {
    const { bytes } = writeFrames({ ...debugFrame, kind: 'debug_frame' });
    sections.push({ name: '.debug_frame', address: 0, bytes });
  }
  const { hasSectionHeaders = true } = library;
  return writeElf({ sections: [...sections, ...(library.sections ?? [])], segments, hasSectionHeaders });
}
