import { type Address, toAddress } from '../base/address.ts';
import { isAboutMemory } from '../base/errors.ts';
import type { CodeFacts, CodeObjects } from '../cpython/code-objects.ts';
import type { CodeStamp, CodeStamps } from '../cpython/sweep/code-stamps.ts';
import type { WalkedFrames } from '../cpython/sweep/walked-frames.ts';
import type { FrameTable } from '../profile/frame-table.ts';

/**
 * A code object that was compared with the memory of the process within this time is taken to be the same still: one that was
 * just met for a millisecond, twice as long after each time that it was the same, up to the most.
 */
const TRUSTED_NS = 1_000_000;
const MOST_TRUSTED_NS = 100_000_000;

/**
 * A call is known when it was seen so often, and not much more seldom than the one that its function was seen to make most. A thread that
 * runs the same again and again is sometimes where it was when it is read for the second time, and its frames are not copied in one moment:
 * some in a hundred calls that seem to be certain were never made.
 */
const LEAST_SIGHTINGS = 3;
const LEAST_SHARE = 1 / 16;

/** What {@link CodeBook.frameOf} answers where no code object is to be read. */
export const NO_FRAME = -1;

/** When something was last compared with the memory, and how many code objects had been freed by then. */
export interface Checked {
  checkedNs: number;
  generation: number;
}

interface Entry extends Checked {
  trustedNs: number;
  readonly address: Address;
  readonly stamp: CodeStamp;
  readonly facts: CodeFacts;
  /** Indices into the table of frames, by the instruction as it is in `WalkedFrames`. */
  readonly frames: Map<number, number>;
  /** How often code objects were seen to be called by it without a doubt, and the largest of these numbers. */
  readonly calls: Map<number, number>;
  mostCalls: number;
  /** The largest such number of calls of it by one other. */
  mostFromOne: number;
}

/** What a code book reads with. */
export interface CodeBookParts {
  readonly codeObjects: CodeObjects;
  readonly stamps: CodeStamps;
}

/**
 * The code objects of a process as frames of a profile, each read once. Another code object may come to lie where one was
 * freed: so those of a stack are compared with what is there now before they are believed, at most every millisecond and, those that
 * have long been the same, every tenth of a second; where the interpreter counts freed code objects (3.14+), only when it has counted one.
 */
export class CodeBook {
  readonly #codeObjects: CodeObjects;
  readonly #stamps: CodeStamps;
  readonly #table: FrameTable;
  readonly #entries = new Map<number, Entry>();
  /** When the sweep began. */
  #nowNs = 0;
  #generation = Number.NaN;

  constructor({ codeObjects, stamps }: CodeBookParts, table: FrameTable) {
    this.#codeObjects = codeObjects;
    this.#stamps = stamps;
    this.#table = table;
  }

  /** @param generation how many code objects were freed; NaN where nothing counts them */
  beginSweep(nowNs: number, generation: number): void {
    this.#nowNs = nowNs;
    this.#generation = generation;
  }

  /** Whether what was compared at a moment is still to be believed. */
  isTrusted({ checkedNs, generation }: Checked, trustedNs = TRUSTED_NS): boolean {
    return generation === this.#generation || this.#nowNs - checkedNs < trustedNs;
  }

  /** Notes that something is compared now. */
  stamp(checked: Checked): void {
    checked.checkedNs = this.#nowNs;
    checked.generation = this.#generation;
  }

  /**
   * Compares the code objects of a stack with the memory, but for those of so many of the outermost frames that are known;
   * answers how many of the outermost frames are of known ones.
   */
  check({ codes, depth }: WalkedFrames, from: number): number {
    const due: Entry[] = [];
    for (let at = from; at < depth; at += 1) {
      const entry = this.#entries.get(codes[at] ?? 0);
      if (entry === undefined || this.isTrusted(entry, entry.trustedNs)) continue;
      // At once, so that a function that calls itself is compared once.
      this.stamp(entry);
      entry.trustedNs = Math.min(2 * entry.trustedNs, MOST_TRUSTED_NS);
      due.push(entry);
    }
    const changed = due.length === 0 ? [] : this.#stamps.findChanged(due);
    for (const { address } of changed) this.#entries.delete(address);
    let known = from;
    while (known < depth && this.#entries.has(codes[known] ?? 0)) known += 1;
    return known;
  }

  /** Learns that a frame has called the next one. */
  learnCall({ codes }: WalkedFrames, at: number): void {
    const code = codes[at] ?? 0;
    const entry = this.#entries.get(code) ?? this.#read(code);
    if (entry === undefined) return;
    const called = codes[at + 1] ?? 0;
    const sightings = (entry.calls.get(called) ?? 0) + 1;
    entry.calls.set(called, sightings);
    entry.mostCalls = Math.max(entry.mostCalls, sightings);
    const calledEntry = this.#entries.get(called) ?? this.#read(called);
    if (calledEntry !== undefined) calledEntry.mostFromOne = Math.max(calledEntry.mostFromOne, sightings);
  }

  /** Whether the function of a frame was seen to call the next one, and not just by chance. */
  hasLearnt({ codes }: WalkedFrames, at: number): boolean {
    const entry = this.#entries.get(codes[at] ?? 0);
    const called = this.#entries.get(codes[at + 1] ?? 0);
    if (entry === undefined || called === undefined) return false;
    const sightings = entry.calls.get(codes[at + 1] ?? 0) ?? 0;
    const usual = Math.min(entry.mostCalls, called.mostFromOne);
    return sightings >= LEAST_SIGHTINGS && sightings >= LEAST_SHARE * usual;
  }

  /** Whether the function of a frame was hardly ever seen to call anything, as one that was made just now. */
  hasLearntLittle({ codes }: WalkedFrames, at: number): boolean {
    return (this.#entries.get(codes[at] ?? 0)?.mostCalls ?? 0) < LEAST_SIGHTINGS;
  }

  /** The frame of a profile for one frame of a stack; {@link NO_FRAME} where no code object can be read. */
  frameOf({ codes, instructions, copies }: WalkedFrames, at: number): number {
    const code = codes[at] ?? 0;
    const entry = this.#entries.get(code) ?? this.#read(code);
    if (entry === undefined) return NO_FRAME;
    const instruction = instructions[at] ?? 0;
    const known = entry.frames.get(instruction);
    if (known !== undefined) return known;
    const frame = this.#makeFrame(entry, instruction, copies[at] ?? 0);
    entry.frames.set(instruction, frame);
    return frame;
  }

  #read(code: number): Entry | undefined {
    const address = toAddress(code);
    this.#codeObjects.beginPass();
    this.#codeObjects.forget(address);
    try {
      const stamp = this.#stamps.read(address);
      if (stamp === undefined) return undefined;
      const facts = this.#codeObjects.factsOf(address);
      // While it was read it may have been freed, and its strings become others'.
      if (this.#stamps.findChanged([{ address, stamp }]).length > 0) return undefined;
      const now = { checkedNs: this.#nowNs, generation: this.#generation };
      const entry: Entry = {
        address,
        stamp,
        facts,
        frames: new Map(),
        calls: new Map(),
        mostCalls: 0,
        mostFromOne: 0,
        trustedNs: TRUSTED_NS,
        ...now,
      };
      this.#entries.set(code, entry);
      return entry;
    } catch (error) {
      if (isAboutMemory(error)) return undefined;
      throw error;
    }
  }

  #makeFrame({ address, facts }: Entry, lastInstruction: number, tlbcIndex: number): number {
    const { filename, name, qualifiedName, lineTable } = facts;
    const offset = this.#codeObjects.offsetOf({ lastInstruction, tlbcIndex }, address);
    const position = offset === undefined ? undefined : this.#codeObjects.positionAt(address, offset);
    return this.#table.indexOf({
      kind: 'python',
      name: qualifiedName ?? name,
      file: filename,
      firstLine: lineTable.firstLine,
      line: position?.line ?? 0,
    });
  }
}
