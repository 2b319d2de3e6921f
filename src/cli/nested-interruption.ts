import type { Context } from './context.ts';
import { Interruption } from './interruption.ts';

/** A part of a command line that may be ended by itself. It ends with the whole as well. */
export interface Nested extends Disposable {
  readonly interruption: Interruption;
  /** The context of the part. */
  readonly context: Context;
}

/** The status of a part that was ended by Ctrl-C, and of one that ends with the whole. */
const INTERRUPTED_STATUS = 130;

/** Makes a context whose interrupts are its own. */
export function nestInterruption(outer: Context): Nested {
  const interruption = new Interruption();
  const forget = outer.onInterrupt(() => interruption.interrupt(INTERRUPTED_STATUS));
  return {
    interruption,
    context: {
      ...outer,
      onInterrupt: (listener) => interruption.onInterrupt(listener),
      wait: (milliseconds) => interruption.wait(milliseconds),
    },
    [Symbol.dispose]: forget,
  };
}
