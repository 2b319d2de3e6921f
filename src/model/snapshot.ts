import type { Address } from '../base/address.ts';
import type { AsyncLoop } from './async-task.ts';
import type { GreenletThread } from './greenlet.ts';
import type { LockReport } from './lock-report.ts';
import type { Problem } from './problem.ts';
import type { PythonVersion } from './python-version.ts';
import type { NativeThread, ThreadStack } from './thread-stack.ts';

/** The process that was looked at. */
export interface ProcessFacts {
  readonly pid: number;
  /** Its pid in its own namespace, when that is another one. */
  readonly innerPid: number | undefined;
  readonly executable: string;
  readonly commandLine: readonly string[];
  readonly python: PythonVersion;
}

/** One interpreter of the process. */
export interface InterpreterFacts {
  readonly id: number;
  readonly address: Address;
  readonly isMain: boolean;
  /** It has no thread at all: created, and nothing runs in it. */
  readonly isIdle: boolean;
}

/** Every Python thread of a process at one moment. */
export interface Snapshot {
  readonly process: ProcessFacts;
  /** When the read began, as an ISO 8601 time in UTC. */
  readonly takenAt: string;
  /** How the interpreter state was found. */
  readonly foundBy: string;
  /** How long the target's threads stood still; `undefined` when they did not. */
  readonly pauseNs: bigint | undefined;
  /** Newest first, as CPython lists them; the main interpreter is last. */
  readonly interpreters: readonly InterpreterFacts[];
  /** Newest first, as CPython lists them, so the main thread is last. Those of one OS thread are together. */
  readonly threads: readonly ThreadStack[];
  /** Threads that no interpreter knows, by their ids; `undefined` when they were not asked for. */
  readonly nativeThreads: readonly NativeThread[] | undefined;
  /** The event loops of asyncio and their tasks; `undefined` when they were not asked for. */
  readonly asyncLoops: readonly AsyncLoop[] | undefined;
  /** The suspended greenlets by their threads; `undefined` unless tasks were asked for. */
  readonly greenlets: readonly GreenletThread[] | undefined;
  readonly problems: readonly Problem[];
  /** Who waits for whom at that moment; absent when it was not asked for. */
  readonly locks?: LockReport;
}
