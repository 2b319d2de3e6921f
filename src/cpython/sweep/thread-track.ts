import { type Address, END_OF_USER_SPACE, WORD_BYTES } from '../../base/address.ts';
import type { RangeReader } from '../../base/ports.ts';
import { NOT_READ, PAGE_BYTES, StackPages } from './stack-pages.ts';
import type { SweepLayout } from './sweep-layout.ts';
import { ENTRY_WITHOUT_ANCHOR, WalkedFrames } from './walked-frames.ts';
import { wordAt } from './words.ts';

/** A thread state as it stands in the list of its interpreter. */
export interface ListedState {
  readonly state: Address;
  readonly interpreter: Address;
  readonly threadId: number;
  readonly ownId: number;
}

/** What is read beside the frames of a thread, in the same system call. */
export interface LookCompanion {
  /** Plans what is read before the frames (0) or after them (1). */
  plan(reader: RangeReader, moment: 0 | 1): void;
  /** Takes what was read; `false` when another look is needed for it. */
  take(reader: RangeReader): boolean;
  /** Says that what was planned can no more be read. */
  forget(): void;
}

/** How a look at a thread came out. */
export type LookOutcome =
  /** It was not read, since it cannot have moved. */
  | 'still'
  | 'same'
  | 'changed'
  /** It moved each time while it was read. */
  | 'torn'
  /** The thread state is no more that of this thread. */
  | 'gone';

/** A look is repeated so often until the thread has stood still during one: each takes microseconds. */
const STEADY_LOOKS = 3;
/** After that it is repeated until its frames hang together. */
const MOST_LOOKS = 6;
/** No frame is smaller than 32 bytes: more of them on a page are a chain that runs in a circle. */
const MOST_FRAMES_PER_PAGE = PAGE_BYTES / 32;
/** No stack is larger, a million frames and more: what claims to be is made up. */
const MOST_PAGES = 100_000;

/** Follows one thread from look to look: where its frames lie, and which they were at the last look. */
export class ThreadTrack {
  readonly state: Address;
  readonly interpreter: Address;
  /** The pthread_t of the thread that it was when it was listed, and what tells it from others (3.7+, else 0): see SweepLayout. */
  readonly threadId: number;
  readonly ownId: number;
  /** Whether the last look was whole. */
  isKnown = false;
  /** The frames of the last look that was whole. */
  readonly frames = new WalkedFrames();
  /** An exception was on its way at the last look. */
  isRaising = false;
  /** What was handled then, as far as the thread state itself has it: an exception or its class, None or 0. */
  handledException = 0;
  /** The innermost item of the exceptions that are handled, which may be a generator's (3.7+); else 0. */
  exceptionItem = 0;
  /** The two copies of the last look were alike: the thread stood still while it was read, but for its innermost line. */
  isSteady = true;
  /** The thread state that follows in the list, as the last look saw it; 0 for none. */
  next = 0;
  /** Something else that is to be read in the very moment of each look: before the frames, and after them. */
  companion: LookCompanion | undefined;

  readonly #layout: SweepLayout;
  readonly #repairs: RangeReader;
  readonly #pages = new StackPages();
  /** Of a frame as much as a walk reads. */
  readonly #frameBytes: number;
  /** Where in the buffer the frame is that a step is at, if it lies on one page; else {@link NOT_READ}. */
  #frameAt = NOT_READ;
  /** The code of the outermost frame of a look that was not believed for it; 0 for a thread without frames. */
  #rootSeen = 0;
  /** Address of the `_PyCFrame` (3.11 and 3.12), which is guessed to be that of the last look; 0 elsewhere. */
  #cframe = 0;
  #mustBeSteady = true;
  // Where in the buffer the head of the thread is: as it was before the frames were read, and afterwards.
  #firstHead = 0;
  #firstCframe = NOT_READ;
  #secondHead = 0;
  #secondCframe = NOT_READ;

  /** @param repairs reads what is looked at again, while the sweep's own buffer keeps the other threads */
  constructor(listed: ListedState, layout: SweepLayout, repairs: RangeReader) {
    this.state = listed.state;
    this.interpreter = listed.interpreter;
    this.threadId = listed.threadId;
    this.ownId = listed.ownId;
    this.#layout = layout;
    this.#frameBytes = Math.max(...membersOf(layout)) + WORD_BYTES;
    this.#repairs = repairs;
  }

  /** Whether it follows the very thread that a list names. */
  isOf({ state, interpreter, threadId, ownId }: ListedState): boolean {
    return (
      state === this.state &&
      interpreter === this.interpreter &&
      threadId === this.threadId &&
      ownId === this.ownId
    );
  }

  /** Plans what one look reads: the head, the innermost frames, both once more, and the other frames. */
  plan(reader: RangeReader): void {
    const { from, sizeBytes, frame, inCframe } = this.#layout.state;
    const hasCframe = this.#cframe !== 0;
    this.companion?.plan(reader, 0);
    this.#firstHead = reader.plan(this.state + from, sizeBytes) - from;
    this.#firstCframe = hasCframe ? reader.plan(this.#cframe + inCframe, WORD_BYTES) : NOT_READ;
    this.#pages.planFirst(reader);
    this.#secondHead = reader.plan(this.state + frame, WORD_BYTES);
    this.#secondCframe = hasCframe ? reader.plan(this.#cframe + inCframe, WORD_BYTES) : NOT_READ;
    this.companion?.plan(reader, 1);
    this.#pages.planRest(reader);
  }

  /** Evaluates a look that was planned and read, and looks again as long as it is not whole. */
  finish(reader: RangeReader): LookOutcome {
    return this.#settle(this.#evaluate(reader));
  }

  /** Looks at this thread alone, until a look is whole. */
  look(): LookOutcome {
    return this.#settle(this.#lookOnce());
  }

  #settle(first: LookOutcome): LookOutcome {
    let outcome = first;
    for (let look = 1; look < MOST_LOOKS && outcome === 'torn'; look += 1) {
      this.#mustBeSteady = look < STEADY_LOOKS;
      outcome = this.#lookOnce();
    }
    this.#mustBeSteady = true;
    this.isKnown = outcome === 'same' || outcome === 'changed';
    return outcome;
  }

  #lookOnce(): LookOutcome {
    const reader = this.#repairs;
    reader.clear();
    this.plan(reader);
    if (reader.fill() === reader.plannedBytes) return this.#evaluate(reader);
    // A page that is gone was given back by the program: what is there now is found anew.
    this.#pages.replace([]);
    this.companion?.forget();
    this.#cframe = 0;
    return 'torn';
  }

  #evaluate(reader: RangeReader): LookOutcome {
    const { words } = reader;
    const { state } = this.#layout;
    if (!this.#isThatThread(words)) return 'gone';
    this.next = wordAt(words, this.#firstHead + state.next);
    this.#takeExceptions(words);
    this.isSteady = true;
    const isAccompanied = this.companion?.take(reader) ?? true;
    if (!isAccompanied && this.#mustBeSteady) return 'torn';
    const innermost = this.#innermost(words);
    if (innermost === undefined) return 'torn';
    this.#pages.beginWalk();
    this.frames.beginWalk();
    const end = this.#walk(reader, innermost);
    if (end === 0) {
      this.#pages.endWalk();
      if (!this.#isFromKnownRoot() || (this.#mustBeSteady && !this.isSteady)) return 'torn';
      return this.frames.endWalk() ? 'changed' : 'same';
    }
    if (end !== TORN) this.#explore(end);
    return 'torn';
  }

  #takeExceptions(words: Uint32Array): void {
    const { raisedException, handledException, exceptionInfo } = this.#layout.state;
    this.isRaising = wordAt(words, this.#firstHead + raisedException) !== 0;
    this.handledException = wordAt(words, this.#firstHead + handledException);
    this.exceptionItem = exceptionInfo < 0 ? 0 : wordAt(words, this.#firstHead + exceptionInfo);
  }

  /** Whether the thread state still is that of the same thread: its memory may be another's by now. */
  #isThatThread(words: Uint32Array): boolean {
    const { interpreter, threadId, ownId } = this.#layout.state;
    const head = this.#firstHead;
    return (
      wordAt(words, head + interpreter) === this.interpreter &&
      wordAt(words, head + threadId) === this.threadId &&
      (ownId < 0 || wordAt(words, head + ownId) === this.ownId)
    );
  }

  /**
   * Whether the outermost frame runs the code of the last look that was whole. A frame that has just ended leads nowhere (to 3.10),
   * so that another root is believed only when the thread stood still, and the look before saw it too.
   */
  #isFromKnownRoot(): boolean {
    const { walkedRoot, root } = this.frames;
    if (walkedRoot === root) return true;
    const isBelieved = this.isSteady && walkedRoot === this.#rootSeen;
    this.#rootSeen = walkedRoot;
    return isBelieved;
  }

  /** The innermost frame before the frames were read, 0 for none; `undefined` when it must be looked for elsewhere. */
  #innermost(words: Uint32Array): number | undefined {
    const { frame, inCframe } = this.#layout.state;
    const first = wordAt(words, this.#firstHead + frame);
    this.#compare(first, wordAt(words, this.#secondHead));
    if (inCframe < 0 || first === 0) return first;
    if (first !== this.#cframe) {
      this.#cframe = first;
      return undefined;
    }
    return this.#compare(wordAt(words, this.#firstCframe), wordAt(words, this.#secondCframe));
  }

  /** Answers the first of the two copies of a word, and notes when the second is another. */
  #compare(first: number, second: number): number {
    if (first !== second) this.isSteady = false;
    return first;
  }

  /** Follows the links from a frame out. Answers 0 behind the outermost, {@link TORN}, or a frame whose page was not read. */
  #walk(reader: RangeReader, innermost: number): number {
    const mostFrames = this.#pages.count * MOST_FRAMES_PER_PAGE;
    let address = innermost;
    for (let depth = 0; address !== 0; depth += 1) {
      if (address % WORD_BYTES !== 0 || address >= END_OF_USER_SPACE) return TORN;
      if (depth > mostFrames) return TORN;
      const next = this.#step(reader, address, depth === 0);
      if (next === NOT_READ) return address;
      address = next;
    }
    return 0;
  }

  /** Reads one frame and answers the one that it was called from, or {@link NOT_READ}. */
  #step({ words, bytes }: RangeReader, address: number, isInnermost: boolean): number {
    const { frame } = this.#layout;
    this.#frameAt = this.#pages.offsetOnSamePage(address, this.#frameBytes);
    const linkAt = this.#offsetIn(address, frame.previous);
    const ownerAt = this.#offsetIn(address, Math.max(frame.owner, 0));
    if (linkAt < 0 || ownerAt < 0) return NOT_READ;
    const isShim = frame.owner >= 0 && ((frame.shimOwners >>> (bytes[ownerAt] ?? 0)) & 1) === 1;
    if (isShim) this.frames.endEvaluation(address);
    else if (!this.#addFrame(words, address, isInnermost)) return NOT_READ;
    else if (frame.shimOwners === 0 && this.#isEntry(bytes, address))
      this.frames.endEvaluation(ENTRY_WITHOUT_ANCHOR);
    return this.#compare(wordAt(words, linkAt), wordAt(words, this.#pages.secondOf(linkAt)));
  }

  /** Where a member of the frame is that a step is at; {@link NOT_READ} when it was not read. */
  #offsetIn(address: number, member: number): number {
    return this.#frameAt === NOT_READ ? this.#pages.offsetOf(address + member) : this.#frameAt + member;
  }

  /** Adds a frame of Python; `false` when it was not read. That the innermost one has gone on in its function is no harm. */
  #addFrame(words: Uint32Array, address: number, isInnermost: boolean): boolean {
    const { frame } = this.#layout;
    const pages = this.#pages;
    const codeAt = this.#offsetIn(address, frame.code);
    const instructionAt = this.#offsetIn(address, frame.lastInstruction);
    if (codeAt < 0 || instructionAt < 0) return false;
    const code = this.#compare(wordAt(words, codeAt), wordAt(words, pages.secondOf(codeAt)));
    const instruction = this.#instructionAt(words, instructionAt);
    if (!isInnermost) this.#compare(instruction, this.#instructionAt(words, pages.secondOf(instructionAt)));
    const copyAt = frame.tlbcIndex < 0 ? NOT_READ : this.#offsetIn(address, frame.tlbcIndex);
    this.frames.add(
      address,
      code - (code % frame.tagModulus),
      instruction,
      copyAt < 0 ? 0 : (words[copyAt >>> 2] ?? 0),
    );
    return true;
  }

  /** To 3.11: there a flag tells it, and before each frame is one. */
  #isEntry(bytes: Uint8Array, address: number): boolean {
    const { isEntry } = this.#layout.frame;
    return isEntry < 0 || bytes[this.#offsetIn(address, isEntry)] !== 0;
  }

  #instructionAt(words: Uint32Array, offset: number): number {
    const { unitBytes } = this.#layout.frame;
    return unitBytes === 0 ? wordAt(words, offset) : ((words[offset >>> 2] ?? 0) | 0) * unitBytes;
  }

  /** Finds the pages of the frames from one on out, which were not known: each is read on its own. */
  #explore(from: number): void {
    const { frame } = this.#layout;
    const members = membersOf(this.#layout);
    const [first, last] = [Math.min(...members), Math.max(...members)];
    const found = new Set<number>();
    const reader = this.#repairs;
    let address = from;
    let page = -1;
    for (let depth = 0; address > 0 && address < END_OF_USER_SPACE; depth += 1) {
      if (depth > (found.size + 1) * MOST_FRAMES_PER_PAGE || found.size > MOST_PAGES) break;
      found.add(Math.floor((address + first) / PAGE_BYTES));
      found.add(Math.floor((address + last) / PAGE_BYTES));
      const link = address + frame.previous;
      if (Math.floor(link / PAGE_BYTES) !== page) {
        page = Math.floor(link / PAGE_BYTES);
        reader.clear();
        reader.plan(page * PAGE_BYTES, PAGE_BYTES);
        if (reader.fill() < PAGE_BYTES) {
          found.delete(page);
          break;
        }
      }
      address = wordAt(reader.words, link - page * PAGE_BYTES);
    }
    this.#pages.add(found);
  }
}

/** Where in a frame what a walk reads of it is. */
function membersOf({ frame }: SweepLayout): readonly number[] {
  const { previous, code, lastInstruction, owner, tlbcIndex, isEntry } = frame;
  return [previous, code, lastInstruction, Math.max(owner, tlbcIndex, isEntry, 0)];
}

/** What a walk answers when what was read mixes two moments. */
const TORN = -2;
