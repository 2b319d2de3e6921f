/** A variable of a frame, in the order of its declaration. */
export interface TrueVariable {
  readonly name: string;
  readonly role: string;
  /** Absent where the name is not bound, as the two that follow. */
  readonly type?: string;
  readonly repr?: string;
  readonly address?: number;
}

/** A frame as the target's own `sys._current_frames()` described it. */
export interface TrueFrame {
  readonly file: string;
  readonly name: string;
  readonly firstLine: number;
  /** Absent where the instruction has no line. */
  readonly line?: number;
  /** From 3.11 on, as the four that follow; columns are UTF-8 byte offsets from 0. */
  readonly qualifiedName?: string;
  readonly endLine?: number;
  readonly column?: number;
  readonly endColumn?: number;
  /** Only where a program wants them described. */
  readonly variables?: readonly TrueVariable[];
}

/** A thread as the target described it, frames innermost first. */
export interface TrueThread {
  /** `threading.get_ident()`. */
  readonly ident: number;
  /** The kernel's id; absent for a thread that did not tell it. */
  readonly nativeId?: number;
  /** Absent for a thread that the threading module does not know. */
  readonly name?: string;
  readonly isMain: boolean;
  /** It wrote this and now blocks in read(2) on stdin. */
  readonly isAnnouncer: boolean;
  readonly frames: readonly TrueFrame[];
}

/** What a target program said about itself; it holds until the next line is said to the program. */
export interface GroundTruth {
  readonly pid: number;
  /** `sys.version` up to the first space. */
  readonly version: string;
  readonly hexVersion: number;
  /** The threads of the main interpreter, by ident. */
  readonly threads: readonly TrueThread[];
  /** What only this program has to say. */
  readonly facts: Readonly<Record<string, unknown>>;
}
