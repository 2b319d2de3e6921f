/** Whether somebody wants the program to end, and who has to hear of it. It ends once: the first wish counts. */
export class Interruption {
  #status: number | undefined;
  readonly #listeners = new Set<() => void>();
  #taker: (() => boolean) | undefined;

  /** The status to exit with; `undefined` until somebody wants it to end. */
  get status(): number | undefined {
    return this.#status;
  }

  /** Tells all listeners to come to an end; the program then exits with this status. */
  interrupt(status: number): void {
    if (this.#status !== undefined) return;
    this.#status = status;
    for (const listener of [...this.#listeners]) listener();
  }

  /**
   * Has Ctrl-C ask this first, until it is undone: `true` takes it, so that only a part ends and not the program.
   * @returns how to undo it
   */
  take(taker: () => boolean): () => void {
    const before = this.#taker;
    this.#taker = taker;
    return () => {
      this.#taker = before;
    };
  }

  /** Ctrl-C: ends the program with this status unless somebody takes it; answers whether it does. */
  interruptByKey(status: number): boolean {
    if (this.#status === undefined && this.#taker?.() === true) return false;
    this.interrupt(status);
    return true;
  }

  /** Calls the listener when the program is to end, at once when that is so already; answers how to undo it. */
  onInterrupt(listener: () => void): () => void {
    if (this.#status !== undefined) listener();
    this.#listeners.add(listener);
    return () => {
      this.#listeners.delete(listener);
    };
  }

  /** Lets time pass, unless the program is to end before. */
  async wait(milliseconds: number): Promise<'elapsed' | 'interrupted'> {
    const { promise, resolve } = makePromise<'elapsed' | 'interrupted'>();
    const timer = setTimeout(() => resolve('elapsed'), milliseconds);
    const forget = this.onInterrupt(() => resolve('interrupted'));
    try {
      return await promise;
    } finally {
      clearTimeout(timer);
      forget();
    }
  }
}

/** A promise with its end outside, as `Promise.withResolvers` of later Node.js has it. */
function makePromise<Value>(): { promise: Promise<Value>; resolve: (value: Value) => void } {
  let resolve: (value: Value) => void = () => undefined;
  const promise = new Promise<Value>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}
