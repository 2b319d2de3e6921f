import { type Address, END_OF_USER_SPACE, WORD_BYTES } from '../../base/address.ts';
import type { RangeReader } from '../../base/ports.ts';
import { FrameWalk, frameMembers, MOST_FRAMES_PER_PAGE, OUTERMOST } from './frame-walk.ts';
import { NOT_READ, PAGE_BYTES, pageOf, StackPages } from './stack-pages.ts';
import type { SweepLayout } from './sweep-layout.ts';
import { NO_DOUBT, WalkedFrames } from './walked-frames.ts';
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

/**
 * A look is repeated so often until it has the stack that was there when it began, and what is read beside it: each takes microseconds.
 * After that the stack may be the one that was there when it ended.
 */
const STRICT_LOOKS = 3;
const MOST_LOOKS = 6;
/** CO_GENERATOR, CO_COROUTINE, CO_ITERABLE_COROUTINE and CO_ASYNC_GENERATOR, cpython/Include/code.h. */
const GENERATOR_FLAGS = 0x20 | 0x80 | 0x100 | 0x200;
/** So often in a row must a function be outermost until that is believed, and another one than those that are. */
const FIRST_ROOT_SIGHTINGS = 2;
const ROOT_SIGHTINGS = 6;
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
  /** In the last look the thread was seen in the same frame before its frames were read and afterwards. */
  isSteady = true;
  /** What the last look does not leave in doubt is so: else, from 3.11 on, calls of two moments may seem to be certain now and then. */
  isCertain = true;
  /** The thread state that follows in the list, as the last look saw it; 0 for none. */
  next = 0;
  /** Something else that is to be read in the very moment of each look: before the frames, and after them. */
  companion: LookCompanion | undefined;

  readonly #layout: SweepLayout;
  readonly #repairs: RangeReader;
  readonly #pages: StackPages;
  readonly #walk: FrameWalk;
  /** The codes of outermost frames that are believed, and 0 for a thread without frames. */
  readonly #roots = new Set<number>([0]);
  /** That of one which is not, and how often it was seen in a row. */
  #newRoot = 0;
  #newRootSightings = 0;
  /** Address of the `_PyCFrame` (3.11 and 3.12), which is guessed to be that of the last look; 0 elsewhere. */
  #cframe = 0;
  #isHardToGet = false;
  // Where in the buffer the head of the thread is: as it was before the frames were read, and afterwards.
  #firstHead = 0;
  #secondHead = 0;
  #secondCframe = NOT_READ;

  /** @param repairs reads what is looked at again, while the sweep's own buffer keeps the other threads */
  constructor(listed: ListedState, layout: SweepLayout, repairs: RangeReader) {
    this.state = listed.state;
    this.interpreter = listed.interpreter;
    this.threadId = listed.threadId;
    this.ownId = listed.ownId;
    this.#layout = layout;
    this.#repairs = repairs;
    this.#pages = new StackPages(layout.frame.callMark < 0);
    this.#walk = new FrameWalk(layout, this.#pages, this.frames);
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

  /** Plans what one look reads: the head, the frames, the head once more, and where that tells more the frames too. */
  plan(reader: RangeReader): void {
    const { from, sizeBytes, frame, inCframe } = this.#layout.state;
    const hasCframe = this.#cframe !== 0;
    this.companion?.plan(reader, 0);
    this.#firstHead = reader.plan(this.state + from, sizeBytes) - from;
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
      this.#isHardToGet = look >= STRICT_LOOKS;
      outcome = this.#lookOnce();
    }
    this.#isHardToGet = false;
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
    const isAccompanied = this.companion?.take(reader) ?? true;
    if (!isAccompanied && !this.#isHardToGet) return 'torn';
    this.#pages.beginWalk();
    const heads = this.#heads(words);
    if (heads === undefined) return 'torn';
    const [before, after] = heads;
    this.isSteady = before === after;
    this.isCertain = this.isSteady || this.#layout.frame.callMark < 0;
    let end = this.#walk.from(reader, before, this.isSteady);
    if (end < 0 && this.#isHardToGet) end = this.#walk.from(reader, after, this.isSteady);
    // Behind that nothing of this look is left: what is explored may be read into the same buffer.
    if (end > 0) this.#explore(end);
    if (end !== OUTERMOST || !this.#isFromKnownRoot()) return 'torn';
    this.#pages.endWalk();
    const hasChanged = this.frames.endWalk();
    if (hasChanged) this.#walk.remember();
    // What was so at the last look and all through this one stands there, whatever its frames say.
    else if (this.isSteady && this.#walk.isUnbroken) this.frames.doubtful = NO_DOUBT;
    return hasChanged ? 'changed' : 'same';
  }

  /**
   * Whether the outermost frame runs code that is known to be outermost. To 3.11 a frame that is being entered or left while it is read may
   * seem to be called from nowhere: another root must be seen several times in a row. A generator, which is entered and left all the time,
   * is none. Later a frame of the interpreter lies around the outermost one.
   */
  #isFromKnownRoot(): boolean {
    const { walkedRoot } = this.frames;
    if (this.#layout.frame.shimOwners !== 0 || this.#roots.has(walkedRoot)) return true;
    this.#newRootSightings = walkedRoot === this.#newRoot ? this.#newRootSightings + 1 : 1;
    this.#newRoot = walkedRoot;
    const wanted = this.#roots.size === 1 ? FIRST_ROOT_SIGHTINGS : ROOT_SIGHTINGS;
    if (this.#newRootSightings < wanted || this.#isOfGenerator(walkedRoot)) return false;
    this.#roots.add(walkedRoot);
    return true;
  }

  #isOfGenerator(code: number): boolean {
    const reader = this.#repairs;
    reader.clear();
    const at = reader.plan(code + this.#layout.codeFlags, 4);
    return reader.fill() === reader.plannedBytes && ((reader.words[at >>> 2] ?? 0) & GENERATOR_FLAGS) !== 0;
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

  /** The innermost frame before the frames were read and afterwards, 0 for none; `undefined` when it must be looked for elsewhere. */
  #heads(words: Uint32Array): readonly [number, number] | undefined {
    const { frame, inCframe } = this.#layout.state;
    const first = wordAt(words, this.#firstHead + frame);
    const second = wordAt(words, this.#secondHead);
    if (inCframe < 0) return [first, second];
    if (first === 0) return [0, 0];
    const isGuessed = second === this.#cframe;
    this.#cframe = first;
    const before = this.#copied(words, first + inCframe);
    if (before === undefined) return undefined;
    const after = isGuessed ? wordAt(words, this.#secondCframe) : this.#copied(words, second + inCframe);
    return [before, after ?? before];
  }

  /** A word on one of the pages that are read; `undefined` where it is not. */
  #copied(words: Uint32Array, address: number): number | undefined {
    const at = this.#pages.offsetOf(address);
    if (at >= 0) return wordAt(words, at);
    this.#pages.add([pageOf(address)]);
    return undefined;
  }

  /** Finds the pages of the frames from one on out, which were not known: each is read on its own. */
  #explore(from: number): void {
    const { frame } = this.#layout;
    const members = frameMembers(this.#layout);
    const [first, last] = [Math.min(...members), Math.max(...members)];
    const found = new Set<number>();
    const reader = this.#repairs;
    let address = from;
    let page = -1;
    let isKnown = false;
    for (let depth = 0; address > 0 && address < END_OF_USER_SPACE; depth += 1) {
      if (depth > (found.size + 1) * MOST_FRAMES_PER_PAGE || found.size > MOST_PAGES) break;
      isKnown = this.#pages.has(address + first) && this.#pages.has(address + last);
      if (isKnown) break;
      found.add(pageOf(address + first));
      found.add(pageOf(address + last));
      const link = address + frame.previous;
      if (pageOf(link) !== page) {
        page = pageOf(link);
        reader.clear();
        reader.plan(page * PAGE_BYTES, PAGE_BYTES);
        if (reader.fill() < PAGE_BYTES) {
          found.delete(page);
          break;
        }
      }
      address = wordAt(reader.words, link - page * PAGE_BYTES);
    }
    if (address === 0 || isKnown) this.#pages.add(found);
  }
}
