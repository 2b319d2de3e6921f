import type { AgentSession } from '../agent/agent-session.ts';
import type { AgentOptions } from '../agent/find-agent.ts';
import { type GlobalOptions, takeGlobal } from '../inspect/global-value.ts';
import { type HeapSummaryOptions, summaryOfCensus, takeHeapSummary } from '../inspect/heap/heap-summary.ts';
import { type HoldingOptions, takeHoldings } from '../inspect/heap/holdings.ts';
import { type InstanceOptions, takeInstances } from '../inspect/heap/instances.ts';
import { type LargestOptions, takeLargest } from '../inspect/heap/largest-objects.ts';
import { type LockOptions, takeLocks } from '../inspect/locks.ts';
import { type ModuleOptions, takeModules } from '../inspect/modules.ts';
import { type NameOptions, takeNames } from '../inspect/name-list.ts';
import { type SnapshotOptions, takeSnapshot } from '../inspect/snapshot.ts';
import type { GlobalValue } from '../model/global-value.ts';
import type { HeapSummary } from '../model/heap-summary.ts';
import type { HoldingReport, LargestObjects } from '../model/holding-chain.ts';
import type { InstanceReport } from '../model/instance-report.ts';
import type { ModuleReport } from '../model/loaded-module.ts';
import type { LockReport } from '../model/lock-report.ts';
import type { NameEntry } from '../model/name-entry.ts';
import type { ProcessFacts, Snapshot } from '../model/snapshot.ts';
import { type LiveTarget, openTarget } from '../target/live-target.ts';

/** How a process is opened. */
export interface AttachOptions {
  /** Search all its memory for the interpreter when nothing else leads there. */
  readonly exhaustive?: boolean;
  /** Whether native frames may be asked for (the default). `false` saves loading what reads them, 20 ms. */
  readonly native?: boolean;
}

/** A live CPython process that is being looked at. Dispose of it to let go of its memory. */
export interface Inspection extends Disposable {
  /** What is known of the process without looking at its threads. */
  readonly facts: ProcessFacts;
  /** Whether its memory shows when garbage is collected, so that sampling with `gc` can mark it. */
  readonly showsCollections: boolean;
  /** Reads every Python thread at one moment; stops them for about a millisecond unless told not to. */
  snapshot(options?: SnapshotOptions): Snapshot;
  /** Finds out what every blocked thread waits for, who holds that, and which threads wait in a circle. */
  locks(options?: LockOptions): LockReport;
  /** Reads which modules are loaded, from which files, and what became of those. */
  modules(options?: ModuleOptions): ModuleReport;
  /**
   * Reads what a global of a module is bound to, or an attribute of a class or object in it.
   * @throws {NoSuchNameError} when the module is not loaded, or has no such name
   */
  global(options: GlobalOptions): GlobalValue;
  /**
   * Reads which names a module, a class or an object has, while the process runs.
   * @throws {NoSuchNameError} when the module is not loaded, or has no such name
   */
  names(options: NameOptions): readonly NameEntry[];
  /**
   * Finds the instances of a class and of those derived from it, in the lists of the garbage collector.
   * @throws {NoSuchNameError} when there is no such class
   * @throws {NotKeptError} for a CPython whose collector has no lists: a free-threaded build
   */
  instances(options: InstanceOptions): InstanceReport;
  /**
   * Counts all objects by type, and measures them as `sys.getsizeof` would.
   * @throws {NotKeptError} for a CPython whose collector has no lists: a free-threaded build
   */
  heapSummary(options?: HeapSummaryOptions): HeapSummary;
  /**
   * Finds the shortest chains from modules, running calls and threads to an object or to the instances of a class: why they live.
   * @throws {NoSuchNameError} when there is no such class, or no object at the address
   * @throws {NotKeptError} for a CPython whose collector has no lists: a free-threaded build
   */
  holdings(options: HoldingOptions): HoldingReport;
  /**
   * Finds the objects that take most by themselves, each with the shortest way to it.
   * @throws {NotKeptError} for a CPython whose collector has no lists: a free-threaded build
   */
  largestObjects(options?: LargestOptions): LargestObjects;
  /** The same as the interpreter counts them, which the agent asks. */
  heapSummaryInside(options?: AgentOptions): Promise<HeapSummary>;
  /** Reads a source file as the process sees it: its lines, `undefined` when there is none or it is newer than the process. */
  sourceOf(file: string): readonly string[] | undefined;
  /**
   * Checks that there still is the program that was opened.
   * @throws {InspectorError} when the process has ended, or runs another program now
   */
  check(): void;
  /**
   * Checks that threads of the process can be stopped, as sampling does with `blocking` and `native`. Nothing is stopped.
   * @throws {AlreadyTracedError} when a debugger holds it
   * @throws {FfiUnavailableError} when what stops threads is not installed
   */
  checkStoppable(): void;
  /**
   * Talks to the agent inside the process, which is brought in when there is none: from then on a thread and a socket of
   * ours are there, until `detach()`, or until nobody has been connected for 15 seconds.
   */
  agent(options?: AgentOptions): Promise<AgentSession>;
  /** Talks to the agent inside the process; `undefined` when there is none. Nothing is brought in. */
  findAgent(options?: AgentOptions): Promise<AgentSession | undefined>;
}

/**
 * Opens a running CPython process. Nothing is put into it, and nothing is stopped yet.
 * @throws {InspectorError} with a code that says why it cannot be looked at
 */
export async function attach(
  pid: number,
  { native = true, exhaustive = false }: AttachOptions = {},
): Promise<Inspection> {
  const support = native ? { native: await import('../target/native/native-stacks.ts') } : {};
  return new LiveInspection(openTarget(pid, { exhaustive, ...support }));
}

class LiveInspection implements Inspection {
  readonly facts: ProcessFacts;
  readonly showsCollections: boolean;
  readonly #target: LiveTarget;

  constructor(target: LiveTarget) {
    this.facts = target.facts;
    this.showsCollections = target.showsCollections;
    this.#target = target;
  }

  snapshot(options: SnapshotOptions = {}): Snapshot {
    return this.#target.ask(() => takeSnapshot(this.#target, options));
  }

  locks(options: LockOptions = {}): LockReport {
    return this.#target.ask(() => takeLocks(this.#target, options));
  }

  modules(options: ModuleOptions = {}): ModuleReport {
    return this.#target.ask(() => takeModules(this.#target, options));
  }

  global(options: GlobalOptions): GlobalValue {
    return this.#target.ask(() => takeGlobal(this.#target, options));
  }

  names(options: NameOptions): readonly NameEntry[] {
    return this.#target.ask(() => takeNames(this.#target, options));
  }

  instances(options: InstanceOptions): InstanceReport {
    return this.#target.ask(() => takeInstances(this.#target, options));
  }

  heapSummary(options: HeapSummaryOptions = {}): HeapSummary {
    return this.#target.ask(() => takeHeapSummary(this.#target, options));
  }

  holdings(options: HoldingOptions): HoldingReport {
    return this.#target.ask(() => takeHoldings(this.#target, options));
  }

  largestObjects(options: LargestOptions = {}): LargestObjects {
    return this.#target.ask(() => takeLargest(this.#target, options));
  }

  async heapSummaryInside(options: AgentOptions = {}): Promise<HeapSummary> {
    using agent = await this.agent(options);
    const census = await agent.memory.census(options.signal);
    return this.#target.ask(() => summaryOfCensus(this.#target, census));
  }

  sourceOf(file: string): readonly string[] | undefined {
    const source = this.#target.sourceOf(file);
    return source === undefined || source.isNewerThanProcess ? undefined : source.lines;
  }

  check(): void {
    this.#target.check();
  }

  checkStoppable(): void {
    this.#target.checkStoppable();
  }

  async agent(options: AgentOptions = {}): Promise<AgentSession> {
    const { openAgent } = await import('../agent/open-agent.ts');
    return await openAgent(this.#target.tasks, () => this.#target, options);
  }

  async findAgent(options: AgentOptions = {}): Promise<AgentSession | undefined> {
    const { findAgent } = await import('../agent/find-agent.ts');
    const found = await findAgent(this.#target.tasks, options);
    const { sweepLater } = await import('../agent/sweep.ts');
    if (found === undefined) sweepLater(this.#target)();
    return found;
  }

  [Symbol.dispose](): void {
    this.#target[Symbol.dispose]();
  }
}
