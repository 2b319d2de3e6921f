/** Tells, while something long is done, that nobody wants it any more; an `AbortSignal` is one. */
export interface Cancellation {
  readonly aborted: boolean;
}

/** Tells at once when nobody wants it any more; an `AbortSignal` is one. */
export interface CancelSignal extends Cancellation {
  addEventListener(type: 'abort', listener: () => void, options?: { readonly once: boolean }): void;
  removeEventListener(type: 'abort', listener: () => void): void;
}
