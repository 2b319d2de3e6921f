import { WORD_BYTES, wordStart } from '../../base/address.ts';
import type { RangeReader } from '../../base/ports.ts';
import type { Layout } from '../layouts/layout.ts';
import { wordAt } from './words.ts';

/** What tells a code object from another that came to lie at its address: pointers, and what they point to. */
export interface CodeStamp {
  readonly filename: number;
  readonly name: number;
  readonly lineTable: number;
  readonly firstLine: number;
  // What the pointers lead to: the next code object's strings may lie where those of the last one were freed.
  readonly nameLength: number;
  readonly nameHash: number;
  readonly filenameLength: number;
  /** Two words at the end of the file name, where names differ, as far as it is ASCII. */
  readonly filenameEnd: readonly [number, number];
  readonly lineTableBytes: number;
}

/** A code object as it was when its stamp was taken. */
export interface StampedCode {
  readonly address: number;
  readonly stamp: CodeStamp;
}

/** Where in the buffer the parts of a stamp will be. */
interface StampPlan {
  readonly references: number;
  readonly header: number;
  readonly name: number;
  readonly filename: number;
  readonly filenameEnd: number;
  readonly lineTable: number;
}

/** What must be known of a code object to read its stamp in one call. */
type StampPlaces = Pick<CodeStamp, 'name' | 'filename' | 'filenameLength' | 'lineTable'>;

/** Reads the stamps of code objects: of many in one call, since they are compared again and again. */
export class CodeStamps {
  readonly #reader: RangeReader;
  readonly #code: Layout['code'];
  /** Of a string: its length, and behind it the hash. */
  readonly #length: number;
  readonly #text: number;
  readonly #bytesSize: number;
  /** Whether objects begin with a count of references; in free-threaded builds they do not. */
  readonly #hasCount: boolean;
  readonly #from: number;
  readonly #sizeBytes: number;

  constructor({ code, unicode, bytes, object }: Layout, reader: RangeReader) {
    this.#hasCount = object.type === WORD_BYTES;
    this.#reader = reader;
    this.#code = code;
    this.#length = unicode?.length ?? bytes.size;
    this.#text = unicode?.asciiData ?? bytes.data;
    this.#bytesSize = bytes.size;
    const members = [code.filename, code.name, code.lineTable, code.firstLine];
    this.#from = wordStart(Math.min(...members));
    this.#sizeBytes = wordStart(Math.max(...members)) + WORD_BYTES - this.#from;
  }

  /** Reads the stamp of a code object for the first time; `undefined` where there is none. */
  read(address: number): CodeStamp | undefined {
    const reader = this.#reader;
    reader.clear();
    const header = reader.plan(address + this.#from, this.#sizeBytes) - this.#from;
    if (reader.fill() < reader.plannedBytes) return undefined;
    const [name, filename, lineTable] = [this.#code.name, this.#code.filename, this.#code.lineTable].map(
      (member) => wordAt(reader.words, header + member),
    );
    if (name === undefined || filename === undefined || lineTable === undefined) return undefined;
    reader.clear();
    reader.plan(filename + this.#length, WORD_BYTES);
    if (reader.fill() < reader.plannedBytes) return undefined;
    const filenameLength = wordAt(reader.words, 0);
    reader.clear();
    const plan = this.#plan(address, { name, filename, filenameLength, lineTable });
    return reader.fill() < reader.plannedBytes ? undefined : this.#stampAt(plan);
  }

  /** Tells which of these code objects are others now, or gone. */
  findChanged<Stamped extends StampedCode>(codes: readonly Stamped[]): readonly Stamped[] {
    const reader = this.#reader;
    reader.clear();
    const plans = codes.map(({ address, stamp }) => this.#plan(address, stamp));
    // Where one cannot be read, nothing is known of those behind it: all of them are read anew.
    if (reader.fill() < reader.plannedBytes) return codes;
    return codes.filter(({ stamp }, at) => {
      const plan = plans[at];
      const now = plan === undefined ? undefined : this.#stampAt(plan);
      return now === undefined || !areEqual(now, stamp);
    });
  }

  #plan(address: number, { name, filename, filenameLength, lineTable }: StampPlaces): StampPlan {
    const reader = this.#reader;
    const end = filename + this.#text + wordStart(Math.max(0, filenameLength - WORD_BYTES));
    return {
      references: reader.plan(address, WORD_BYTES),
      header: reader.plan(address + this.#from, this.#sizeBytes) - this.#from,
      name: reader.plan(name + this.#length, 2 * WORD_BYTES),
      filename: reader.plan(filename + this.#length, WORD_BYTES),
      filenameEnd: reader.plan(end, 2 * WORD_BYTES),
      lineTable: reader.plan(lineTable + this.#bytesSize, WORD_BYTES),
    };
  }

  /** `undefined` for memory that was freed, which mostly still looks like the code object that it was. */
  #stampAt({ references, header, name, filename, filenameEnd, lineTable }: StampPlan): CodeStamp | undefined {
    const { words } = this.#reader;
    if (this.#hasCount && !isReferenceCount(words[references >>> 2] ?? 0, words[(references >>> 2) + 1] ?? 0))
      return undefined;
    const code = this.#code;
    return {
      filename: wordAt(words, header + code.filename),
      name: wordAt(words, header + code.name),
      lineTable: wordAt(words, header + code.lineTable),
      firstLine: words[(header + code.firstLine) >>> 2] ?? 0,
      nameLength: wordAt(words, name),
      nameHash: wordAt(words, name + WORD_BYTES),
      filenameLength: wordAt(words, filename),
      filenameEnd: [wordAt(words, filenameEnd), wordAt(words, filenameEnd + WORD_BYTES)],
      lineTableBytes: wordAt(words, lineTable),
    };
  }
}

function areEqual(a: CodeStamp, b: CodeStamp): boolean {
  return (
    a.filename === b.filename &&
    a.name === b.name &&
    a.lineTable === b.lineTable &&
    a.firstLine === b.firstLine &&
    a.nameLength === b.nameLength &&
    a.nameHash === b.nameHash &&
    a.filenameLength === b.filenameLength &&
    a.filenameEnd[0] === b.filenameEnd[0] &&
    a.filenameEnd[1] === b.filenameEnd[1] &&
    a.lineTableBytes === b.lineTableBytes
  );
}

/** No code object has more references, but for those of frozen modules (near 999,999,999 in 3.11) and immortal ones (near 2^32, 3.12+). */
const MOST_REFERENCES = 2 ** 24;
const LEAST_IMMORTAL = 900_000_000;
/** The upper halves of pointers, which allocators put in the place of the count of what was freed. */
const LEAST_UPPER_HALF = 0x1000;
const MOST_UPPER_HALF = 0xffff;

function isReferenceCount(low: number, high: number): boolean {
  const isCount = (low > 0 && low < MOST_REFERENCES) || low >= LEAST_IMMORTAL;
  return isCount && !(high >= LEAST_UPPER_HALF && high <= MOST_UPPER_HALF);
}
