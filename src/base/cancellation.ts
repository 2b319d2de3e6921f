/** Tells, while something long is done, that nobody wants it any more; an `AbortSignal` is one. */
export interface Cancellation {
  readonly aborted: boolean;
}
