/** A file of a process, as the operating system describes it. */
export type OpenFile =
  | { readonly kind: 'file'; readonly fd: number; readonly path: string }
  | { readonly kind: 'pipe'; readonly fd: number }
  | {
      readonly kind: 'socket';
      readonly fd: number;
      /** `undefined` for a kind of socket that we do not look up. */
      readonly protocol: 'tcp' | 'udp' | 'unix' | undefined;
      /** `127.0.0.1:8080`, `[::1]:53`, or the path of a Unix socket. */
      readonly local: string | undefined;
      readonly peer: string | undefined;
      readonly isListening: boolean;
    }
  /** What has no place in a file system: `eventfd`, `eventpoll`, `timerfd`. */
  | { readonly kind: 'other'; readonly fd: number; readonly name: string }
  /** It is not known, or no longer open. */
  | { readonly kind: 'unknown'; readonly fd: number };

/** A process that another one has started. */
export interface ChildProcess {
  readonly pid: number;
  /** The kernel's name of its program (comm); `undefined` when it is gone, or could not be told. */
  readonly name: string | undefined;
}
