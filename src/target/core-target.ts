import { type AddressRange, isAddress, toAddress } from '../base/address.ts';
import { PageCache } from '../base/page-cache.ts';
import { rangeHolding } from '../base/sorted-search.ts';
import { type ArenaVariables, findArenaVariables } from '../cpython/allocator/arena-lists.ts';
import { CodeObjects } from '../cpython/code-objects.ts';
import { findCollectorCode } from '../cpython/collector-code.ts';
import type { AddressSpace } from '../cpython/discovery/address-space.ts';
import { findRuntime } from '../cpython/discovery/find-runtime.ts';
import { ObjectReader } from '../cpython/objects/object-reader.ts';
import type { CPythonRuntime } from '../cpython/runtime.ts';
import type { CoreFile } from '../elf/core/core-file.ts';
import { type CoreImage, openCoreImage } from '../elf/core/core-image.ts';
import { type LibrarySearch, pathsBelow } from '../elf/core/library-search.ts';
import type { CoreFacts } from '../model/core-signal.ts';
import type { LackingFile } from '../model/lacking-file.ts';
import type { Problem } from '../model/problem.ts';
import type { ProcessFacts } from '../model/snapshot.ts';
import type { ThreadActivity } from '../model/thread-stack.ts';
import { HostFiles } from '../platform/host-files.ts';
import { type PathFacts, pathFactsHere } from '../platform/path-facts.ts';
import type { SyscallState } from '../platform/proc/syscall.ts';
import { syscallOfRegisters } from '../platform/register-set.ts';
import { coreAddressSpace } from './core-address-space.ts';
import { coreFactsOf } from './core-facts.ts';
import { CoreImages } from './core-images.ts';
import { readTextBelow } from './core-libraries.ts';
import { requireProgram } from './core-program.ts';
import type { CoreSource } from './core-source.ts';
import { coreStacks } from './core-stacks.ts';
import { lackingFileSentences } from './lacking-files.ts';
import type { LiveStack } from './live-stacks.ts';
import type { NativeStacks } from './native/native-stacks.ts';
import type { StackCopies } from './native/stack-copies.ts';
import { SourceFiles, type SourceText } from './source-files.ts';
import type { NativeSupport, Target, TargetOptions } from './target.ts';
import { threadActivity } from './thread-activity.ts';
import { askMemoryOf, readUsableCore, requireRuntime } from './usable-core.ts';

/** How a core is opened. */
export interface CoreTargetOptions extends TargetOptions {
  /** The program, where the user has named it. */
  readonly executable?: string;
  /** Where files are looked for first. */
  readonly search: LibrarySearch;
  /** Is told what the core says of its process before a Python is looked for in it. */
  readonly onFacts?: (facts: CoreFacts) => void;
}

/**
 * Opens the process in a core file as a target, which closes the core with itself.
 * @throws {UnusableCoreError} for what is no core file, or holds no CPython
 * @throws {WrongProgramError} when the user named another program than that of the core
 */
export function openCoreTarget(opened: CoreSource, options: CoreTargetOptions): CoreTarget {
  const core = readUsableCore(opened.source);
  options.onFacts?.(coreFactsOf(core));
  const files = new HostFiles();
  try {
    return composeTarget(opened, { core, files }, options);
  } catch (error) {
    files[Symbol.dispose]();
    throw error;
  }
}

function composeTarget(
  opened: CoreSource,
  { core, files }: Pick<CoreParts, 'core' | 'files'>,
  options: CoreTargetOptions,
): CoreTarget {
  const { search } = options;
  const image = openCoreImage(core, {
    search,
    programPath: options.executable,
    open: (path) => files.open(path),
  });
  if (options.executable !== undefined) requireProgram(options.executable, image);
  const memory = new PageCache(image.memory);
  const images = new CoreImages(core, image);
  const space = coreAddressSpace(core, images);
  const exhaustive = options.exhaustive === true;
  const runtime = requireRuntime(() => findRuntime(memory, space, { exhaustive }), {
    path: opened.source.name,
    core,
    image,
  });
  return new CoreTarget(
    opened,
    { core, image, images, search, files, space, memory, runtime },
    options.native,
  );
}

interface CoreParts {
  readonly core: CoreFile;
  readonly image: CoreImage;
  readonly images: CoreImages;
  readonly search: LibrarySearch;
  readonly files: HostFiles;
  readonly space: AddressSpace;
  readonly memory: PageCache;
  readonly runtime: CPythonRuntime;
}

/** The process in a core file: nothing in it moves any more. */
export class CoreTarget implements Target {
  readonly pid: number;
  readonly runtime: CPythonRuntime;
  readonly facts: ProcessFacts;
  readonly memory: PageCache;
  readonly objects: ObjectReader;
  readonly codeObjects: CodeObjects;
  readonly #opened: CoreSource;
  readonly #parts: CoreParts;
  readonly #writtenAt: Date;
  readonly #sources: SourceFiles;
  /** By the id of their thread. */
  readonly #registers: ReadonlyMap<number, Uint8Array>;
  readonly #native: NativeSupport | undefined;

  constructor(opened: CoreSource, parts: CoreParts, native?: NativeSupport) {
    const { core, image, memory, runtime } = parts;
    this.#opened = opened;
    this.#parts = parts;
    this.#native = native;
    this.#writtenAt = opened.modifiedAt;
    this.#sources = new SourceFiles((path) => readTextBelow(path, parts.search), opened.modifiedAt);
    this.#registers = new Map(core.notes.threads.map(({ threadId, registers }) => [threadId, registers]));
    this.pid = pidOf(core);
    this.runtime = runtime;
    this.memory = memory;
    this.objects = new ObjectReader(memory, runtime.layout);
    this.codeObjects = new CodeObjects(memory, runtime.layout, this.objects);
    const { process } = core.notes;
    this.facts = {
      pid: this.pid,
      innerPid: undefined,
      executable: image.modules.find(({ isMainProgram }) => isMainProgram)?.path ?? '',
      commandLine: process?.commandLine.split(' ').filter((word) => word !== '') ?? [],
      python: runtime.version,
    };
  }

  /**
   * Asks something of the process.
   * @throws {UnusableCoreError} when the core lacks the memory for it
   */
  ask<Answer>(question: () => Answer): Answer {
    return askMemoryOf(this.#opened.source.name, this.#parts.core, question);
  }

  /** What the core says of the process as a whole. */
  get coreFacts(): CoreFacts {
    return coreFactsOf(this.#parts.core);
  }

  /** The files that are not at hand, each once. */
  get lackingFiles(): readonly LackingFile[] {
    return this.#parts.image.lacking;
  }

  /** What is missing of the core and of the files that it needs, each once. */
  problems(): readonly Problem[] {
    const { notes, missingBytes } = this.#parts.core;
    const messages = [...notes.problems];
    if (missingBytes > 0)
      messages.push(`The core file was cut off: its last ${missingBytes} bytes are missing`);
    const { problem } = this.#opened;
    if (problem !== undefined) messages.push(problem.message);
    messages.push(...lackingFileSentences(this.lackingFiles));
    return messages.map((message) => ({ kind: 'incomplete-core', message }));
  }

  now(): Date {
    return this.#writtenAt;
  }

  readTasks(): ReadonlyMap<number, number> {
    return new Map(this.#parts.core.notes.threads.map(({ threadId }) => [threadId, threadId]));
  }

  /** The kernel numbers the threads of a core as the process itself did. */
  innerThreadId(): undefined {
    return undefined;
  }

  /** A core has the name of one thread: the kernel's of the process. */
  kernelNameOf(threadId: number): string | undefined {
    return threadId === this.pid ? this.#parts.core.notes.process?.name : undefined;
  }

  /** Not in a core. */
  get surroundings(): undefined {
    return undefined;
  }

  /** Not in a core. */
  cpuTimeNsOf(): undefined {
    return undefined;
  }

  activityOf(threadId: number): ThreadActivity {
    return threadActivity(this.#syscallOf(threadId));
  }

  collectorCode(): readonly AddressRange[] {
    return findCollectorCode(this.#parts.space, this.runtime.roots);
  }

  arenaVariables(): ArenaVariables | undefined {
    return findArenaVariables(this.#parts.space, this.memory, this.runtime);
  }

  filelessMemory(): readonly AddressRange[] {
    const mains = this.readLiveStacks([this.pid]);
    return this.#parts.space.anonymousRanges.filter(
      ({ address, sizeBytes }) => !mains.some(({ from }) => address <= from && from < address + sizeBytes),
    );
  }

  readMappingUses(): undefined {
    return undefined;
  }

  writableMemory(): readonly AddressRange[] {
    return this.#parts.core.segments
      .filter(({ isReadable, isWritable }) => isReadable && isWritable)
      .map(({ start, end }) => ({ address: start, sizeBytes: end - start }));
  }

  readLiveStacks(threadIds: readonly number[]): readonly LiveStack[] {
    return threadIds.flatMap((threadId) => {
      const state = this.#syscallOf(threadId);
      if (state === undefined || state.kind === 'running') return [];
      const pointer = Number(state.stackPointer);
      const from = pointer - (pointer % 8);
      const segment = rangeHolding(this.#parts.core.segments, from);
      return segment === undefined || !isAddress(from)
        ? []
        : [{ threadId, from: toAddress(from), to: segment.end }];
    });
  }

  /** What native stacks are unwound from. */
  stackCopies(): StackCopies {
    const { core, image } = this.#parts;
    return coreStacks(core, image.memory);
  }

  /** Whether native stacks can be asked for. */
  get hasNative(): boolean {
    return this.#native !== undefined;
  }

  /**
   * Opens what turns registers and memory into native stacks.
   * @throws {TypeError} when the core was opened without
   */
  openNativeStacks(): NativeStacks {
    if (this.#native === undefined) throw new TypeError('Cannot make native stacks: opened without');
    const { core, image, images, search } = this.#parts;
    return this.#native.NativeStacks.ofCore({ machine: core.machine, memory: image.memory, images, search });
  }

  get filesAsOf(): Date {
    return this.#writtenAt;
  }

  /** A relative path has lost what it was relative to. */
  pathFacts(path: string): PathFacts | undefined {
    if (!path.startsWith('/')) return undefined;
    for (const candidate of pathsBelow(path, this.#parts.search)) {
      const facts = pathFactsHere(candidate);
      if (facts !== undefined) return facts;
    }
    return undefined;
  }

  /** As it is here now; a file that was written after the core may be another one. */
  sourceOf(filename: string): SourceText | undefined {
    return this.#sources.find(filename);
  }

  [Symbol.dispose](): void {
    this.#parts.files[Symbol.dispose]();
    this.#opened[Symbol.dispose]();
  }

  /** Only of x86-64 it is known where the registers tell it. */
  #syscallOf(threadId: number): SyscallState | undefined {
    const registers = this.#registers.get(threadId);
    const { machine } = this.#parts.core;
    return registers === undefined || machine !== 'x86-64' ? undefined : syscallOfRegisters(registers);
  }
}

function pidOf({ notes }: CoreFile): number {
  return notes.process?.pid ?? notes.threads[0]?.threadId ?? 0;
}
