import type { AddressRange } from '../base/address.ts';
import { NotPythonError } from '../base/errors.ts';
import { PageCache } from '../base/page-cache.ts';
import type { Memory, RangeReader } from '../base/ports.ts';
import { type ArenaVariables, findArenaVariables } from '../cpython/allocator/arena-lists.ts';
import { CodeObjects } from '../cpython/code-objects.ts';
import { showsCollections } from '../cpython/collecting-place.ts';
import { findCollectorCode } from '../cpython/collector-code.ts';
import { findRuntime } from '../cpython/discovery/find-runtime.ts';
import { findGilCode } from '../cpython/gil-code.ts';
import { findNone } from '../cpython/objects/none.ts';
import { ObjectReader } from '../cpython/objects/object-reader.ts';
import type { CPythonRuntime } from '../cpython/runtime.ts';
import { CodeStamps } from '../cpython/sweep/code-stamps.ts';
import { GilSweep } from '../cpython/sweep/gil-sweep.ts';
import { HandledExceptions } from '../cpython/sweep/handled-exceptions.ts';
import { ProcessSweep } from '../cpython/sweep/process-sweep.ts';
import { WordStamps } from '../cpython/sweep/word-stamps.ts';
import type { ProcessFacts } from '../model/snapshot.ts';
import type { ThreadActivity } from '../model/thread-stack.ts';
import { checkInspectable } from '../platform/inspectable.ts';
import { type PathFacts, pathFactsOfTarget } from '../platform/path-facts.ts';
import type { MappingUse } from '../platform/proc/smaps.ts';
import {
  processStartTime,
  readCommandLine,
  readExecutablePath,
  readMappingUses,
  readMaps,
} from '../platform/process-files.ts';
import { openProcessMemory, openRangeReader, type ProcessMemory } from '../platform/process-memory.ts';
import { type Pause, pauseProcess } from '../platform/process-pause.ts';
import { moveToCpuOf } from '../platform/same-cpu.ts';
import { readTargetTextFile } from '../platform/target-files.ts';
import { readThreadCpuTimeNs, readThreadName, readThreadSyscall } from '../platform/thread-files.ts';
import { ThreadStops } from '../platform/thread-pause.ts';
import { readSleepingRegisters, type ThreadRegisters } from '../platform/thread-registers.ts';
import { ThreadRunState } from '../platform/thread-run-state.ts';
import { checkStoppable } from '../platform/traced-threads.ts';
import { ActivityWatch } from './activity-watch.ts';
import { GilCounters } from './gil-counters.ts';
import { type LiveStack, readLiveStacks } from './live-stacks.ts';
import type { NativeStacks } from './native/native-stacks.ts';
import { StackCopier } from './native/stack-copies.ts';
import { withAddressSpace } from './open-modules.ts';
import { RunningProgram } from './running-program.ts';
import { SourceFiles, type SourceText } from './source-files.ts';
import { Surroundings } from './surroundings.ts';
import type { NativeSupport, Target, TargetOptions } from './target.ts';
import { Tasks } from './tasks.ts';
import { threadActivity } from './thread-activity.ts';

/**
 * Opens a live process as a target: finds its CPython and keeps its memory open. Nothing is stopped.
 * @throws {NotPythonError} when no CPython is loaded there, and what opening its memory throws
 */
export function openTarget(pid: number, options: TargetOptions = {}): LiveTarget {
  const processMemory = openProcessMemory(pid);
  const program = new RunningProgram(pid);
  try {
    return program.during(() => {
      const memory = new PageCache(processMemory);
      const runtime = withAddressSpace(pid, memory, (space) =>
        findRuntime(memory, space, { exhaustive: options.exhaustive === true }),
      );
      if (runtime === undefined) throw new NotPythonError(pid, readExecutablePath(pid) ?? 'it');
      return new LiveTarget(program, { processMemory, native: options.native }, memory, runtime);
    });
  } catch (error) {
    processMemory[Symbol.dispose]();
    throw error;
  }
}

/** What looks at a running process again and again. */
export interface LiveSweep {
  readonly sweep: ProcessSweep;
  /** These read what is there now, unlike those of the target, which keep what they saw. */
  readonly codeObjects: CodeObjects;
  readonly stamps: CodeStamps;
  readonly exceptions: HandledExceptions;
  /** Reads by way of `pages`, which are those of an earlier moment until they are cleared. */
  readonly objects: ObjectReader;
  readonly pages: PageCache;
  readonly words: WordStamps;
}

/** What a live target reads with. */
export interface LiveParts {
  readonly processMemory: ProcessMemory;
  readonly native?: NativeSupport | undefined;
}

/** One live process, composed: its memory, its CPython, its threads and files, and the means to stop it. */
export class LiveTarget implements Target {
  readonly pid: number;
  readonly runtime: CPythonRuntime;
  readonly facts: ProcessFacts;
  /** What was read stays as it was until `clear()`: the unit of one look. */
  readonly memory: PageCache;
  readonly objects: ObjectReader;
  readonly codeObjects: CodeObjects;
  readonly #program: RunningProgram;
  readonly #processMemory: ProcessMemory;
  readonly #native: NativeSupport | undefined;
  /** Its threads under their two ids. */
  readonly tasks: Tasks;
  readonly #sources: SourceFiles;
  readonly filesAsOf: Date;
  #collectorCode: readonly AddressRange[] | undefined;
  #arenaVariables: { readonly found: ArenaVariables | undefined } | undefined;

  constructor(
    program: RunningProgram,
    { processMemory, native }: LiveParts,
    memory: PageCache,
    runtime: CPythonRuntime,
  ) {
    const { pid } = program;
    this.pid = pid;
    this.#program = program;
    this.runtime = runtime;
    this.memory = memory;
    this.objects = new ObjectReader(memory, runtime.layout);
    this.codeObjects = new CodeObjects(memory, runtime.layout, this.objects);
    this.#processMemory = processMemory;
    this.#native = native;
    this.tasks = new Tasks(pid);
    this.filesAsOf = processStartTime(pid);
    this.#sources = new SourceFiles((path) => readTargetTextFile(pid, path), this.filesAsOf);
    this.facts = {
      pid,
      innerPid: this.tasks.innerPid,
      executable: readExecutablePath(pid) ?? '',
      commandLine: readCommandLine(pid),
      python: runtime.version,
    };
  }

  /** The time of day here, which is the target's too. */
  now(): Date {
    return new Date();
  }

  /** What the kernel keeps of the process beside its memory, as it is from now on. */
  get surroundings(): Surroundings {
    return new Surroundings(this.pid, this.tasks.innerPid !== undefined);
  }

  /** Makes room for a read of these ranges, before the process is stopped for it. */
  reserve(ranges: readonly AddressRange[]): void {
    this.#processMemory.reserve(ranges.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0));
  }

  /**
   * Asks something of the target, and takes no answer that may mix two programs.
   * @throws {ProcessReplacedError} when it began to run another program since it was opened
   */
  ask<Answer>(question: () => Answer): Answer {
    return this.#program.during(question);
  }

  /**
   * Checks that there still is the program that was opened.
   * @throws {ProcessReplacedError | ProcessExitedError | NoSuchProcessError | ZombieProcessError} as the names say
   */
  check(): void {
    this.ask(() => checkInspectable(this.pid));
  }

  /** Stops every thread of the process until the pause is resumed or disposed of; see {@link pauseProcess}. */
  pause(restless?: ReadonlySet<number>): Pause {
    return pauseProcess(this.pid, restless);
  }

  /** Checks that threads of the process can be stopped; see {@link checkStoppable}. */
  checkStoppable(): void {
    checkStoppable(this.pid);
  }

  /** Opens what stops threads of the process that run, and no others, over and over. */
  openThreadStops(): ThreadStops {
    return new ThreadStops(this.pid);
  }

  /** Reads where a thread sleeps; `undefined` for one that does not. */
  readSleepingRegisters(threadId: number): ThreadRegisters | undefined {
    return readSleepingRegisters(this.pid, threadId);
  }

  /** The memory as it is at each moment, beside what `memory` keeps of an earlier one. */
  get changingMemory(): Memory {
    return this.#processMemory;
  }

  /** Makes ready to look at all threads again and again, as they are at each moment. */
  openSweep(): LiveSweep {
    const { layout } = this.runtime;
    const memory = this.#processMemory;
    const openReader = (): RangeReader => openRangeReader(this.pid, memory);
    const objects = new ObjectReader(memory, layout);
    const pages = new PageCache(memory);
    return {
      sweep: new ProcessSweep(this.runtime, { memory, sweep: openReader(), repairs: openReader() }),
      codeObjects: new CodeObjects(memory, layout, objects),
      stamps: new CodeStamps(layout, openReader()),
      exceptions: new HandledExceptions(layout, openReader(), (interpreter) =>
        findNone(objects, interpreter),
      ),
      objects: new ObjectReader(pages, layout),
      pages,
      words: new WordStamps(openReader()),
    };
  }

  /** Makes ready to look at the GILs again and again. */
  openGilSweep(): GilSweep {
    const memory = this.#processMemory;
    return new GilSweep(memory, this.runtime, openRangeReader(this.pid, memory));
  }

  /**
   * Makes ready to count each call of the functions that take and drop the GIL.
   * @throws {CannotCountError} where kernel, rights or symbols are lacking
   */
  openGilCounters(): GilCounters {
    const code = withAddressSpace(this.pid, this.memory, (space) => findGilCode(space, this.runtime.roots));
    return new GilCounters(this.pid, code);
  }

  /** Makes ready to ask again and again what a thread does. */
  watchActivity(threadId: number): ActivityWatch {
    return new ActivityWatch(this.pid, threadId);
  }

  /** Makes ready to ask again and again whether a thread runs. */
  watchRunState(threadId: number): ThreadRunState {
    return new ThreadRunState(this.pid, threadId);
  }

  /** Has the thread of ours that asks run where a thread of the process does; see {@link moveToCpuOf}. */
  moveToCpuOf(threadId: number): void {
    moveToCpuOf(this.pid, threadId);
  }

  /** Reads which threads the kernel has now: from the id in the target's pid namespace to the one in ours. */
  readTasks(): ReadonlyMap<number, number> {
    return this.tasks.read();
  }

  /** The id that a thread has in the target's pid namespace, when that is another one than ours. */
  innerThreadId(threadId: number): number | undefined {
    return this.tasks.innerThreadId(threadId);
  }

  /** Reads the kernel's name of a thread. */
  kernelNameOf(threadId: number): string | undefined {
    return readThreadName(this.pid, threadId);
  }

  /** Reads how long a thread has run on a CPU. */
  cpuTimeNsOf(threadId: number): bigint | undefined {
    return readThreadCpuTimeNs(this.pid, threadId);
  }

  /** Reads what a thread does: one that stands still in a pause, or did, as it was when it came to stand. */
  activityOf(threadId: number, pause?: Pause): ThreadActivity {
    return threadActivity(pause?.syscallOf(threadId) ?? readThreadSyscall(this.pid, threadId));
  }

  /** The code that runs only while garbage is collected, as far as the symbols of the target tell. */
  collectorCode(): readonly AddressRange[] {
    this.#collectorCode ??= withAddressSpace(this.pid, this.memory, (space) =>
      findCollectorCode(space, this.runtime.roots),
    );
    return this.#collectorCode;
  }

  /** Where the list of arenas is, which stays where it is; searched for once. */
  arenaVariables(): ArenaVariables | undefined {
    this.#arenaVariables ??= withAddressSpace(this.pid, this.memory, (space) => ({
      found: findArenaVariables(space, this.memory, this.runtime),
    }));
    return this.#arenaVariables.found;
  }

  /** Memory without a file behind it, which the program has asked for, without the stack of the main thread. */
  filelessMemory(): readonly AddressRange[] {
    return withAddressSpace(this.pid, this.memory, ({ anonymousRanges, heap }) =>
      heap === undefined ? anonymousRanges : [...anonymousRanges, heap],
    );
  }

  /** Reads how much of each mapping is in memory; `undefined` where the kernel does not count that. */
  readMappingUses(): readonly MappingUse[] | undefined {
    return readMappingUses(this.pid);
  }

  /** The memory that the process alone can write to: its objects lie there. */
  writableMemory(): readonly AddressRange[] {
    return readMaps(this.pid)
      .filter(({ isReadable, isWritable, isShared }) => isReadable && isWritable && !isShared)
      .map(({ start, end }) => ({ address: start, sizeBytes: end - start }));
  }

  /** Reads where the C stacks of threads are, as far as they do not run at the moment. */
  readLiveStacks(threadIds: readonly number[]): readonly LiveStack[] {
    return readLiveStacks(this.pid, threadIds);
  }

  /** Makes ready to copy what native stacks are unwound from; to be asked before a pause. */
  stackCopier(): StackCopier {
    return new StackCopier(this.pid, this.#processMemory);
  }

  /** Whether its memory shows when garbage is collected. */
  get showsCollections(): boolean {
    return showsCollections(this.runtime);
  }

  /** Whether native stacks can be asked for. */
  get hasNative(): boolean {
    return this.#native !== undefined;
  }

  /**
   * Opens what turns copies into native stacks.
   * @throws {TypeError} when the target was opened without
   */
  openNativeStacks(): NativeStacks {
    if (this.#native === undefined) throw new TypeError('Cannot make native stacks: opened without');
    return this.#native.NativeStacks.ofProcess(this.pid, this.#processMemory);
  }

  /** What the process finds at a path, relative to its working directory. */
  pathFacts(path: string): PathFacts | undefined {
    return pathFactsOfTarget(this.pid, path);
  }

  /** Finds a source file that a code object names, as the target sees it. */
  sourceOf(filename: string): SourceText | undefined {
    return this.#sources.find(filename);
  }

  /** Closes the process's memory; nothing can be read from then on. */
  [Symbol.dispose](): void {
    this.#processMemory[Symbol.dispose]();
  }
}
