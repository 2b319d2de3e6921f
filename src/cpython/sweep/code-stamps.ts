import type { RangeReader } from '../../base/ports.ts';
import type { Layout } from '../layouts/layout.ts';
import { wordAt } from './words.ts';

const WORD_BYTES = 8;

/** What tells a code object from another that came to lie at its address: pointers, and what they point to. */
export interface CodeStamp {
  readonly filename: number;
  readonly name: number;
  readonly lineTable: number;
  readonly firstLine: number;
  /** Length and hash of the name: the next code object's name may lie where the last one's was freed. */
  readonly nameLength: number;
  readonly nameHash: number;
  readonly lineTableBytes: number;
}

/** A code object as it was when its stamp was taken. */
export interface StampedCode {
  readonly address: number;
  readonly stamp: CodeStamp;
}

/** Where in the buffer the parts of a stamp will be. */
interface StampPlan {
  readonly header: number;
  readonly name: number;
  readonly lineTable: number;
}

/** Reads the stamps of code objects: of many in one call, since they are compared again and again. */
export class CodeStamps {
  readonly #reader: RangeReader;
  readonly #code: Layout['code'];
  readonly #nameLength: number;
  readonly #bytesSize: number;
  readonly #from: number;
  readonly #sizeBytes: number;

  constructor({ code, unicode, bytes }: Layout, reader: RangeReader) {
    this.#reader = reader;
    this.#code = code;
    this.#nameLength = unicode?.length ?? bytes.size;
    this.#bytesSize = bytes.size;
    const members = [code.filename, code.name, code.lineTable, code.firstLine];
    this.#from = alignedDown(Math.min(...members));
    this.#sizeBytes = alignedDown(Math.max(...members)) + WORD_BYTES - this.#from;
  }

  /** Reads the stamp of a code object for the first time; `undefined` where there is none. */
  read(address: number): CodeStamp | undefined {
    const reader = this.#reader;
    reader.clear();
    const header = reader.plan(address + this.#from, this.#sizeBytes) - this.#from;
    if (reader.fill() < reader.plannedBytes) return undefined;
    const { words } = reader;
    const pointers = {
      name: wordAt(words, header + this.#code.name),
      lineTable: wordAt(words, header + this.#code.lineTable),
    };
    reader.clear();
    const plan = this.#plan(address, pointers);
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
      return plan === undefined || !areEqual(this.#stampAt(plan), stamp);
    });
  }

  #plan(address: number, { name, lineTable }: Pick<CodeStamp, 'name' | 'lineTable'>): StampPlan {
    const reader = this.#reader;
    return {
      header: reader.plan(address + this.#from, this.#sizeBytes) - this.#from,
      name: reader.plan(name + this.#nameLength, 2 * WORD_BYTES),
      lineTable: reader.plan(lineTable + this.#bytesSize, WORD_BYTES),
    };
  }

  #stampAt({ header, name, lineTable }: StampPlan): CodeStamp {
    const { words } = this.#reader;
    const code = this.#code;
    return {
      filename: wordAt(words, header + code.filename),
      name: wordAt(words, header + code.name),
      lineTable: wordAt(words, header + code.lineTable),
      firstLine: words[(header + code.firstLine) >>> 2] ?? 0,
      nameLength: wordAt(words, name),
      nameHash: wordAt(words, name + WORD_BYTES),
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
    a.lineTableBytes === b.lineTableBytes
  );
}

function alignedDown(offset: number): number {
  return offset - (offset % WORD_BYTES);
}
