import { END_OF_USER_SPACE, WORD_BYTES } from '../../base/address.ts';
import type { RangeReader } from '../../base/ports.ts';
import { CallerMemory, type RememberedCaller } from './caller-memory.ts';
import { NOT_READ, PAGE_BYTES, pageOf, type StackPages } from './stack-pages.ts';
import type { SweepLayout } from './sweep-layout.ts';
import { ENTRY_WITHOUT_ANCHOR, type WalkedFrames } from './walked-frames.ts';
import { wordAt } from './words.ts';

/** No frame is smaller than 32 bytes: more of them on a page are a chain that runs in a circle. */
export const MOST_FRAMES_PER_PAGE = PAGE_BYTES / 32;
/** So many frames of a stack may lead nowhere and be called from where they were called before. */
const MOST_GAPS = 64;
/** So many frames are looked for whose callers are not remembered. */
const MOST_WANTED = 8;

const NONE = -1;

/** What {@link FrameWalk.from} answers behind the outermost frame. */
export const OUTERMOST = 0;
/** What it answers when what was read mixes two moments. */
const TORN = -2;

/**
 * Follows the frames of a thread outwards through copies of their pages. The thread goes on while these are made: what it called when the
 * pointer to its innermost frame was read may have ended when that frame is. What versions keep in a frame tells in part whether it runs
 * and has called another one, and calls that it does not tell of are in doubt ({@link WalkedFrames.doubtful}).
 */
export class FrameWalk {
  /** The last walk found its way by the links of frames alone. */
  isUnbroken = true;
  readonly #layout: SweepLayout;
  readonly #pages: StackPages;
  readonly #frames: WalkedFrames;
  readonly #callers = new CallerMemory();
  /** Of a frame as much as a walk reads. */
  readonly #frameBytes: number;
  /** The thread was in the same frame before its frames were read and afterwards. */
  #isSteady = true;
  #stepsLeft = 0;
  /** Where frames lie whose callers were asked for and are not remembered. */
  readonly #wanted = new Set<number>();
  /** Which frame of the walk, counted from the innermost, was the first that had ended. */
  #firstEnded = NONE;
  /** It led somewhere. */
  #hasEndedLink = false;
  /** Where a walk goes on that led astray, before that is read. */
  #expected: RememberedCaller | undefined;
  /** How many frames the deepest stack had that was found by links alone: what is remembered of several moments may be deeper than any. */
  #deepest = 0;
  /** The frame that a step is at, and where it is in the buffer, if it lies on one page; else {@link NOT_READ}. */
  #address = 0;
  #frameAt = NOT_READ;
  /** The frame that the step before was at. */
  #called = 0;
  /** The step before this one was at the innermost frame, or there was none. */
  #isInnermost = true;
  // Of the frame that the last step was at: whether the next one called it without C in between, ...
  #isCalledInline = false;
  /** ... whether it had ended or was suspended, ... */
  #hasEnded = false;
  /** ... and whether it may be outermost. */
  #mayBeOutermost = true;

  constructor(layout: SweepLayout, pages: StackPages, frames: WalkedFrames) {
    this.#layout = layout;
    this.#pages = pages;
    this.#frames = frames;
    this.#frameBytes = Math.max(...frameMembers(layout)) + WORD_BYTES;
  }

  /** Answers {@link OUTERMOST}, {@link TORN}, or the address of a frame that was not read. */
  from(reader: RangeReader, innermost: number, isSteady: boolean): number {
    this.#begin(isSteady);
    let end = this.#follow(reader, innermost);
    let from = 0;
    for (let gaps = 0; end === TORN || (end === OUTERMOST && !this.#mayBeOutermost); gaps += 1) {
      const caller = gaps < MOST_GAPS ? this.#recall(from) : undefined;
      if (caller === undefined) {
        this.#learnWanted(reader);
        return TORN;
      }
      from = this.#frames.walked;
      this.isUnbroken = false;
      this.#isCalledInline = false;
      this.#hasEnded = false;
      this.#firstEnded = NONE;
      this.#hasEndedLink = false;
      this.#expected = caller;
      end = this.#follow(reader, caller.address);
    }
    return end === OUTERMOST && !this.isUnbroken && this.#frames.walked > this.#deepest ? TORN : end;
  }

  #begin(isSteady: boolean): void {
    this.#frames.beginWalk();
    this.#isSteady = isSteady;
    this.#stepsLeft = (this.#pages.count + 1) * MOST_FRAMES_PER_PAGE;
    this.#firstEnded = NONE;
    this.#hasEndedLink = false;
    this.#isInnermost = true;
    this.#isCalledInline = false;
    this.#hasEnded = false;
    this.#mayBeOutermost = true;
    this.#expected = undefined;
    this.isUnbroken = true;
  }

  /**
   * Learns from where frames are called whose callers were asked for in vain, where they run in what was read: a short call has mostly ended
   * in the looks that begin in it, and runs in others.
   */
  #learnWanted(reader: RangeReader): void {
    if (this.#frames.walked > 0) this.#wanted.add(this.#frames.walkedAddress(this.#lastOfWalk()));
    for (const address of this.#wanted) {
      this.#begin(true);
      const isOutermost = this.#follow(reader, address) === OUTERMOST && this.#mayBeOutermost;
      const isWhole = isOutermost && this.#firstEnded === NONE;
      if (isWhole) this.#callers.learn(this.#frames);
      const isLearnt = isWhole && this.#frames.firstSure === 0;
      if (isLearnt || this.#wanted.size > MOST_WANTED) this.#wanted.delete(address);
    }
  }

  /** The frame of the walk, counted from the innermost, from which on it led astray. */
  #lastOfWalk(): number {
    return this.#firstEnded === NONE ? this.#frames.walked - 1 : this.#firstEnded;
  }

  /**
   * Where a walk that led astray can go on, behind a frame whose caller is remembered. The link of a frame that has ended leads astray when
   * it waits to be used for a call of any function.
   */
  #recall(from: number): RememberedCaller | undefined {
    const hasEnded = this.#firstEnded !== NONE;
    const last = this.#lastOfWalk();
    if (hasEnded && this.#hasEndedLink) this.#callers.noteReused(this.#frames.walkedAddress(last));
    for (let at = last; at >= (hasEnded ? last : from); at -= 1) {
      const caller = this.#callers.callerOf(this.#frames.walkedAddress(at), this.#frames.walkedCode(at));
      if (caller === undefined) continue;
      this.#frames.cut(at + 1);
      return caller;
    }
    return undefined;
  }

  /** Remembers from where the frames of the last walk were called. */
  remember(): void {
    if (this.isUnbroken) this.#deepest = Math.max(this.#deepest, this.#frames.walked);
    this.#callers.learn(this.#frames);
  }

  #follow(reader: RangeReader, innermost: number): number {
    let address = innermost;
    while (address !== 0) {
      if (address < 0 || address % WORD_BYTES !== 0 || address >= END_OF_USER_SPACE) return TORN;
      this.#stepsLeft -= 1;
      if (this.#stepsLeft < 0) return TORN;
      const next = this.#step(reader, address);
      if (next === NOT_READ) return address;
      this.#isInnermost = false;
      address = next;
    }
    return OUTERMOST;
  }

  /** Reads one frame and answers the one that it was called from, {@link TORN} or {@link NOT_READ}. */
  #step(reader: RangeReader, address: number): number {
    const { frame } = this.#layout;
    this.#called = this.#address;
    this.#frameAt = this.#pages.offsetOnSamePage(address, this.#frameBytes);
    this.#address = address;
    const linkAt = this.#offsetOf(frame.previous);
    const ownerAt = this.#offsetOf(Math.max(frame.owner, 0));
    if (linkAt < 0 || ownerAt < 0) return NOT_READ;
    const owner = frame.owner < 0 ? 0 : (reader.bytes[ownerAt] ?? 0);
    if (owner > frame.lastOwner) return TORN;
    if (((frame.shimOwners >>> owner) & 1) === 1) this.#passShim();
    else if (!this.#takeFrame(reader, owner)) return NOT_READ;
    else if (!this.#isExpected()) return TORN;
    const link = wordAt(reader.words, linkAt);
    return this.#hasEnded ? this.#linkOfEnded(link) : link;
  }

  /** Whether the frame that was taken last is the one that was remembered, if any was; in the place of another one goes that. */
  #isExpected(): boolean {
    const expected = this.#expected;
    this.#expected = undefined;
    if (expected === undefined || this.#frames.walkedCode(this.#frames.walked - 1) === expected.code)
      return true;
    this.#frames.replaceLast(expected.code, expected.instruction);
    return false;
  }

  #passShim(): void {
    this.#frames.endEvaluation(this.#address);
    this.#isCalledInline = false;
    this.#mayBeOutermost = true;
  }

  /** The link of a frame that has ended tells from where it was called as long as the frame is kept for the next call of its function. */
  #linkOfEnded(link: number): number {
    if (this.#firstEnded === NONE) {
      this.#firstEnded = this.#frames.walked - 1;
      this.#hasEndedLink = link !== 0;
    }
    return link === 0 || this.#callers.isReused(this.#address) ? TORN : link;
  }

  /** Takes a frame of Python; `false` when it was not read. */
  #takeFrame(reader: RangeReader, owner: number): boolean {
    const { frame } = this.#layout;
    const runs = this.#runs(reader, owner);
    const calls = this.#isInnermost || this.#calls(reader);
    if (runs === undefined || calls === undefined) return false;
    if (!calls) this.#frames.doubt();
    if (!this.#addFrame(reader.words)) return false;
    const isEntry = frame.shimOwners === 0 && this.#isEntry(reader.bytes);
    if (isEntry) this.#frames.endEvaluation(ENTRY_WITHOUT_ANCHOR);
    this.#hasEnded = !runs;
    this.#isCalledInline = !isEntry;
    this.#mayBeOutermost = runs && isEntry;
    return true;
  }

  /** Whether a frame runs, as far as the version tells; `undefined` when that was not read. */
  #runs({ words, bytes }: RangeReader, owner: number): boolean | undefined {
    const { frame } = this.#layout;
    if (frame.state >= 0) {
      const at = this.#offsetOf(frame.state);
      return at < 0 ? undefined : ((frame.runningStates >>> Math.min(bytes[at] ?? 0, 31)) & 1) === 1;
    }
    for (const member of frame.runningWords) {
      const at = this.#offsetOf(member);
      if (at < 0) return undefined;
      if (wordAt(words, at) === 0) return false;
    }
    if (frame.generatorState === 0 || owner !== frame.generatorOwner) return true;
    const at = this.#pages.offsetOf(this.#address + frame.generatorState);
    return at < 0 ? undefined : bytes[at] === frame.executing;
  }

  /**
   * Whether a frame calls the one that the last step was at, as far as it tells: where there is C between the two nothing does but that
   * the thread was in the same frame afterwards. `undefined` when that was not read.
   */
  #calls({ words, bytes }: RangeReader): boolean | undefined {
    const { callMark, callMarkBytes, idle } = this.#layout.frame;
    if (callMark < 0) return true;
    if (!this.#isCalledInline) return this.#isSteady;
    const at = this.#offsetOf(callMark);
    if (at < 0) return undefined;
    const mark = callMarkBytes === 4 ? words[at >>> 2] : (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8);
    return mark !== idle;
  }

  /** Adds a frame of Python; `false` when it was not read. That the innermost one has gone on in its function is no harm. */
  #addFrame(words: Uint32Array): boolean {
    const { frame } = this.#layout;
    const pages = this.#pages;
    const codeAt = this.#offsetOf(frame.code);
    const instructionAt = this.#offsetOf(frame.lastInstruction);
    if (codeAt < 0 || instructionAt < 0) return false;
    const code = wordAt(words, codeAt);
    const secondCode = wordAt(words, pages.secondOf(codeAt));
    if (code !== secondCode) this.#callers.noteReused(this.#address);
    const instruction = this.#instructionAt(words, instructionAt);
    const secondInstruction = this.#instructionAt(words, pages.secondOf(instructionAt));
    if (this.#isDoubtful(code === secondCode && instruction === secondInstruction)) this.#frames.doubt();
    const copyAt = frame.tlbcIndex < 0 ? NOT_READ : this.#offsetOf(frame.tlbcIndex);
    this.#frames.add(
      this.#address,
      code - (code % frame.tagModulus),
      instruction,
      copyAt < 0 ? 0 : (words[copyAt >>> 2] ?? 0),
    );
    return true;
  }

  /**
   * To 3.10 a frame does not tell whether it has called another one. But what lies on one page is copied in one moment, and most frames are
   * used for one function only; others are in doubt unless they were the same all the time.
   */
  #isDoubtful(isSame: boolean): boolean {
    if (this.#layout.frame.callMark >= 0 || this.#isInnermost || !this.#callers.isReused(this.#address))
      return false;
    const [first, last] = [Math.min(this.#called, this.#address), Math.max(this.#called, this.#address)];
    const isCopiedWithCalled = pageOf(first) === pageOf(last + this.#frameBytes - 1);
    return !(isSame && this.#isSteady) && !isCopiedWithCalled;
  }

  /** To 3.11: there a flag tells it, and before each frame is one. */
  #isEntry(bytes: Uint8Array): boolean {
    const { isEntry } = this.#layout.frame;
    return isEntry < 0 || bytes[this.#offsetOf(isEntry)] !== 0;
  }

  #instructionAt(words: Uint32Array, offset: number): number {
    const { unitBytes } = this.#layout.frame;
    return unitBytes === 0 ? wordAt(words, offset) : ((words[offset >>> 2] ?? 0) | 0) * unitBytes;
  }

  /** Where a member of the frame is that a step is at; {@link NOT_READ} when it was not read. */
  #offsetOf(member: number): number {
    return this.#frameAt === NOT_READ ? this.#pages.offsetOf(this.#address + member) : this.#frameAt + member;
  }
}

/** Where in a frame what a walk reads of it is. */
export function frameMembers({ frame }: SweepLayout): readonly number[] {
  const { previous, code, lastInstruction, owner, tlbcIndex, isEntry, state, callMark } = frame;
  const others = Math.max(owner, tlbcIndex, isEntry, state, callMark, 0);
  return [previous, code, lastInstruction, ...frame.runningWords, frame.generatorState, others];
}
