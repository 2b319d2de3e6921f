import type { PythonVersion } from '../model/python-version.ts';
import type { SampleBlock } from './sample-table.ts';
import type { StackColumns } from './stack-tree.ts';

/** One place in a program that stacks are made of. Two that are equal in all members are the same frame. */
export interface ProfileFrame {
  /**
   * `python` is a line of a Python function; `native` a function of C; `marker` stands for what the program did at
   * that moment, as `<GC>`; `task`, `thread` and `process` are what the frames above it belong to.
   */
  readonly kind: 'python' | 'native' | 'marker' | 'task' | 'thread' | 'process';
  /** The qualified name where it is known (3.11+). */
  readonly name: string;
  /** `co_filename` or the source file; of a native frame without debug information its library; '' where there is none. */
  readonly file: string;
  /** Where the function begins; 0 where that is not known. */
  readonly firstLine: number;
  /** The line that was executed; 0 where it has none, and in profiles by function. */
  readonly line: number;
}

/** A process whose threads are in a profile. */
export interface ProfiledProcess {
  readonly pid: number;
  /** The index of the process that started it, when that is in the profile too. */
  readonly parent: number | undefined;
  readonly commandLine: readonly string[];
  readonly python: PythonVersion;
  /** `sys.path`, by which file names are shortened; empty where it was not read. */
  readonly searchPath: readonly string[];
}

/** A thread that stacks belong to. */
export interface ProfiledThread {
  /** Index of its process. */
  readonly process: number;
  readonly interpreterId: number;
  /** The kernel's id; `undefined` where it could not be told. */
  readonly osThreadId: number | undefined;
  /** What `threading.get_ident()` says. */
  readonly pthreadId: number | undefined;
  /** What Python calls it, else the kernel. */
  readonly name: string | undefined;
  readonly isMainThread: boolean;
  /** Tells it apart from others that have its place in other windows. */
  readonly serial: number;
  /**
   * How many threads have its samples, one after the other: more than one where many have ended, and then there are no ids and the
   * name is that of one of them.
   */
  readonly sharedBy: number;
}

/** Which moments of a thread are in a profile. */
export type SampledMode = 'wall' | 'cpu' | 'gil' | 'gil-wait' | 'exception';

/** How long something took, of all times that were measured. */
export interface Spread {
  readonly medianNs: number;
  readonly p99Ns: number;
  readonly mostNs: number;
}

/** A process that should have been sampled and could not be. */
export interface UnreadProcess {
  readonly pid: number;
  /** A whole sentence without a full stop. */
  readonly reason: string;
}

/** How a profile came about: what was asked, what was reached, what was lost. */
export interface SamplingAccount {
  readonly mode: SampledMode;
  /** Sweeps per second that were asked for. */
  readonly rateHz: number;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly durationNs: number;
  /** Looks at all threads of all processes. */
  readonly sweeps: number;
  /** Sweeps that were due while an earlier one was still under way, or the machine had no time for us. */
  readonly missedSweeps: number;
  /** Stacks that are in the profile. */
  readonly samples: number;
  /** Of these the stacks of threads that moved while they were read: their innermost frames may be of two moments. */
  readonly unsteadySamples: number;
  /** Stacks that were left out as their frames did not hang together. */
  readonly tornSamples: number;
  /** Stacks that were left out as they could not be read. */
  readonly unreadableSamples: number;
  /** The most tasks of asyncio that there were at one time; 0 where those that wait were not asked for. */
  readonly mostTasks: number;
  /** How often one of them was read. Of many not all are read in each sweep; those that are stand for the others. */
  readonly tasksRead: number;
  /** Of these those that had ended, or changed each time while they were read: nothing stands for them. */
  readonly tasksLost: number;
  /** How much later than planned sweeps began. */
  readonly lateness: Spread;
  /** How long sweeps took. */
  readonly sweepTime: Spread;
  /** How many threads share the place of one that ended before them, since too many had. */
  readonly sharingThreads: number;
  /** How many processes were sampled. */
  readonly sampledProcesses: number;
  /** Those that the sampled ones had started and that could not be. */
  readonly unreadProcesses: readonly UnreadProcess[];
  /** What the sampling cost: user and system time of the thread that sampled. */
  readonly samplerCpuNs: number;
  /** How long the program, or a thread of it, stood still for us. */
  readonly pausedNs: number;
  /** The same for each sweep. */
  readonly pauses: Spread;
  /** Samples whose native calls are not there although they were asked for. */
  readonly samplesWithoutNative: number;
  readonly endedBecause: 'duration' | 'interrupted' | 'target-ended' | 'target-replaced' | 'count';
}

/** What sampling has found: plain data, which can be sent to another thread. */
export interface Profile {
  readonly processes: readonly ProfiledProcess[];
  readonly threads: readonly ProfiledThread[];
  readonly frames: readonly ProfileFrame[];
  /** The tree of all stacks; frames are indices into `frames`. */
  readonly stacks: StackColumns;
  /** In the order in which they were taken. */
  readonly samples: readonly SampleBlock[];
  readonly account: SamplingAccount;
  /** Files are shown by their whole names. */
  readonly hasWholeFileNames?: boolean;
}
