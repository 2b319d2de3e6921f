import { type Address, WORD_BYTES } from '../../base/address.ts';
import type { RangeReader } from '../../base/ports.ts';
import type { Layout } from '../layouts/layout.ts';
import { type SweepLayout, sweepLayoutOf } from './sweep-layout.ts';
import type { ThreadTrack } from './thread-track.ts';
import { wordAt } from './words.ts';

/** The thread went on each time while its generators were followed. */
export const MOVED = 'moved';

/** How often a chain is followed whose thread goes on meanwhile. */
const MOST_LOOKS = 4;
/** A chain of generators that call each other and is longer than that is torn. */
const MOST_ITEMS = 10_000;

/**
 * Tells which threads are in an `except` clause, a `finally` or a `with` that an exception came to: what `sys.exc_info()` says
 * there. Each generator and coroutine has an item of its own for that (3.7+), below which those of its callers count.
 */
export class HandledExceptions {
  readonly #layout: SweepLayout;
  readonly #reader: RangeReader;
  readonly #findNone: (interpreter: Address) => Address | undefined;
  readonly #known = new WeakMap<ThreadTrack, boolean>();
  #none: Address | undefined;

  /** @param findNone answers `undefined` as long as an interpreter has no `None` */
  constructor(layout: Layout, reader: RangeReader, findNone: (interpreter: Address) => Address | undefined) {
    this.#layout = sweepLayoutOf(layout);
    this.#reader = reader;
    this.#findNone = findNone;
  }

  /**
   * Whether a thread handled an exception when it was looked at last.
   * @param isStill it has not moved since that was asked before
   */
  isHandling(track: ThreadTrack, isStill: boolean): boolean | typeof MOVED {
    const known = isStill ? this.#known.get(track) : undefined;
    if (known !== undefined) return known;
    const answer = this.#ask(track);
    if (answer === MOVED) this.#known.delete(track);
    else this.#known.set(track, answer);
    return answer;
  }

  #ask(track: ThreadTrack): boolean | typeof MOVED {
    const own = track.state + this.#layout.state.exceptionState;
    const { exceptionItem: innermost, handledException } = track;
    if (innermost === 0 || innermost === own) return this.#isException(track, handledException);
    return this.#followItems(track, innermost);
  }

  /** Follows the items of generators out to the one in the thread state, and begins anew when another came to be the innermost. */
  #followItems(track: ThreadTrack, first: number): boolean | typeof MOVED {
    const reader = this.#reader;
    const { state, exceptionItem } = this.#layout;
    const { exception, previous } = exceptionItem;
    let innermost = first;
    let item = first;
    let looks = 0;
    for (let count = 0; count < MOST_ITEMS && looks < MOST_LOOKS; count += 1) {
      if (item === 0) return false;
      if (item % WORD_BYTES !== 0) return MOVED;
      reader.clear();
      const infoAt = reader.plan(track.state + state.exceptionInfo, WORD_BYTES);
      const exceptionAt = reader.plan(item + exception, WORD_BYTES);
      const previousAt = reader.plan(item + previous, WORD_BYTES);
      const isWhole = reader.fill() === reader.plannedBytes;
      const now = wordAt(reader.words, infoAt);
      if (!isWhole || now !== innermost) {
        looks += 1;
        innermost = now;
        item = now;
      } else if (this.#isException(track, wordAt(reader.words, exceptionAt))) return true;
      else item = wordAt(reader.words, previousAt);
    }
    return MOVED;
  }

  /** NULL and None stand for no exception; which of them does is another thing in each version. */
  #isException({ interpreter }: ThreadTrack, word: number): boolean {
    if (word === 0) return false;
    this.#none ??= this.#findNone(interpreter);
    return this.#none !== undefined && word !== this.#none;
  }
}
