import type { AddressRange } from '../../base/address.ts';
import { type InjectionObstacle, InjectionRefusedError } from '../../base/errors.ts';
import { MemoryWriter } from '../../platform/memory-writer.ts';
import { monotonicMs } from '../../platform/monotonic-clock.ts';
import type { MemoryMapping } from '../../platform/proc/maps.ts';
import { readMaps, readStatus } from '../../platform/process-files.ts';
import type { LiveTarget } from '../../target/live-target.ts';
import { NativeCallers } from '../../target/native/native-callers.ts';
import type { InjectedProgram, InjectionWish } from './inject.ts';
import { findEvaluationLoop, findInterpreterCode, type InterpreterCode } from './interpreter-code.ts';
import { type PythonThread, type PythonThreads, readPythonThreads } from './python-threads.ts';

const LOOK_INTERVAL_MS = 1;

/** What a program that was taken up is given at least, when no time remains. */
const BEGINNING_MS = 1000;

/** How often threads are looked at whose list changes all the time, as that of a server which starts one for each request. */
const MOST_LOOKS = 20;

/** How often one thread is held in vain. */
const MOST_HOLDS = 5;

/** One attempt to have a program run in a target: what every way of doing so needs, until it is disposed of. */
export class InjectionRun implements Disposable {
  readonly target: LiveTarget;
  readonly program: InjectedProgram;
  readonly code: InterpreterCode;
  readonly writer: MemoryWriter;
  readonly mappings: readonly MemoryMapping[];
  /** Seccomp filters of the main thread. */
  readonly filterCount: number;
  readonly #wish: InjectionWish;
  readonly #steps = new Set<string>();
  #deadlineMs: number;
  #callers: NativeCallers | undefined;
  #evaluationLoop: readonly AddressRange[] | undefined;
  readonly #holds = new Map<number, number>();

  /** @throws {InjectionRefusedError} when there is no interpreter, or none that is named */
  constructor(target: LiveTarget, program: InjectedProgram, wish: InjectionWish) {
    this.target = target;
    this.program = program;
    this.#wish = wish;
    this.#deadlineMs = monotonicMs() + wish.timeoutMs;
    const code = findInterpreterCode(target, this.look().interpreter.facts.address);
    if (code === undefined) throw this.refusal('unusual', 'its interpreter lies in no file that is mapped');
    this.code = code;
    this.mappings = readMaps(target.pid);
    this.filterCount = readStatus(target.pid).filterCount;
    this.writer = MemoryWriter.open(target.pid);
  }

  get pid(): number {
    return this.target.pid;
  }

  get steps(): readonly string[] {
    return [...this.#steps];
  }

  get timeoutMs(): number {
    return this.#wish.timeoutMs;
  }

  get remainingMs(): number {
    return Math.max(0, this.#deadlineMs - monotonicMs());
  }

  /** The code of the interpreter that runs Python code; it is looked for when it is first asked for. */
  get evaluationLoop(): readonly AddressRange[] {
    this.#evaluationLoop ??= findEvaluationLoop(this.target, this.code.path);
    return this.#evaluationLoop;
  }

  /** Notes what was done, for those who want to see each step; what is done over and over is noted once. */
  step(text: string): void {
    if (this.#steps.has(text)) return;
    this.#steps.add(text);
    this.#wish.onStep?.(text);
  }

  /** @throws {InjectionRefusedError} when there is no main interpreter any more */
  look(): PythonThreads {
    for (let look = 1; ; look += 1) {
      const found = this.target.ask(() => readPythonThreads(this.target));
      if (found === undefined) throw this.refusal('unusual', 'it has no main interpreter');
      if (!found.isTorn || look === MOST_LOOKS) return found;
    }
  }

  /** Whether a thread may be held once more: only some times in all, however often it comes to nothing. */
  mayHold(threadId: number): boolean {
    const holds = (this.#holds.get(threadId) ?? 0) + 1;
    this.#holds.set(threadId, holds);
    return holds <= MOST_HOLDS;
  }

  /** Makes the error that says what stands in the way. */
  refusal(obstacle: InjectionObstacle, state: string): InjectionRefusedError {
    return new InjectionRefusedError(this.pid, obstacle, state);
  }

  /**
   * Waits for a program that was taken up and cannot be called back. It is not asked for a second time meanwhile, however
   * long it takes on a machine that is busy: it would run twice.
   */
  async waitUntilBegun(): Promise<boolean> {
    return await this.waitUntilRun(Math.max(BEGINNING_MS, this.remainingMs));
  }

  /**
   * Waits until the program has begun to run, for some time at most. When it is not wished for any more, no time
   * remains at all, so that everything is taken back.
   */
  async waitUntilRun(mostMs: number, meanwhile?: () => void): Promise<boolean> {
    const until = monotonicMs() + mostMs;
    for (;;) {
      if (this.program.hasRun()) return true;
      if (monotonicMs() >= until) return false;
      if (this.#wish.signal?.aborted === true) {
        this.#deadlineMs = 0;
        return false;
      }
      meanwhile?.();
      await pauseFor(LOOK_INTERVAL_MS);
    }
  }

  /**
   * Tells whether CPython's own code makes the system call that a thread sleeps in, or that of a module of its standard
   * library: the innermost call that is not of the C library.
   */
  isOwnCall({ syscall, hasFrame }: PythonThread): boolean {
    if (syscall === undefined || syscall.kind !== 'inside' || !hasFrame) return false;
    const { stackPointer, instructionPointer } = syscall;
    this.#callers ??= new NativeCallers(this.pid, this.target.changingMemory);
    const calls = this.#callers.of({
      stackPointer,
      instructionPointer,
      threadPointer: undefined,
      all: undefined,
    });
    const caller = calls.find(({ modulePath }) => modulePath === undefined || !isLibraryOfC(modulePath));
    return caller?.modulePath !== undefined && isPythonsOwn(caller.modulePath, this.code.path);
  }

  [Symbol.dispose](): void {
    this.writer[Symbol.dispose]();
    this.#callers?.[Symbol.dispose]();
  }
}

function isLibraryOfC(path: string): boolean {
  return /\/(?:libc|libpthread|libm|ld)[-.][^/]*$|\/ld-musl-[^/]*$/u.test(path);
}

/**
 * A program that has CPython built in makes calls of its own from the same file, so that only one which is called python
 * counts. `_ctypes` calls what it is told to.
 */
function isPythonsOwn(path: string, interpreterPath: string): boolean {
  if (path === interpreterPath) return /\/(?:lib)?python[^/]*$/u.test(path);
  return /\/lib-dynload\/(?!_ctypes\b)[^/]+$/u.test(path);
}

function pauseFor(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
