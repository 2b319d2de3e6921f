import type { DebugFile } from './debug-file.ts';
import { filePathOf, type LineHeader, lineHeaderBytes, readLineHeader } from './line-header.ts';
import { LineProgram, type LineState } from './line-program.ts';
import type { PagedSection } from './paged-section.ts';
import { RangeIndex, RangeList } from './range-index.ts';

/** A place in a source file. */
export interface SourcePlace {
  readonly file: string | undefined;
  /** From 1 on; `undefined` where the compiler knew none. */
  readonly line: number | undefined;
  /** From 1 on. */
  readonly column: number | undefined;
}

/** A search runs through so many rows at most, and a table keeps one state for each. */
const ROWS_PER_STATE = 256;

const STATE_FIELDS = 6;

/**
 * A run of rows with growing addresses: the number of its first state, and how many states it has, besides one behind
 * its end.
 */
interface Sequence {
  readonly firstState: number;
  readonly stateCount: number;
}

/**
 * The line table of a unit. The program ran once to find its sequences and a state every {@link ROWS_PER_STATE} rows;
 * a search goes on from the state before the address, so that no row is kept.
 */
export class LineTable {
  readonly #file: DebugFile;
  readonly #section: PagedSection;
  readonly #header: LineHeader;
  readonly #ranges: RangeIndex;
  readonly #sequences: readonly Sequence[];
  readonly #states: readonly number[];

  constructor(file: DebugFile, section: PagedSection, header: LineHeader) {
    const ranges = new RangeList();
    const sequences: Sequence[] = [];
    const program = new LineProgram(section, header);
    const states: number[] = [];
    let firstState = 0;
    let end = program.run(1);
    while (end !== 'program') {
      pushState(states, program);
      if (end === 'rows') {
        end = program.run(ROWS_PER_STATE);
        continue;
      }
      const stateCount = states.length / STATE_FIELDS - 1 - firstState;
      const start = states[firstState * STATE_FIELDS + 1] ?? 0;
      if (stateCount > 0) {
        ranges.add(start, program.address, sequences.length);
        sequences.push({ firstState, stateCount });
      }
      firstState = states.length / STATE_FIELDS;
      end = program.run(1);
    }
    this.#file = file;
    this.#section = section;
    this.#header = { ...header, files: [...header.files, ...program.definedFiles] };
    this.#ranges = new RangeIndex(ranges);
    this.#sequences = sequences;
    this.#states = states;
  }

  get sizeBytes(): number {
    const sequenceBytes = this.#sequences.length * 48;
    return lineHeaderBytes(this.#header) + this.#ranges.sizeBytes + 8 * this.#states.length + sequenceBytes;
  }

  /** The place that an address came from; `undefined` for an address that no sequence holds. */
  find(address: number, compilationDirectory: string | undefined): SourcePlace | undefined {
    const [number] = this.#ranges.find(address);
    const sequence = number === undefined ? undefined : this.#sequences[number];
    if (sequence === undefined) return undefined;
    const state = this.#lastBefore(sequence, address);
    // The address before the end of the next state's opcodes lies in this one.
    const end = this.#field(state + 1, 0);
    const program = new LineProgram(this.#section, this.#header, this.#stateAt(state), end);
    let { file, line, column } = program;
    while (program.run(1) === 'rows' && program.address <= address) ({ file, line, column } = program);
    return {
      file: this.path(file, compilationDirectory),
      line: line > 0 ? line : undefined,
      column: column > 0 ? column : undefined,
    };
  }

  /** The path of a file by its number in this table. */
  path(index: number, compilationDirectory: string | undefined): string | undefined {
    return filePathOf(this.#file, this.#header, index, compilationDirectory);
  }

  /** The number of the last state of a sequence whose row is not behind an address. */
  #lastBefore({ firstState, stateCount }: Sequence, address: number): number {
    let low = firstState;
    let high = firstState + stateCount;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#field(middle, 1) <= address) low = middle;
      else high = middle;
    }
    return low;
  }

  #stateAt(state: number): LineState {
    return {
      offset: this.#field(state, 0),
      address: this.#field(state, 1),
      operation: this.#field(state, 2),
      file: this.#field(state, 3),
      line: this.#field(state, 4),
      column: this.#field(state, 5),
    };
  }

  #field(state: number, field: number): number {
    return this.#states[state * STATE_FIELDS + field] ?? 0;
  }
}

function pushState(states: number[], program: LineProgram): void {
  states.push(program.offset, program.address, program.operation, program.file, program.line, program.column);
}

/** Reads the line table at an offset of `.debug_line`; `undefined` where there is none that we can read. */
export function readLineTable(file: DebugFile, offset: number): LineTable | undefined {
  const section = file.section('line');
  const header = readLineHeader(file, offset);
  if (section === undefined || header === undefined) return undefined;
  file.budget.spend(header.end - offset, section, offset);
  return new LineTable(file, section, header);
}
