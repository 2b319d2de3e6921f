/**
 * Something that could not be read while the rest could. A result carries its problems beside it, so that
 * one torn thread does not cost the other forty.
 */
export interface Problem {
  readonly kind:
    | 'cut-off'
    | 'cut-off-native'
    | 'file-mismatch'
    | 'incomplete-core'
    | 'interpreter-finalizing'
    | 'no-thread-id'
    | 'other-python'
    | 'replaced-module'
    | 'stripped-module'
    | 'torn-heap'
    | 'torn-thread'
    | 'unreadable-frame'
    | 'unreadable-interpreter'
    | 'unreadable-object'
    | 'unreadable-thread';
  /** A whole sentence without a full stop, fit to be shown as it is. */
  readonly message: string;
  /** The thread that it concerns, as the operating system numbers it. */
  readonly osThreadId?: number;
}
