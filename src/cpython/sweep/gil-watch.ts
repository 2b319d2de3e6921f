import { type Address, offsetBy, WORD_BYTES, wordStart } from '../../base/address.ts';
import type { Memory, RangeReader } from '../../base/ports.ts';
import type { Layout } from '../layouts/layout.ts';
import { type CPythonRuntime, readPointer } from '../runtime.ts';
import { wordAt } from './words.ts';

/** Where a GIL lies; its members as far as the version has a struct of them. */
interface GilPlace {
  /** The `struct _gil_runtime_state` (3.7+). */
  readonly struct: Address | undefined;
  /** The pointer to the thread state that runs (to 3.11). */
  readonly current: Address | undefined;
}

/** The GIL of an interpreter, looked at in each sweep before its threads are. */
export class GilWatch {
  /** The thread state that holds it; 0 for none. */
  holder = 0;
  /** The thread state that held it last; 0 where that is not known. */
  lastHolder = 0;
  /** How often it went from one thread to another; NaN where nothing counts that. */
  switchNumber = Number.NaN;
  /** Free-threaded builds may do without. */
  isInUse = true;

  readonly #layout: Layout['gil'];
  readonly #place: GilPlace;
  #structAt = 0;
  #currentAt = 0;

  constructor(layout: Layout['gil'], place: GilPlace) {
    this.#layout = layout;
    this.#place = place;
  }

  /** The GIL of an interpreter: its own from 3.12 on, that of the process before. */
  static of(memory: Memory, { layout, roots }: CPythonRuntime, interpreter: Address): GilWatch {
    const current = roots.currentThreadState;
    if (layout.interpreter.gil !== undefined) {
      const struct = readPointer(memory, offsetBy(interpreter, layout.interpreter.gil));
      return new GilWatch(layout.gil, { struct, current: undefined });
    }
    const place = layout.runtime?.gil;
    const struct =
      place === undefined || roots.runtime === undefined ? undefined : offsetBy(roots.runtime, place);
    return new GilWatch(layout.gil, { struct, current });
  }

  plan(reader: RangeReader): void {
    const { struct, current } = this.#place;
    if (this.#layout !== undefined && struct !== undefined) {
      const { lastHolder, switchNumber, enabled } = this.#layout;
      const from = enabled === undefined ? lastHolder : Math.min(wordStart(enabled), lastHolder);
      this.#structAt = reader.plan(struct + from, switchNumber + WORD_BYTES - from) - from;
    }
    if (current !== undefined) this.#currentAt = reader.plan(current, WORD_BYTES);
  }

  /** Takes what was read. */
  read(words: Uint32Array): void {
    const layout = this.#layout;
    if (layout !== undefined && this.#place.struct !== undefined) {
      this.lastHolder = wordAt(words, this.#structAt + layout.lastHolder);
      this.switchNumber = wordAt(words, this.#structAt + layout.switchNumber);
      const isLocked = words[(this.#structAt + layout.locked) >>> 2] === 1;
      this.isInUse = layout.enabled === undefined || words[(this.#structAt + layout.enabled) >>> 2] !== 0;
      this.holder = isLocked && this.isInUse ? this.lastHolder : 0;
    }
    if (this.#place.current !== undefined) this.holder = wordAt(words, this.#currentAt);
  }
}
