import { type LineFile, type LineHeader, readOldFile } from './line-header.ts';
import type { PagedSection } from './paged-section.ts';
import { SectionCursor } from './section-cursor.ts';

/** Where a machine can be set to, so that it goes on from there. */
export interface LineState {
  /** Where the next opcode is in `.debug_line`. */
  readonly offset: number;
  readonly address: number;
  readonly operation: number;
  readonly file: number;
  readonly line: number;
  readonly column: number;
}

/** Standard opcodes, `DW_LNS_*`. */
const LNS = {
  copy: 1,
  advancePc: 2,
  advanceLine: 3,
  setFile: 4,
  setColumn: 5,
  negateStatement: 6,
  constAddPc: 8,
  fixedAdvancePc: 9,
} as const;

/** Extended opcodes, `DW_LNE_*`. */
const LNE = { endSequence: 1, setAddress: 2, defineFile: 3 } as const;

/** What ended a run: as many rows as were wanted, the end of a sequence, or that of the program. */
type RunEnd = 'rows' | 'sequence' | 'program';

/** Runs a line number program (DWARF 5, section 6.2): its registers are the current row. */
export class LineProgram implements LineState {
  readonly #header: LineHeader;
  readonly #bytes: Uint8Array;
  /** Where the bytes begin in the section. */
  readonly #start: number;
  /** Reads what is longer than a byte; moved to where that is. */
  readonly #cursor: SectionCursor;
  /** Where the next opcode is in the bytes. */
  #at = 0;
  #isBehindSequence = false;
  /** Files that the program itself defined, which DWARF 2 to 4 allow. */
  readonly definedFiles: LineFile[] = [];
  address = 0;
  operation = 0;
  file = 1;
  line = 1;
  column = 0;

  /**
   * @param from where to go on; left out, the program runs from its beginning
   * @param end the offset of the section up to which it runs
   */
  constructor(section: PagedSection, header: LineHeader, from?: LineState, end = header.end) {
    this.#header = header;
    this.#start = from?.offset ?? header.programOffset;
    const sizeBytes = end - this.#start;
    this.#bytes = section.bytesFrom(this.#start, sizeBytes).subarray(0, sizeBytes);
    this.#cursor = new SectionCursor(section, this.#start, end);
    if (from === undefined) return;
    this.address = from.address;
    this.operation = from.operation;
    this.file = from.file;
    this.line = from.line;
    this.column = from.column;
  }

  get offset(): number {
    return this.#start + this.#at;
  }

  /**
   * Goes on until so many rows more are made, or a sequence ends: the address is then the first one behind it. A loop
   * without calls for what programs consist of, since a first answer is over before V8 has compiled the code for it:
   * with a cursor for each byte and a method for each kind of opcode line tables took 1.5 times as many instructions.
   */
  // biome-ignore lint/complexity/noExcessiveCognitiveComplexity: see above
  run(maxRows: number): RunEnd {
    if (this.#isBehindSequence) this.#reset();
    const bytes = this.#bytes;
    const { length } = bytes;
    const { opcodeBase, lineBase, lineRange, minInstructionLength, maxOperations } = this.#header;
    let { address, line, column } = this;
    let at = this.#at;
    let rows = 0;
    while (rows < maxRows && at < length) {
      const opcode = bytes[at] ?? 0;
      at += 1;
      let operations = 0;
      if (opcode >= opcodeBase) {
        operations = ((opcode - opcodeBase) / lineRange) | 0;
        line += lineBase + opcode - opcodeBase - operations * lineRange;
        rows += 1;
      } else if (opcode === LNS.copy) rows += 1;
      else if (opcode !== LNS.negateStatement) {
        const operand = bytes[at] ?? 0;
        const second = operand < 0x80 ? 0 : (bytes[at + 1] ?? 0);
        if (opcode < LNS.advancePc || opcode > LNS.setColumn || second >= 0x80) {
          this.#at = at;
          this.address = address;
          this.line = line;
          this.column = column;
          if (opcode === 0) this.#extended();
          else operations = this.#standard(opcode);
          if (this.#isBehindSequence) return 'sequence';
          ({ address, line, column } = this);
          at = this.#at;
        } else {
          // LEB128 of one or two bytes.
          const value = operand < 0x80 ? operand : operand - 0x80 + second * 0x80;
          at += operand < 0x80 ? 1 : 2;
          if (opcode === LNS.setColumn) column = value;
          else if (opcode === LNS.advancePc) operations = value;
          else if (opcode === LNS.setFile) this.file = value;
          else if (operand < 0x80) line += value < 0x40 ? value : value - 0x80;
          else line += value < 0x2000 ? value : value - 0x4000;
        }
      }
      if (operations === 0) continue;
      if (maxOperations === 1) address += minInstructionLength * operations;
      else address = this.#advanced(address, operations);
    }
    if (at > length) throw this.#cursor.fail('the last opcode is cut off');
    this.#at = at;
    this.address = address;
    this.line = line;
    this.column = column;
    return rows === maxRows ? 'rows' : 'program';
  }

  #reset(): void {
    this.address = 0;
    this.operation = 0;
    this.file = 1;
    this.line = 1;
    this.column = 0;
    this.#isBehindSequence = false;
  }

  /** Runs an opcode whose operands come next, and tells by how many operations it moves. */
  #standard(opcode: number): number {
    const cursor = this.#cursor;
    cursor.seek(this.offset);
    let operations = 0;
    switch (opcode) {
      case LNS.advancePc:
        operations = cursor.uleb128();
        break;
      case LNS.advanceLine:
        this.line += cursor.sleb128();
        break;
      case LNS.setFile:
        this.file = cursor.uleb128();
        break;
      case LNS.setColumn:
        this.column = cursor.uleb128();
        break;
      case LNS.constAddPc:
        operations = Math.floor((255 - this.#header.opcodeBase) / this.#header.lineRange);
        break;
      case LNS.fixedAdvancePc:
        this.address += cursor.u16();
        this.operation = 0;
        break;
      default:
        // Marks of rows that we do not use, and opcodes of a later version: the header says how long they are.
        for (let count = this.#header.operandCounts[opcode - 1] ?? 0; count > 0; count -= 1)
          cursor.skipLeb128();
    }
    this.#at = cursor.offset - this.#start;
    return operations;
  }

  #extended(): void {
    const cursor = this.#cursor;
    cursor.seek(this.offset);
    const sizeBytes = cursor.uleb128();
    const end = cursor.offset + sizeBytes;
    const opcode = sizeBytes === 0 ? 0 : cursor.u8();
    if (opcode === LNE.setAddress) {
      this.address = cursor.unsigned(sizeBytes - 1);
      this.operation = 0;
    } else if (opcode === LNE.defineFile) {
      const file = readOldFile(cursor);
      if (file !== undefined) this.definedFiles.push(file);
      // Opcodes could otherwise all read the same long name.
      if (cursor.offset > end) throw cursor.fail('a file is defined beyond its opcode');
    }
    cursor.seek(end);
    this.#at = end - this.#start;
    this.#isBehindSequence = opcode === LNE.endSequence;
  }

  /** The address so many operations further on, of which long instruction words have several at one address. */
  #advanced(address: number, operations: number): number {
    const { minInstructionLength, maxOperations } = this.#header;
    const moved = this.operation + operations;
    this.operation = moved % maxOperations;
    return address + minInstructionLength * Math.floor(moved / maxOperations);
  }
}
