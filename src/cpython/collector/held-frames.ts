import type { Layout } from '../layouts/layout.ts';
import { type HeapWords, NO_WORD, type NoteWord } from './heap-words.ts';

const WORD = 8;
/** No frame has more variables and values. */
const MOST_PLACES = 10_000;

/**
 * Reads what frames hold that are part of an object: of a generator that has not ended, and of an object that has outlived its
 * call, as those of a traceback. What a call in progress holds is held by no object.
 */
export class HeldFrames {
  readonly #layout: Layout;
  readonly #words: HeapWords;

  constructor(layout: Layout, words: HeapWords) {
    this.#layout = layout;
    this.#words = words;
  }

  /** From 3.11 on the frame of a generator is part of it; before, an object of its own. */
  visitGenerator(generator: number, note: NoteWord): void {
    const { inlineFrame, frameState } = this.#layout.generator;
    const { states } = this.#layout.rules.generators;
    if (inlineFrame === undefined || frameState === undefined || states === undefined) return;
    const state = (this.#words.byte(generator + frameState) << 24) >> 24;
    const start = generator + inlineFrame;
    // What has ended leaves there what it had, and keeps its code.
    if (state >= states.ended) note(this.#words.pointer(start + this.#layout.frame.code));
    else this.#visitInterpreterFrame(start, state === states.executing, note);
  }

  /** A frame object; from 3.11 on it has the frame itself only when the call is over. */
  visitFrameObject(object: number, note: NoteWord): void {
    const { frameObject } = this.#layout;
    if (frameObject === undefined) this.#visitOldFrame(object, note);
    else if (this.#words.word(object + frameObject.frame) === object + frameObject.data)
      this.#visitInterpreterFrame(object + frameObject.data, false, note);
  }

  /** `_PyFrame_Traverse`, 3.11+. The low bits of the pointers may be marks. */
  #visitInterpreterFrame(frame: number, isExecuting: boolean, note: NoteWord): void {
    const { globals, locals } = this.#layout.frame;
    // Of the members before the variables, f_globals and f_builtins are those of the function, and are not counted.
    for (let at = 0; at < locals; at += WORD)
      if (at !== globals && at !== globals + WORD) note(this.#words.pointer(frame + at));
    const places = this.#placesInUse(frame, isExecuting);
    for (let at = 0; at < places; at += 1) note(this.#words.pointer(frame + locals + at * WORD));
  }

  /** How many variables and values there are; of the values of a call in progress only the call itself knows. */
  #placesInUse(frame: number, isExecuting: boolean): number {
    const { stackTop, locals } = this.#layout.frame;
    if (isExecuting || stackTop === undefined) return this.#localsOf(frame);
    const isCount = this.#layout.rules.generators.stackTop === 'count';
    const places = isCount
      ? this.#words.half(frame + stackTop) | 0
      : (this.#words.word(frame + stackTop) - frame - locals) / WORD;
    return Number.isInteger(places) && places >= 0 && places <= MOST_PLACES ? places : this.#localsOf(frame);
  }

  #localsOf(frame: number): number {
    const { code, tuple, frame: layout } = this.#layout;
    const executable = this.#words.pointer(frame + layout.code);
    if (executable <= 0 || code.localsPlusNames === undefined) return 0;
    const names = this.#words.word(executable + code.localsPlusNames);
    const count = names <= 0 ? NO_WORD : this.#words.word(names + tuple.size);
    return Math.min(Math.max(count, 0), MOST_PLACES);
  }

  /** `frame_traverse`, to 3.10: the variables, and the values up to the top of their stack. */
  #visitOldFrame(object: number, note: NoteWord): void {
    const { locals, valueStack, stackTop, stackDepth } = this.#layout.frame;
    if (valueStack === undefined) return;
    const stack = this.#words.word(object + valueStack);
    this.#words.visit(object + locals, placesBetween(object + locals, stack), note);
    const values =
      stackDepth === undefined
        ? placesBetween(stack, this.#words.word(object + (stackTop ?? 0)))
        : Math.min(Math.max(this.#words.half(object + stackDepth) | 0, 0), MOST_PLACES);
    this.#words.visit(stack, values, note);
  }
}

function placesBetween(from: number, to: number): number {
  const places = (to - from) / WORD;
  return Number.isInteger(places) && places >= 0 && places <= MOST_PLACES ? places : 0;
}
