/** The process that sent a signal. */
export interface SignalSender {
  readonly pid: number;
  readonly uid: number;
}

/** What a core file says of the signal that its process ended with, in the numbers of asm-generic/siginfo.h. */
export interface CoreSignal {
  readonly number: number;
  /** `si_code`; `undefined` where only the number is known. */
  readonly code: number | undefined;
  /** Of a fault: what was accessed, or the instruction of SIGILL and SIGFPE; of SIGSYS the place of the call. */
  readonly address: bigint | undefined;
  readonly sender: SignalSender | undefined;
  /** Of SIGSYS: the system call that was not allowed. */
  readonly systemCall: number | undefined;
}

/** What a core file says of its process as a whole, beside its threads. */
export interface CoreFacts {
  /** By whom it was written; `undefined` when nothing tells. */
  readonly writer: 'kernel' | 'debugger' | undefined;
  /** `undefined` when the core does not say, as where its notes are cut off. */
  readonly process: CoreProcessFacts | undefined;
  /** Of the thread that the process ended in; number 0 for none, `undefined` when the core does not say. */
  readonly signal: CoreSignal | undefined;
  /** How many bytes the file lacks, as one that was cut off does. */
  readonly missingBytes: number;
}

/** What the kernel keeps of a process, `struct elf_prpsinfo`. */
export interface CoreProcessFacts {
  /** The letter of ps(1). */
  readonly state: string;
  readonly isZombie: boolean;
  readonly niceness: number;
  readonly uid: number;
  readonly gid: number;
  readonly pid: number;
  readonly parentPid: number;
  readonly processGroup: number;
  readonly session: number;
  /** Cut to 15 bytes. */
  readonly name: string;
  /** Cut to 79 bytes. */
  readonly commandLine: string;
}
