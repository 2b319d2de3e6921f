/** A time that was put together from looks at moments that chance picked. */
export interface EstimatedTime {
  readonly ns: number;
  /** Of a hundred such times 95 are off by no more. */
  readonly errorNs: number;
}

/** A thread that may want the GIL. */
export interface GilThread {
  readonly interpreterId: number;
  /** The kernel's id; `undefined` where it could not be told. */
  readonly osThreadId: number | undefined;
  /** What `threading.get_ident()` says. */
  readonly pthreadId: number | undefined;
  /** What Python calls it, else the kernel. */
  readonly name: string | undefined;
  readonly isMainThread: boolean;
}

/** What a thread had to do with its GIL in an interval. */
export interface GilThreadUse {
  readonly thread: GilThread;
  /** How often it was seen to have got the GIL: less often than it got it, where it had it between two looks only. */
  readonly takes: number;
  readonly held: EstimatedTime;
  /** The longest time without a break, also of one that began before the interval. */
  readonly longestHoldNs: number;
  /** How long it waited for the GIL; `undefined` where it is not known on what threads wait for it. */
  readonly waited: EstimatedTime | undefined;
  readonly longestWaitNs: number;
  /** How often it was seen to have let go of the GIL. */
  readonly drops: number;
  /** How long it waited for another one to take the GIL that it had let go of. */
  readonly dropping: EstimatedTime | undefined;
}

/** What became of a GIL in an interval. */
export interface GilUse {
  readonly interpreterId: number;
  /** Free-threaded builds may do without. */
  readonly isInUse: boolean;
  readonly held: EstimatedTime;
  /** How often it went from one thread to another, as the GIL itself counts; `undefined` where it does not. */
  readonly switches: number | undefined;
  /** How many of these were seen. */
  readonly seenSwitches: number;
}

/** A call in the stack of a thread. */
export interface GilFrame {
  readonly name: string;
  readonly file: string;
  /** 0 where that is not known. */
  readonly line: number;
}

/** A thread that held the GIL, or waited for it, for longer than a threshold. */
export interface GilEvent {
  readonly kind: 'hold' | 'wait';
  readonly thread: GilThread;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly durationNs: number;
  /** Whether it has ended. */
  readonly isOver: boolean;
  readonly thresholdNs: number;
  /** Its stack when the threshold was passed, innermost first; `undefined` when it could not be read. */
  readonly stack: readonly GilFrame[] | undefined;
  /** Of one that waited: who held the GIL meanwhile, and for how long, the longest first. */
  readonly heldBy: readonly { readonly thread: GilThread; readonly ns: number }[];
}

/** What became of the GILs of a process in an interval. */
export interface GilReport {
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly durationNs: number;
  /** How often the GILs were looked at. */
  readonly looks: number;
  /** Looks that were due while an earlier one was under way, or the machine had no time for us. */
  readonly missedLooks: number;
  /** Whether takes and drops were counted one by one, by breakpoints, and not seen in looks. */
  readonly isExact: boolean;
  readonly gils: readonly GilUse[];
  readonly threads: readonly GilThreadUse[];
  /** Those that ended in the interval or go on, the longest first. */
  readonly events: readonly GilEvent[];
  /** How many there were; not more than some are kept. */
  readonly eventCount: number;
}
