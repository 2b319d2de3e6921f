import { END_OF_USER_SPACE, WORD_BYTES } from '../../base/address.ts';
import type { RangeReader } from '../../base/ports.ts';
import { CallerMemory, type RememberedCaller } from './caller-memory.ts';
import { NOT_READ, PAGE_BYTES, type StackPages } from './stack-pages.ts';
import type { SweepLayout } from './sweep-layout.ts';
import { ENTRY_WITHOUT_ANCHOR, type WalkedFrames } from './walked-frames.ts';
import { wordAt } from './words.ts';

/** No frame is smaller than 32 bytes: more of them on a page are a chain that runs in a circle. */
export const MOST_FRAMES_PER_PAGE = PAGE_BYTES / 32;
/** So many frames of a stack may lead nowhere and be called from where they were called before. */
const MOST_GAPS = 64;

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
  /** Which frame of the walk, counted from the innermost, was the first that had ended. */
  #firstEnded = NONE;
  /** It led somewhere. */
  #hasEndedLink = false;
  /** The code of the frame at which a walk goes on that led astray, before it was read; 0 else. */
  #expectedCode = 0;
  /** The frame that a step is at, and where it is in the buffer, if it lies on one page; else {@link NOT_READ}. */
  #address = 0;
  #frameAt = NOT_READ;
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
    this.#frames.beginWalk();
    this.#isSteady = isSteady;
    this.#stepsLeft = (this.#pages.count + 1) * MOST_FRAMES_PER_PAGE;
    this.#firstEnded = NONE;
    this.#hasEndedLink = false;
    this.#isInnermost = true;
    this.#isCalledInline = false;
    this.#hasEnded = false;
    this.#mayBeOutermost = true;
    this.#expectedCode = 0;
    this.isUnbroken = true;
    let end = this.#follow(reader, innermost);
    let from = 0;
    for (let gaps = 0; end === TORN || (end === OUTERMOST && !this.#mayBeOutermost); gaps += 1) {
      const caller = gaps < MOST_GAPS ? this.#recall(from) : undefined;
      if (caller === undefined) return TORN;
      from = this.#frames.walked;
      this.isUnbroken = false;
      this.#isCalledInline = false;
      this.#hasEnded = false;
      this.#firstEnded = NONE;
      this.#hasEndedLink = false;
      this.#expectedCode = caller.code;
      end = this.#follow(reader, caller.address);
    }
    return end;
  }

  /**
   * Where a walk that led astray can go on, behind a frame whose caller is remembered. The link of a frame that has ended leads astray when
   * it waits to be used for a call of any function; of one that calls itself the depth is not known then.
   */
  #recall(from: number): RememberedCaller | undefined {
    const hasEnded = this.#firstEnded !== NONE;
    const last = hasEnded ? this.#firstEnded : this.#frames.walked - 1;
    if (hasEnded && this.#hasEndedLink) this.#callers.noteReused(this.#frames.walkedAddress(last));
    for (let at = last; at >= (hasEnded ? last : from); at -= 1) {
      const caller = this.#callers.callerOf(this.#frames, at);
      if (caller === undefined || (this.#hasEndedLink && caller.code === caller.calledCode)) continue;
      this.#frames.cut(at + 1);
      return caller;
    }
    return undefined;
  }

  /** Remembers from where the frames of the last walk were called. */
  remember(): void {
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
    this.#address = address;
    this.#frameAt = this.#pages.offsetOnSamePage(address, this.#frameBytes);
    const linkAt = this.#offsetOf(frame.previous);
    const ownerAt = this.#offsetOf(Math.max(frame.owner, 0));
    if (linkAt < 0 || ownerAt < 0) return NOT_READ;
    const owner = frame.owner < 0 ? 0 : (reader.bytes[ownerAt] ?? 0);
    if (owner > frame.lastOwner) return TORN;
    if (((frame.shimOwners >>> owner) & 1) === 1) this.#passShim();
    else if (!this.#takeFrame(reader, owner)) return NOT_READ;
    else if (!this.#isExpected()) return TORN;
    const link = this.#compare(
      wordAt(reader.words, linkAt),
      wordAt(reader.words, this.#pages.secondOf(linkAt)),
    );
    return this.#hasEnded ? this.#linkOfEnded(link) : link;
  }

  /** Whether the frame that was taken last runs the code that was remembered, if any was. */
  #isExpected(): boolean {
    const expected = this.#expectedCode;
    this.#expectedCode = 0;
    return expected === 0 || this.#frames.walkedCode(this.#frames.walked - 1) === expected;
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
    this.#compare(code, secondCode);
    const instruction = this.#instructionAt(words, instructionAt);
    if (!this.#isInnermost)
      this.#compare(instruction, this.#instructionAt(words, pages.secondOf(instructionAt)));
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
   * Answers the first of the two copies of a word. To 3.10 a frame does not tell whether it has called another one, but nearly all are
   * used for one function only. Those which are not are in doubt unless they were the same all the time.
   */
  #compare(first: number, second: number): number {
    const isSame = first === second && this.#isSteady;
    if (!isSame && this.#layout.frame.callMark < 0 && this.#callers.isReused(this.#address))
      this.#frames.doubt();
    return first;
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
