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
  constAddPc: 8,
  fixedAdvancePc: 9,
} as const;

/** Extended opcodes, `DW_LNE_*`. */
const LNE = { endSequence: 1, setAddress: 2, defineFile: 3 } as const;

/** What an opcode led to. */
type Outcome = 'nothing' | 'row' | 'end';

/** Runs a line number program (DWARF 5, section 6.2): its registers are the current row. */
export class LineProgram implements LineState {
  readonly #header: LineHeader;
  readonly #cursor: SectionCursor;
  /** Files that the program itself defined, which DWARF 2 to 4 allow. */
  readonly definedFiles: LineFile[] = [];
  address = 0;
  operation = 0;
  file = 1;
  line = 1;
  column = 0;
  /** Whether the current row is the first address behind a sequence. */
  isEnd = false;

  constructor(section: PagedSection, header: LineHeader, from?: LineState) {
    this.#header = header;
    this.#cursor = new SectionCursor(section, from?.offset ?? header.programOffset, header.end);
    if (from === undefined) return;
    this.address = from.address;
    this.operation = from.operation;
    this.file = from.file;
    this.line = from.line;
    this.column = from.column;
  }

  get offset(): number {
    return this.#cursor.offset;
  }

  /** Moves to the next row; `false` at the end of the program. */
  next(): boolean {
    if (this.isEnd) this.#reset();
    while (!this.#cursor.atEnd) {
      const opcode = this.#cursor.u8();
      const outcome = opcode >= this.#header.opcodeBase ? this.#special(opcode) : this.#run(opcode);
      if (outcome === 'nothing') continue;
      this.isEnd = outcome === 'end';
      return true;
    }
    return false;
  }

  #reset(): void {
    this.address = 0;
    this.operation = 0;
    this.file = 1;
    this.line = 1;
    this.column = 0;
    this.isEnd = false;
  }

  #special(opcode: number): Outcome {
    const { opcodeBase, lineBase, lineRange } = this.#header;
    const adjusted = opcode - opcodeBase;
    this.#advance(Math.floor(adjusted / lineRange));
    this.line += lineBase + (adjusted % lineRange);
    return 'row';
  }

  #run(opcode: number): Outcome {
    const cursor = this.#cursor;
    switch (opcode) {
      case 0:
        return this.#extended();
      case LNS.copy:
        return 'row';
      case LNS.advancePc:
        this.#advance(cursor.uleb128());
        return 'nothing';
      case LNS.advanceLine:
        this.line += cursor.sleb128();
        return 'nothing';
      case LNS.setFile:
        this.file = cursor.uleb128();
        return 'nothing';
      case LNS.setColumn:
        this.column = cursor.uleb128();
        return 'nothing';
      case LNS.constAddPc:
        this.#advance(Math.floor((255 - this.#header.opcodeBase) / this.#header.lineRange));
        return 'nothing';
      case LNS.fixedAdvancePc:
        this.address += cursor.u16();
        this.operation = 0;
        return 'nothing';
      default:
        // Marks of rows that we do not use, and opcodes of a later version: the header says how long they are.
        for (let count = this.#header.operandCounts[opcode - 1] ?? 0; count > 0; count -= 1)
          cursor.skipLeb128();
        return 'nothing';
    }
  }

  #extended(): Outcome {
    const cursor = this.#cursor;
    const sizeBytes = cursor.uleb128();
    const end = cursor.offset + sizeBytes;
    if (sizeBytes === 0) return 'nothing';
    const opcode = cursor.u8();
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
    return opcode === LNE.endSequence ? 'end' : 'nothing';
  }

  /** Moves by operations, of which machines with long instruction words have several at one address. */
  #advance(operations: number): void {
    const { minInstructionLength, maxOperations } = this.#header;
    if (maxOperations === 1) {
      this.address += minInstructionLength * operations;
      return;
    }
    const moved = this.operation + operations;
    this.address += minInstructionLength * Math.floor(moved / maxOperations);
    this.operation = moved % maxOperations;
  }
}
