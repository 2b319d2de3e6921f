import type { DebugSections } from '../../src/dwarf/debug-info/debug-sections.ts';
import { FORM } from '../../src/dwarf/debug-info/dwarf-constants.ts';

/** Bytes that are written one value after the other, little-endian. */
export class DwarfBytes {
  readonly #bytes: number[] = [];

  get length(): number {
    return this.#bytes.length;
  }

  unsigned(value: number | bigint, sizeBytes: number): this {
    for (let index = 0n; index < sizeBytes; index += 1n)
      this.#bytes.push(Number((BigInt(value) >> (8n * index)) & 0xffn));
    return this;
  }

  u8(...values: readonly number[]): this {
    for (const value of values) this.unsigned(value, 1);
    return this;
  }

  u16(value: number): this {
    return this.unsigned(value, 2);
  }

  u32(value: number): this {
    return this.unsigned(value, 4);
  }

  u64(value: number | bigint): this {
    return this.unsigned(value, 8);
  }

  uleb(value: number | bigint): this {
    let rest = BigInt(value);
    for (; rest >= 0x80n; rest >>= 7n) this.#bytes.push(Number(rest & 0x7fn) | 0x80);
    this.#bytes.push(Number(rest));
    return this;
  }

  sleb(value: number): this {
    let rest = BigInt(value);
    for (; rest < -64n || rest > 63n; rest >>= 7n) this.#bytes.push(Number(rest & 0x7fn) | 0x80);
    this.#bytes.push(Number(rest & 0x7fn));
    return this;
  }

  text(value: string): this {
    return this.bytes(Buffer.from(`${value}\0`));
  }

  bytes(values: Iterable<number>): this {
    for (const value of values) this.#bytes.push(value);
    return this;
  }

  /** Writes over what is there already. */
  patch(offset: number, value: number, sizeBytes: number): void {
    new DwarfBytes().unsigned(value, sizeBytes).#bytes.forEach((byte, index) => {
      this.#bytes[offset + index] = byte;
    });
  }

  done(): Uint8Array {
    return Uint8Array.from(this.#bytes);
  }
}

/** A value: a number, a text for `DW_FORM_string`, bytes for blocks, or the label of the entry that is meant. */
export type ValueToWrite = number | bigint | string | Uint8Array | { readonly to: string };

/** An entry to write; numbers are those of DWARF. */
export interface EntryToWrite {
  readonly tag: number;
  readonly attributes?: readonly (readonly [name: number, form: number, value: ValueToWrite])[];
  readonly children?: readonly EntryToWrite[];
  /** What others call it that refer to it. */
  readonly label?: string;
}

/** A unit to write. */
export interface UnitToWrite {
  /** 5 when left out. */
  readonly version?: number;
  /** 64-bit DWARF. */
  readonly is64?: boolean;
  /** `DW_UT_*`; 1 when left out. */
  readonly unitType?: number;
  readonly dwoId?: bigint;
  readonly root: EntryToWrite;
}

/** What was written of units. */
export interface WrittenUnits {
  readonly info: Uint8Array;
  readonly abbrev: Uint8Array;
  /** Where units begin. */
  readonly offsets: readonly number[];
  /** Where entries with a label are. */
  readonly labels: ReadonlyMap<string, number>;
}

/** Writes units with an abbreviation for each entry; references may go anywhere. */
export function writeUnits(units: readonly UnitToWrite[]): WrittenUnits {
  const writer = new UnitWriter();
  const offsets = units.map((unit) => writer.unit(unit));
  return writer.finish(offsets);
}

class UnitWriter {
  readonly #info = new DwarfBytes();
  readonly #abbrev = new DwarfBytes();
  readonly #labels = new Map<string, number>();
  readonly #patches: { offset: number; sizeBytes: number; to: string; from: number }[] = [];
  #nextCode = 1;

  unit({ version = 5, is64 = false, unitType = 1, dwoId, root }: UnitToWrite): number {
    const info = this.#info;
    const start = info.length;
    const offsetBytes = is64 ? 8 : 4;
    if (is64) info.u32(0xffff_ffff);
    const lengthAt = info.length;
    info.unsigned(0, offsetBytes).u16(version);
    if (version >= 5) info.u8(unitType, 8).unsigned(0, offsetBytes);
    else info.unsigned(0, offsetBytes).u8(8);
    if (dwoId !== undefined) info.u64(dwoId);
    this.#entry(root, { start, version, offsetBytes });
    info.patch(lengthAt, info.length - lengthAt - offsetBytes, offsetBytes);
    return start;
  }

  finish(offsets: readonly number[]): WrittenUnits {
    for (const { offset, sizeBytes, to, from } of this.#patches) {
      const target = this.#labels.get(to);
      if (target === undefined) throw new RangeError(`Cannot refer to ${to}: no entry has that label`);
      this.#info.patch(offset, target - from, sizeBytes);
    }
    this.#abbrev.u8(0);
    return { info: this.#info.done(), abbrev: this.#abbrev.done(), offsets, labels: this.#labels };
  }

  #entry({ tag, attributes = [], children = [], label }: EntryToWrite, unit: UnitShape): void {
    if (label !== undefined) this.#labels.set(label, this.#info.length);
    const code = this.#nextCode;
    this.#nextCode += 1;
    this.#info.uleb(code);
    this.#abbrev
      .uleb(code)
      .uleb(tag)
      .u8(children.length > 0 ? 1 : 0);
    for (const [name, form, value] of attributes) {
      this.#abbrev.uleb(name).uleb(form);
      if (form === FORM.implicitConst) this.#abbrev.sleb(Number(value));
      else this.#value(form, value, unit);
    }
    this.#abbrev.u8(0, 0);
    for (const child of children) this.#entry(child, unit);
    if (children.length > 0) this.#info.u8(0);
  }

  #value(form: number, value: ValueToWrite, unit: UnitShape): void {
    const info = this.#info;
    if (typeof value === 'string') info.text(value);
    else if (value instanceof Uint8Array) info.uleb(value.length).bytes(value);
    else if (typeof value === 'object') {
      const isOfUnit = form === FORM.ref4;
      const sizeBytes = isOfUnit ? 4 : unit.offsetBytes;
      const from = isOfUnit ? unit.start : 0;
      this.#patches.push({ offset: info.length, sizeBytes, to: value.to, from });
      info.unsigned(0, sizeBytes);
    } else writeNumber(info, form, { value, offsetBytes: unit.offsetBytes });
  }
}

interface UnitShape {
  readonly start: number;
  readonly version: number;
  readonly offsetBytes: 4 | 8;
}

const FIXED_BYTES: Readonly<Record<number, number>> = {
  [FORM.addr]: 8,
  [FORM.data1]: 1,
  [FORM.data2]: 2,
  [FORM.data4]: 4,
  [FORM.data8]: 8,
  [FORM.data16]: 16,
  [FORM.flag]: 1,
  [FORM.flagPresent]: 0,
  [FORM.ref1]: 1,
  [FORM.ref2]: 2,
  [FORM.ref4]: 4,
  [FORM.ref8]: 8,
  [FORM.refSig8]: 8,
  [FORM.refSup4]: 4,
  [FORM.strx1]: 1,
  [FORM.strx2]: 2,
  [FORM.strx3]: 3,
  [FORM.strx4]: 4,
  [FORM.addrx1]: 1,
  [FORM.addrx2]: 2,
  [FORM.addrx3]: 3,
  [FORM.addrx4]: 4,
};

const OFFSET_FORMS: ReadonlySet<number> = new Set<number>([
  FORM.strp,
  FORM.secOffset,
  FORM.lineStrp,
  FORM.strpSup,
  FORM.gnuStrpAlt,
  FORM.gnuRefAlt,
  FORM.refAddr,
]);

function writeNumber(
  info: DwarfBytes,
  form: number,
  { value, offsetBytes }: { readonly value: number | bigint; readonly offsetBytes: number },
): void {
  const fixed = OFFSET_FORMS.has(form) ? offsetBytes : FIXED_BYTES[form];
  if (fixed !== undefined) info.unsigned(value, fixed);
  else if (form === FORM.sdata) info.sleb(Number(value));
  else info.uleb(value);
}

/** A line program to write. */
export interface LinesToWrite {
  /** 5 when left out. */
  readonly version?: number;
  readonly is64?: boolean;
  readonly minInstructionLength?: number;
  readonly maxOperations?: number;
  readonly lineRange?: number;
  /** 13 when left out. */
  readonly opcodeBase?: number;
  readonly directories?: readonly string[];
  readonly files?: readonly (readonly [name: string, directory: number])[];
  readonly opcodes: readonly (readonly number[])[];
}

/** Operands of the standard opcodes 1 to 12. */
const OPERANDS = [0, 1, 1, 1, 1, 0, 0, 0, 1, 0, 0, 1];
const LINE_BASE = -5;

/** Writes a line program; line base is -5 and line range 14, as gcc has them. */
export function writeLines(lines: LinesToWrite): Uint8Array {
  const { version = 5, is64 = false, opcodeBase = 13, lineRange = 14 } = lines;
  const offsetBytes = is64 ? 8 : 4;
  const rest = new DwarfBytes().u8(lines.minInstructionLength ?? 1);
  if (version >= 4) rest.u8(lines.maxOperations ?? 1);
  rest.u8(1, LINE_BASE & 0xff, lineRange, opcodeBase);
  rest.u8(...Array.from({ length: opcodeBase - 1 }, (_, index) => OPERANDS[index] ?? 1));
  writeFileTables(rest, version, lines);
  const program = new DwarfBytes();
  for (const opcode of lines.opcodes) program.bytes(opcode);
  const unit = new DwarfBytes().u16(version);
  if (version >= 5) unit.u8(8, 0);
  unit.unsigned(rest.length, offsetBytes).bytes(rest.done()).bytes(program.done());
  const whole = new DwarfBytes();
  if (is64) whole.u32(0xffff_ffff);
  return whole.unsigned(unit.length, offsetBytes).bytes(unit.done()).done();
}

function writeFileTables(bytes: DwarfBytes, version: number, lines: LinesToWrite): void {
  const { directories = [], files = [] } = lines;
  if (version >= 5) {
    bytes.u8(1).uleb(1).uleb(FORM.string).uleb(directories.length);
    for (const directory of directories) bytes.text(directory);
    // Path, directory, and a checksum (DW_LNCT_MD5) as clang writes it.
    bytes
      .u8(3)
      .uleb(1)
      .uleb(FORM.string)
      .uleb(2)
      .uleb(FORM.udata)
      .uleb(5)
      .uleb(FORM.data16)
      .uleb(files.length);
    for (const [name, directory] of files) bytes.text(name).uleb(directory).unsigned(0xabc, 16);
    return;
  }
  for (const directory of directories) bytes.text(directory);
  bytes.u8(0);
  for (const [name, directory] of files) bytes.text(name).uleb(directory).uleb(0).uleb(0);
  bytes.u8(0);
}

/** The opcodes of a line program. */
export const LINE = {
  setAddress: (address: number | bigint): readonly number[] => [
    0,
    9,
    2,
    ...new DwarfBytes().u64(address).done(),
  ],
  endSequence: (): readonly number[] => [0, 1, 1],
  defineFile: (name: string, directory: number): readonly number[] => {
    const file = new DwarfBytes().text(name).uleb(directory).uleb(0).uleb(0).done();
    return [0, ...new DwarfBytes().uleb(file.length + 1).done(), 3, ...file];
  },
  copy: (): readonly number[] => [1],
  advancePc: (operations: number): readonly number[] => [2, ...new DwarfBytes().uleb(operations).done()],
  advanceLine: (lines: number): readonly number[] => [3, ...new DwarfBytes().sleb(lines).done()],
  setFile: (file: number): readonly number[] => [4, ...new DwarfBytes().uleb(file).done()],
  setColumn: (column: number): readonly number[] => [5, ...new DwarfBytes().uleb(column).done()],
  constAddPc: (): readonly number[] => [8],
  fixedAdvancePc: (bytes: number): readonly number[] => [9, bytes & 0xff, bytes >> 8],
  /** A special opcode of a table with 14 lines and opcodes from 13 on. */
  special: (operations: number, lines: number): readonly number[] => [
    lines - LINE_BASE + 14 * operations + 13,
  ],
} as const;

/** A file of debugging information that has these sections; a section is read in parts as one of a file would be. */
export function sectionsOf(
  sections: Readonly<Record<string, Uint8Array>>,
  fileName = 'test.so',
): DebugSections {
  return {
    section(name) {
      const bytes = sections[name];
      if (bytes === undefined) return undefined;
      return {
        isCompressed: false,
        name: `${name} of ${fileName}`,
        sizeBytes: bytes.length,
        read: (offset, sizeBytes) => bytes.subarray(offset, offset + sizeBytes),
      };
    },
  };
}
