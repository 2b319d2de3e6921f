import type { Cancellation } from '../base/cancellation.ts';
import { type GlobalOptions, takeCoreGlobal } from '../inspect/global-value.ts';
import { type HeapSummaryOptions, takeCoreHeapSummary } from '../inspect/heap/heap-summary.ts';
import { type HoldingOptions, takeCoreHoldings } from '../inspect/heap/holdings.ts';
import { type InstanceOptions, takeCoreInstances } from '../inspect/heap/instances.ts';
import { type LargestOptions, takeCoreLargest } from '../inspect/heap/largest-objects.ts';
import { takeCoreLocks } from '../inspect/locks.ts';
import { type ModuleOptions, takeCoreModules } from '../inspect/modules.ts';
import { type CoreSnapshotOptions, takeCoreSnapshot } from '../inspect/snapshot.ts';
import type { CoreFacts } from '../model/core-signal.ts';
import type { GlobalValue } from '../model/global-value.ts';
import type { HeapSummary } from '../model/heap-summary.ts';
import type { HoldingReport, LargestObjects } from '../model/holding-chain.ts';
import type { InstanceReport } from '../model/instance-report.ts';
import type { LackingFile } from '../model/lacking-file.ts';
import type { ModuleReport } from '../model/loaded-module.ts';
import type { LockReport } from '../model/lock-report.ts';
import type { Problem } from '../model/problem.ts';
import type { ProcessFacts, Snapshot } from '../model/snapshot.ts';
import { librarySearch } from '../target/core-libraries.ts';
import { type CoreProgress, openCoreSource } from '../target/core-source.ts';
import { type CoreTarget, openCoreTarget } from '../target/core-target.ts';

export type { CoreProgress } from '../target/core-source.ts';

/** How a core file is opened. */
export interface CoreOptions {
  /** The program that the process ran, where it is not where the core says. */
  readonly executable?: string;
  /** Directories in which to look first for the libraries that the process had mapped. */
  readonly libraryPath?: readonly string[];
  /** A directory below which to look first for them and for sources: a root file system, or a bundle that was moved. */
  readonly libraryRoot?: string;
  /** Search all its memory for the interpreter when nothing else leads there. */
  readonly exhaustive?: boolean;
  /** Whether native frames may be asked for (the default). `false` saves loading what reads them, 20 ms. */
  readonly native?: boolean;
  /** Is told why the process ended as soon as that is known: also when there is no Python in the core. */
  readonly onFacts?: (facts: CoreFacts) => void;
  /** Called now and then while a compressed core is decompressed. */
  readonly onProgress?: (progress: CoreProgress) => void;
  /** Gives up decompressing when it is aborted. */
  readonly signal?: Cancellation;
}

/** The CPython process in a core file. Dispose of it to close the file. */
export interface CoreInspection extends Disposable {
  /** What is known of the process without looking at its threads. */
  readonly facts: ProcessFacts;
  /** What the core says of the process as a whole, and why it ended. */
  readonly coreFacts: CoreFacts;
  /** The files that the process had mapped and that are not at hand. */
  readonly lackingFiles: readonly LackingFile[];
  /** Reads every Python thread, as it was when the core was written. */
  snapshot(options?: CoreSnapshotOptions): Snapshot;
  /** Finds out what every blocked thread waited for, who held that, and which threads waited in a circle. */
  locks(): LockReport;
  /** Reads which modules were loaded, from which files, and what became of those since. */
  modules(options?: Omit<ModuleOptions, 'pause'>): ModuleReport;
  /** Reads what a global of a module was bound to, or an attribute of a class or object in it. */
  global(options: Omit<GlobalOptions, 'pause'>): GlobalValue;
  /** Finds the instances of a class and of those derived from it, in the lists of the garbage collector. */
  instances(options: Omit<InstanceOptions, 'pause'>): InstanceReport;
  /** Counts all objects by type, and measures them as `sys.getsizeof` would have. */
  heapSummary(options?: Omit<HeapSummaryOptions, 'pause'>): HeapSummary;
  /** Finds the shortest chains from modules, running calls and threads to an object or to the instances of a class: why they lived. */
  holdings(options: Omit<HoldingOptions, 'pause'>): HoldingReport;
  /** Finds the objects that took most by themselves, each with the shortest way to it. */
  largestObjects(options?: Omit<LargestOptions, 'pause'>): LargestObjects;
}

/**
 * Opens a core file of a CPython process, which may be compressed: gzip, zstd, xz, lz4.
 * @throws {InspectorError} with a code that says why it cannot be looked at
 */
export async function openCore(path: string, options: CoreOptions = {}): Promise<CoreInspection> {
  const { executable, libraryPath = [], libraryRoot, exhaustive = false, native = true } = options;
  const { onProgress, signal, onFacts } = options;
  const search = librarySearch(libraryPath, libraryRoot);
  const source = await openCoreSource(path, {
    ...(onProgress === undefined ? {} : { onProgress }),
    ...(signal === undefined ? {} : { signal }),
  });
  try {
    const named = {
      ...(executable === undefined ? {} : { executable }),
      ...(onFacts === undefined ? {} : { onFacts }),
    };
    const support = native ? { native: await import('../target/native/native-stacks.ts') } : {};
    return new FileInspection(openCoreTarget(source, { search, exhaustive, ...named, ...support }));
  } catch (error) {
    source[Symbol.dispose]();
    throw error;
  }
}

class FileInspection implements CoreInspection {
  readonly facts: ProcessFacts;
  readonly coreFacts: CoreFacts;
  readonly lackingFiles: readonly LackingFile[];
  readonly #target: CoreTarget;

  constructor(target: CoreTarget) {
    this.facts = target.facts;
    this.coreFacts = target.coreFacts;
    this.lackingFiles = target.lackingFiles;
    this.#target = target;
  }

  snapshot(options: CoreSnapshotOptions = {}): Snapshot {
    const snapshot = this.#target.ask(() => takeCoreSnapshot(this.#target, options));
    return { ...snapshot, problems: [...snapshot.problems, ...this.#target.problems()] };
  }

  locks(): LockReport {
    const report = takeCoreLocks(this.#target);
    return { ...report, problems: [...report.problems, ...this.#target.problems()] };
  }

  modules(options: Omit<ModuleOptions, 'pause'> = {}): ModuleReport {
    return this.#withProblems(() => takeCoreModules(this.#target, options));
  }

  global(options: Omit<GlobalOptions, 'pause'>): GlobalValue {
    return this.#withProblems(() => takeCoreGlobal(this.#target, options));
  }

  instances(options: Omit<InstanceOptions, 'pause'>): InstanceReport {
    return this.#withProblems(() => takeCoreInstances(this.#target, options));
  }

  heapSummary(): HeapSummary {
    return this.#withProblems(() => takeCoreHeapSummary(this.#target));
  }

  holdings(options: Omit<HoldingOptions, 'pause'>): HoldingReport {
    return this.#withProblems(() => takeCoreHoldings(this.#target, options));
  }

  largestObjects(options: Omit<LargestOptions, 'pause'> = {}): LargestObjects {
    return this.#withProblems(() => takeCoreLargest(this.#target, options));
  }

  #withProblems<Report extends { readonly problems: readonly Problem[] }>(take: () => Report): Report {
    const report = this.#target.ask(take);
    return { ...report, problems: [...report.problems, ...this.#target.problems()] };
  }

  [Symbol.dispose](): void {
    this.#target[Symbol.dispose]();
  }
}
