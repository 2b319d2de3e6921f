import { type Address, hex, offsetBy } from '../base/address.ts';
import { isAboutMemory, MalformedInputError } from '../base/errors.ts';
import type { Memory } from '../base/ports.ts';
import { StructView } from '../base/struct-view.ts';
import type { SourceRange } from '../model/frame.ts';
import type { RawFrame } from './frame-chain.ts';
import type { Layout } from './layouts/layout.ts';
import { type LineTable, resolvePosition } from './line-table.ts';
import type { ObjectReader } from './objects/object-reader.ts';

/** What a code object says of itself. */
export interface CodeFacts {
  readonly address: Address;
  readonly filename: string;
  readonly name: string;
  readonly qualifiedName: string | undefined;
  readonly lineTable: LineTable;
  /** Where its instructions begin, from 3.11 on. */
  readonly instructions: Address | undefined;
}

/** Where in its code a frame is. */
type FramePlace = Pick<RawFrame, 'lastInstruction' | 'tlbcIndex'>;

interface CacheEntry {
  readonly facts: CodeFacts;
  /** Pointers of the object as it was read: another object at the same address has others. */
  readonly identity: readonly number[];
  readonly positions: Map<number, SourceRange | undefined>;
  /** The pass in which the identity was last compared. */
  pass: number;
}

/** The largest line table that is believed: a thousand times the usual one of a long module. */
const MOST_LINE_TABLE_BYTES = 16 << 20;
/** How far before the first instruction a frame that has just begun may point. */
const FARTHEST_BEFORE_START = -4;

/**
 * The code objects of a target, each read once and remembered by its address. They never change, but another may come
 * to lie where one was freed: in each pass the pointers of a remembered one are compared before it is used.
 */
export class CodeObjects {
  readonly #memory: Memory;
  readonly #layout: Layout;
  readonly #objects: ObjectReader;
  readonly #entries = new Map<Address, CacheEntry>();
  #pass = 0;

  constructor(memory: Memory, layout: Layout, objects: ObjectReader) {
    this.#memory = memory;
    this.#layout = layout;
    this.#objects = objects;
  }

  /** Says that time has gone by in the target, so that what is remembered must be compared again. */
  beginPass(): void {
    this.#pass += 1;
  }

  /** Forgets what was read at an address, where the pointers of another object may be the same. */
  forget(address: Address): void {
    this.#entries.delete(address);
  }

  /** Reads the code object at an address now, if there is one, so that it is known when it is asked for later. */
  remember(address: Address): void {
    if (this.#entries.get(address)?.pass === this.#pass) return;
    try {
      this.#entryOf(address);
    } catch (error) {
      if (!isAboutMemory(error)) throw error;
    }
  }

  /**
   * Tells whether what is remembered of an address is what is there now: of code that is freed while it is read some parts may
   * be of the code that comes to lie there. What is there now is remembered.
   */
  isStillThere(address: Address): boolean {
    const before = this.#entries.get(address)?.facts;
    this.forget(address);
    this.remember(address);
    const now = this.#entries.get(address)?.facts;
    return (
      before?.name === now?.name &&
      before?.filename === now?.filename &&
      before?.lineTable.firstLine === now?.lineTable.firstLine
    );
  }

  /**
   * Reads the code object at an address.
   * @throws {UnreadableMemoryError | MalformedInputError} when there is none
   */
  factsOf(address: Address): CodeFacts {
    return this.#entryOf(address).facts;
  }

  /** Resolves where in the source a frame is; `undefined` when its instruction has no line. */
  positionOf(frame: RawFrame, code: Address): SourceRange | undefined {
    const offset = this.offsetOf(frame, code);
    return offset === undefined ? undefined : this.positionAt(code, offset);
  }

  /** Tells at which instruction a frame is: a byte offset; `undefined` when its copy of the code is not known. */
  offsetOf(frame: FramePlace, code: Address): number | undefined {
    return this.#instructionOffset(this.#entryOf(code).facts, frame);
  }

  /** Resolves where in the source an instruction is, by its byte offset; `undefined` when it has no line. */
  positionAt(code: Address, offset: number): SourceRange | undefined {
    const { facts, positions } = this.#entryOf(code);
    if (offset < FARTHEST_BEFORE_START) return undefined;
    if (!positions.has(offset)) positions.set(offset, resolvePosition(facts.lineTable, offset));
    return positions.get(offset);
  }

  #instructionOffset(facts: CodeFacts, { lastInstruction, tlbcIndex }: FramePlace): number | undefined {
    if (facts.instructions === undefined) return lastInstruction;
    const isOwn = tlbcIndex === undefined || tlbcIndex === 0;
    const start = isOwn ? facts.instructions : this.#copyOf(facts.address, tlbcIndex);
    return start === undefined ? undefined : lastInstruction - start;
  }

  /** Free-threaded builds run copies of the bytecode: `co_tlbc` is a count and that many pointers to them. */
  #copyOf(code: Address, index: number): Address | undefined {
    if (this.#layout.code.tlbc === undefined || index < 0) return undefined;
    const table = new StructView(
      this.#memory.read(offsetBy(code, this.#layout.code.tlbc), 8),
      'co_tlbc',
    ).pointer(0);
    if (table === undefined) return undefined;
    const count = new StructView(this.#memory.read(table, 8), '_PyCodeArray').ssize(0);
    if (index >= count) return undefined;
    return new StructView(this.#memory.read(offsetBy(table, 8 + 8 * index), 8), '_PyCodeArray').pointer(0);
  }

  #entryOf(address: Address): CacheEntry {
    const known = this.#entries.get(address);
    if (known?.pass === this.#pass) return known;
    const struct = this.#readStruct(address);
    const identity = this.#identityOf(struct);
    if (known !== undefined && identity.every((word, at) => word === known.identity[at])) {
      known.pass = this.#pass;
      return known;
    }
    const entry = {
      facts: this.#readFacts(address, struct),
      identity,
      positions: new Map(),
      pass: this.#pass,
    };
    this.#entries.set(address, entry);
    return entry;
  }

  #readStruct(address: Address): StructView {
    const typeName = this.#objects.typeNameIfReadable(address);
    // Of a core whose libpython is not at hand the name is missing; then the strings that a code object has tell enough.
    if (typeName !== undefined && typeName !== 'code') {
      throw new MalformedInputError(`object at ${hex(address)}`, 0, `it is a ${typeName}, not a code object`);
    }
    return new StructView(this.#memory.read(address, this.#layout.code.sizeBytes), 'code object', address);
  }

  #identityOf(struct: StructView): readonly number[] {
    const { filename, name, lineTable, firstLine } = this.#layout.code;
    return [struct.word(filename), struct.word(name), struct.word(lineTable), struct.i32(firstLine)];
  }

  #readFacts(address: Address, struct: StructView): CodeFacts {
    const { code, rules } = this.#layout;
    return {
      address,
      filename: this.#objects.readText(struct.requiredPointer(code.filename)),
      name: this.#objects.readText(struct.requiredPointer(code.name)),
      qualifiedName:
        code.qualname === undefined
          ? undefined
          : this.#objects.readText(struct.requiredPointer(code.qualname)),
      lineTable: {
        kind: rules.lineTable,
        bytes: this.#readLineTable(struct.requiredPointer(code.lineTable)),
        firstLine: struct.i32(code.firstLine),
      },
      instructions: code.adaptiveCode === undefined ? undefined : offsetBy(address, code.adaptiveCode),
    };
  }

  #readLineTable(address: Address): Uint8Array {
    const { bytes } = this.#layout;
    const size = new StructView(this.#memory.read(offsetBy(address, bytes.size), 8), 'bytes', address).ssize(
      0,
    );
    if (size < 0 || size > MOST_LINE_TABLE_BYTES) {
      throw new MalformedInputError(
        `line table at ${hex(address)}`,
        bytes.size,
        `it claims to have ${size} bytes`,
      );
    }
    return Uint8Array.from(this.#memory.read(offsetBy(address, bytes.data), size));
  }
}
