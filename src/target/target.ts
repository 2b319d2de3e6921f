import type { AddressRange } from '../base/address.ts';
import type { PageCache } from '../base/page-cache.ts';
import type { ArenaVariables } from '../cpython/allocator/arena-lists.ts';
import type { CodeObjects } from '../cpython/code-objects.ts';
import type { ObjectReader } from '../cpython/objects/object-reader.ts';
import type { CPythonRuntime } from '../cpython/runtime.ts';
import type { ProcessFacts } from '../model/snapshot.ts';
import type { ThreadActivity } from '../model/thread-stack.ts';
import type { PathFacts } from '../platform/path-facts.ts';
import type { MappingUse } from '../platform/proc/smaps.ts';
import type { Pause } from '../platform/process-pause.ts';
import type { LiveStack } from './live-stacks.ts';
import type { NativeStacks } from './native/native-stacks.ts';
import type { SourceText } from './source-files.ts';
import type { Surroundings } from './surroundings.ts';

export type { PathFacts } from '../platform/path-facts.ts';
export type { MappingUse } from '../platform/proc/smaps.ts';
export type { Pause } from '../platform/process-pause.ts';
export type { ThreadPause, ThreadStops } from '../platform/thread-pause.ts';
export type { ThreadRegisters } from '../platform/thread-registers.ts';

/** What makes native stacks: handed in, as it is a third of the program and few commands need it. */
export interface NativeSupport {
  readonly NativeStacks: Pick<typeof NativeStacks, 'ofProcess' | 'ofCore'>;
}

/** What knows objects: a target, or a copy of its heap. */
export type ObjectsOf = Pick<Target, 'objects'>;

/** How a target is opened. */
export interface TargetOptions {
  /** Left out, native stacks cannot be asked for. */
  readonly native?: NativeSupport;
  /** Search all its memory for the interpreter when nothing else leads there. */
  readonly exhaustive?: boolean;
}

/** One process, live or in a core file, composed: its memory, its CPython, its threads and files. */
export interface Target extends Disposable {
  readonly pid: number;
  readonly runtime: CPythonRuntime;
  readonly facts: ProcessFacts;
  /** What was read stays as it was until `clear()`: the unit of one look. */
  readonly memory: PageCache;
  readonly objects: ObjectReader;
  readonly codeObjects: CodeObjects;

  /** When the target is as it is seen: for a live one now. */
  now(): Date;

  /** Reads which threads there are: from the id in the target's pid namespace to the one in ours. */
  readTasks(): ReadonlyMap<number, number>;

  /** The id that a thread has in the target's pid namespace, when that is another one than ours. */
  innerThreadId(threadId: number): number | undefined;

  /** Reads the kernel's name of a thread. */
  kernelNameOf(threadId: number): string | undefined;

  /** Reads how long a thread has run on a CPU. */
  cpuTimeNsOf(threadId: number): bigint | undefined;

  /** Reads what a thread does: one that stands still in a pause, or did, as it was when it came to stand. */
  activityOf(threadId: number, pause?: Pause): ThreadActivity;

  /** What the kernel keeps of the process beside its memory; `undefined` for one that is gone. */
  readonly surroundings: Surroundings | undefined;

  /** The code that runs only while garbage is collected, as far as the symbols of the target tell. */
  collectorCode(): readonly AddressRange[];

  /** Where the list of arenas is, to 3.11; `undefined` where that is not found, and later, when interpreters know theirs. */
  arenaVariables(): ArenaVariables | undefined;

  /** Memory without a file behind it, which the program has asked for, without the stack of the main thread. */
  filelessMemory(): readonly AddressRange[];

  /** Reads how much of each mapping is in memory; `undefined` for a process that is gone, and where nobody knows. */
  readMappingUses(): readonly MappingUse[] | undefined;

  /** The memory that the process alone can write to: its objects lie there. */
  writableMemory(): readonly AddressRange[];

  /** Reads where the C stacks of threads are, as far as they do not run at the moment. */
  readLiveStacks(threadIds: readonly number[]): readonly LiveStack[];

  /** Whether native stacks can be asked for. */
  readonly hasNative: boolean;

  /**
   * Opens what turns copies into native stacks.
   * @throws {TypeError} when the target was opened without
   */
  openNativeStacks(): NativeStacks;

  /** Since when files that were written are newer than what the target may have read of them: for a core, since that was written. */
  readonly filesAsOf: Date;

  /** What the target finds at a path of its own; a core has no files, so it is what is there on this machine. */
  pathFacts(path: string): PathFacts | undefined;

  /** Finds a source file that a code object names, as the target sees it. */
  sourceOf(filename: string): SourceText | undefined;
}
