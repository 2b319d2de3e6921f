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
const ROWS_PER_STATE = 64;

const STATE_FIELDS = 6;

/** A run of rows with growing addresses: the number of its first state, and how many states it has. */
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
  readonly #states: Float64Array;

  constructor(file: DebugFile, section: PagedSection, header: LineHeader) {
    const ranges = new RangeList();
    const sequences: Sequence[] = [];
    const program = new LineProgram(section, header);
    const states: number[] = [];
    let rows = 0;
    let firstState = 0;
    while (program.next()) {
      if (program.isEnd) {
        const start = states[firstState * STATE_FIELDS + 1];
        const stateCount = states.length / STATE_FIELDS - firstState;
        if (start !== undefined && stateCount > 0) {
          ranges.add(start, program.address, sequences.length);
          sequences.push({ firstState, stateCount });
        }
        firstState = states.length / STATE_FIELDS;
        rows = 0;
      } else {
        if (rows % ROWS_PER_STATE === 0) pushState(states, program);
        rows += 1;
      }
    }
    this.#file = file;
    this.#section = section;
    this.#header = { ...header, files: [...header.files, ...program.definedFiles] };
    this.#ranges = new RangeIndex(ranges);
    this.#sequences = sequences;
    this.#states = Float64Array.from(states);
  }

  get sizeBytes(): number {
    const sequenceBytes = this.#sequences.length * 48;
    return lineHeaderBytes(this.#header) + this.#ranges.sizeBytes + this.#states.byteLength + sequenceBytes;
  }

  /** The place that an address came from; `undefined` for an address that no sequence holds. */
  find(address: number, compilationDirectory: string | undefined): SourcePlace | undefined {
    const [number] = this.#ranges.find(address);
    const sequence = number === undefined ? undefined : this.#sequences[number];
    if (sequence === undefined) return undefined;
    const program = new LineProgram(this.#section, this.#header, this.#stateBefore(sequence, address));
    let { file, line, column } = program;
    while (program.next() && program.address <= address && !program.isEnd) ({ file, line, column } = program);
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

  /** The last state of a sequence whose row is not behind an address. */
  #stateBefore({ firstState, stateCount }: Sequence, address: number): LineState {
    let low = firstState;
    let high = firstState + stateCount;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.#field(middle, 1) <= address) low = middle;
      else high = middle;
    }
    return {
      offset: this.#field(low, 0),
      address: this.#field(low, 1),
      operation: this.#field(low, 2),
      file: this.#field(low, 3),
      line: this.#field(low, 4),
      column: this.#field(low, 5),
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
