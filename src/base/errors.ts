import { type Address, hex } from './address.ts';

/**
 * Every failure that a caller may want to tell apart. What the CLI advises for each, and its exit status,
 * are tables typed by this union (src/cli/advice.ts), so that a new code without them does not compile.
 */
export type ErrorCode =
  | 'aborted'
  | 'agent-answer'
  | 'agent-lost'
  | 'agent-place'
  | 'agent-silent'
  | 'already-traced'
  | 'bad-argument'
  | 'cannot-count'
  | 'cannot-push'
  | 'cannot-read-file'
  | 'cannot-serve'
  | 'cannot-start-program'
  | 'cannot-write-file'
  | 'evaluation-cancelled'
  | 'evaluation-failed'
  | 'ffi-unavailable'
  | 'hook-refused'
  | 'injection-refused'
  | 'injection-timed-out'
  | 'interpreter-not-found'
  | 'kernel-thread'
  | 'malformed-input'
  | 'no-python-installed'
  | 'no-such-name'
  | 'no-such-process'
  | 'no-such-thread'
  | 'not-kept'
  | 'not-confirmed'
  | 'not-in-target'
  | 'not-permitted'
  | 'not-python'
  | 'not-reloadable'
  | 'other-version'
  | 'process-exited'
  | 'process-replaced'
  | 'replay-refused'
  | 'sampler-failed'
  | 'thread-id'
  | 'torch-refused'
  | 'unreadable-memory'
  | 'unusable-core'
  | 'unwritable-memory'
  | 'unsupported-python'
  | 'wrong-program'
  | 'zombie-process';

/**
 * Base of every error that a caller may want to tell apart. Anything else thrown is a bug of ours.
 * Messages read *Cannot ⟨verb⟩ ⟨object⟩: ⟨state⟩*, without a full stop.
 */
export abstract class InspectorError extends Error {
  abstract readonly code: ErrorCode;

  override get name(): string {
    return this.constructor.name;
  }
}

/** Tells whether an error says only that some memory could not be read or made no sense, so that a walk may go on. */
export function isAboutMemory(error: unknown): error is UnreadableMemoryError | MalformedInputError {
  return error instanceof UnreadableMemoryError || error instanceof MalformedInputError;
}

/** Tells errors that say that the process is not there any more. */
export function isAboutEnd(error: unknown): error is ProcessExitedError | NoSuchProcessError {
  return error instanceof ProcessExitedError || error instanceof NoSuchProcessError;
}

/** The target's memory was not readable there: unmapped, or the process is gone. */
export class UnreadableMemoryError extends InspectorError {
  readonly code = 'unreadable-memory';
  readonly address: Address;
  readonly sizeBytes: number;

  constructor(address: Address, sizeBytes: number, options?: ErrorOptions) {
    super(`Cannot read ${sizeBytes} bytes at ${hex(address)}: not mapped in the target`, options);
    this.address = address;
    this.sizeBytes = sizeBytes;
  }
}

/** Nothing could be written into the target's memory there. */
export class UnwritableMemoryError extends InspectorError {
  readonly code = 'unwritable-memory';
  readonly address: Address;

  constructor(address: Address, sizeBytes: number, options?: ErrorOptions) {
    super(`Cannot write ${sizeBytes} bytes at ${hex(address)}: not mapped in the target`, options);
    this.address = address;
  }
}

/** Bytes that are not what they should be: cut off, torn, or of another format. */
export class MalformedInputError extends InspectorError {
  readonly code = 'malformed-input';
  /** The file, struct or section that was read. */
  readonly source: string;
  /** Byte offset into `source` at which it went wrong. */
  readonly offset: number;

  constructor(source: string, offset: number, state: string, options?: ErrorOptions) {
    super(`Cannot read ${source} at offset ${offset}: ${state}`, options);
    this.source = source;
    this.offset = offset;
  }
}

/** No process has that id, at least not in the pid namespace that we run in. */
export class NoSuchProcessError extends InspectorError {
  readonly code = 'no-such-process';
  readonly pid: number;

  constructor(pid: number, options?: ErrorOptions) {
    super(`Cannot inspect process ${pid}: no such process`, options);
    this.pid = pid;
  }
}

/** The process was there when we began and ended while we looked. */
export class ProcessExitedError extends InspectorError {
  readonly code = 'process-exited';
  readonly pid: number;

  constructor(pid: number, options?: ErrorOptions) {
    super(`Cannot inspect process ${pid}: it ended meanwhile`, options);
    this.pid = pid;
  }
}

/** The process called execve(2) while we looked: its id is the same, and its memory is that of another program. */
export class ProcessReplacedError extends InspectorError {
  readonly code = 'process-replaced';
  readonly pid: number;

  constructor(pid: number, options?: ErrorOptions) {
    super(`Cannot inspect process ${pid}: it began to run another program meanwhile`, options);
    this.pid = pid;
  }
}

/** The process has ended and waits for its parent to collect it; nothing is left to read. */
export class ZombieProcessError extends InspectorError {
  readonly code = 'zombie-process';
  readonly pid: number;

  constructor(pid: number) {
    super(`Cannot inspect process ${pid}: it is a zombie, which has ended and has no memory`);
    this.pid = pid;
  }
}

/** The id belongs to a thread of the kernel, which has no user memory. */
export class KernelThreadError extends InspectorError {
  readonly code = 'kernel-thread';
  readonly pid: number;

  constructor(pid: number, name: string) {
    super(`Cannot inspect process ${pid}: it is the kernel thread ${name}`);
    this.pid = pid;
  }
}

/** Another debugger or tracer holds the process. */
export class AlreadyTracedError extends InspectorError {
  readonly code = 'already-traced';
  readonly pid: number;
  readonly tracerPid: number;

  constructor(pid: number, tracerPid: number, tracerName: string, options?: ErrorOptions) {
    super(`Cannot stop process ${pid}: process ${tracerPid} (${tracerName}) is tracing it already`, options);
    this.pid = pid;
    this.tracerPid = tracerPid;
  }
}

/** Why the kernel refused us, as far as /proc tells; `forbidden`: to everybody, CAP_SYS_PTRACE or not. */
export type RefusalReason = 'other-user' | 'yama' | 'capability' | 'foreign-proc' | 'forbidden' | 'unknown';

/** The kernel does not let us look into that process. */
export class NotPermittedError extends InspectorError {
  readonly code = 'not-permitted';
  readonly pid: number;
  readonly reason: RefusalReason;

  constructor(pid: number, reason: RefusalReason, state: string, options?: ErrorOptions) {
    super(`Cannot inspect process ${pid}: ${state}`, options);
    this.pid = pid;
    this.reason = reason;
  }
}

/** The process does not run a CPython that we could find. */
export class NotPythonError extends InspectorError {
  readonly code = 'not-python';
  readonly pid: number;
  readonly executable: string;

  constructor(pid: number, executable: string) {
    super(`Cannot inspect process ${pid}: no CPython interpreter is loaded in ${executable}`);
    this.pid = pid;
    this.executable = executable;
  }
}

/** It is a CPython, but its interpreter state could not be found. */
export class InterpreterNotFoundError extends InspectorError {
  readonly code = 'interpreter-not-found';
  /** What was tried and what came of it, a line each. */
  readonly attempts: readonly string[];

  constructor(attempts: readonly string[], state = 'no method led to one that holds together') {
    super(`Cannot find the interpreter state: ${state}`);
    this.attempts = attempts;
  }
}

/** A CPython whose structs we have no table for. We never guess the nearest. */
export class UnsupportedPythonError extends InspectorError {
  readonly code = 'unsupported-python';
  readonly version: string;

  constructor(version: string, state: string) {
    super(`Cannot read CPython ${version}: ${state}`);
    this.version = version;
  }
}

/** The foreign function interface that stopping a process needs is not there. */
export class FfiUnavailableError extends InspectorError {
  readonly code = 'ffi-unavailable';

  constructor(what: string, options?: ErrorOptions) {
    super(`Cannot ${what}: the optional package koffi is not installed`, options);
  }
}

/** No thread of the target matches what was asked for. */
export class NoSuchThreadError extends InspectorError {
  readonly code = 'no-such-thread';

  constructor(wanted: string, existing: readonly string[]) {
    super(`Cannot show thread ${wanted}: the process has ${existing.join(', ')}`);
  }
}

/** A module is not loaded, or nothing has that name. */
export class NoSuchNameError extends InspectorError {
  readonly code = 'no-such-name';
  /** The last of the names that were asked for, which is not there. */
  readonly wanted: string;
  /** The names that are there instead. */
  readonly known: readonly string[];

  constructor(what: string, state: string, wanted: string, known: readonly string[]) {
    super(`Cannot find ${what}: ${state}`);
    this.wanted = wanted;
    this.known = known;
  }
}

/** The target does not keep what was asked for in a way that can be read. */
export class NotKeptError extends InspectorError {
  readonly code = 'not-kept';

  constructor(what: string, state: string) {
    super(`Cannot list ${what}: ${state}`);
  }
}

/** An option or argument has a value that it cannot have. */
export class BadArgumentError extends InspectorError {
  readonly code = 'bad-argument';
}

/** The id is that of a thread, and a thread is looked at with its whole process. */
export class ThreadIdError extends InspectorError {
  readonly code = 'thread-id';
  readonly processId: number;
  readonly threadId: number;

  constructor(processId: number, threadId: number) {
    super(`Cannot inspect process ${threadId}: it is a thread of process ${processId}`);
    this.processId = processId;
    this.threadId = threadId;
  }
}

/** A file that the user named could not be opened or read. */
export class CannotReadFileError extends InspectorError {
  readonly code = 'cannot-read-file';

  constructor(path: string, state: string, options?: ErrorOptions) {
    super(`Cannot read ${path}: ${state}`, options);
  }
}

/**
 * Why a core file cannot be looked at: it is no core, or a program; of a machine that is not read; cut off or damaged
 * before anything of it can be read; there is no Python in it; or the memory of its Python is not.
 */
export type CoreObstacle = 'no-core' | 'program' | 'architecture' | 'damaged' | 'no-python' | 'no-memory';

/** A file is no core file that can be read, or holds no CPython process. */
export class UnusableCoreError extends InspectorError {
  readonly code = 'unusable-core';
  readonly path: string;
  readonly obstacle: CoreObstacle;

  constructor(path: string, obstacle: CoreObstacle, state: string, options?: ErrorOptions) {
    super(`Cannot inspect core ${path}: ${state}`, options);
    this.path = path;
    this.obstacle = obstacle;
  }
}

/** The program that the user named is not the one that the process of a core ran. */
export class WrongProgramError extends InspectorError {
  readonly code = 'wrong-program';

  constructor(path: string, state: string, options?: ErrorOptions) {
    super(`Cannot use ${path} as the program of the core: ${state}`, options);
  }
}

/** Whoever asked for it has called it off. */
export class AbortedError extends InspectorError {
  readonly code = 'aborted';

  constructor(path: string, options?: ErrorOptions) {
    super(`Cannot decompress ${path}: it was called off`, options);
  }
}

/** The file that the output should go to could not be written. */
export class CannotWriteFileError extends InspectorError {
  readonly code = 'cannot-write-file';

  constructor(path: string, state: string, options?: ErrorOptions) {
    super(`Cannot write ${path}: ${state}`, options);
  }
}

/** The thread of ours that samples a process could not begin or go on. */
export class SamplerFailedError extends InspectorError {
  readonly code = 'sampler-failed';

  constructor(why: string, options?: ErrorOptions) {
    super(`Cannot sample the process: ${why}`, options);
  }
}

/** A program that we should start did not start, or ended before it was of any use. */
export class CannotStartProgramError extends InspectorError {
  readonly code = 'cannot-start-program';

  constructor(command: string, state: string, options?: ErrorOptions) {
    super(`Cannot start ${command}: ${state}`, options);
  }
}

/** The demo found no python3 to run. */
export class NoPythonInstalledError extends InspectorError {
  readonly code = 'no-python-installed';

  constructor() {
    super('Cannot start the demo: there is no python3 on PATH');
  }
}

/**
 * What stands in the way of a program that is to run inside the target. `version`: of a CPython before 3.6.
 * `architecture`: we run on another machine than x86-64. `free-threaded`: a build without GIL. `disabled`: remote debugging
 * was switched off (PEP 768). `stopped`: a signal or a cgroup has stopped it. `finalizing`: it is about to end.
 * `no-symbols`: the functions that are needed have no names. `unusual`: its memory is not as that version has it. `no-room`:
 * there is no memory that the program could be put into. `no-thread`: none of its threads can be asked in the way that was wished for. `path-too-long`: of the program's file.
 */
export type InjectionObstacle =
  | 'version'
  | 'architecture'
  | 'free-threaded'
  | 'disabled'
  | 'stopped'
  | 'finalizing'
  | 'filtered'
  | 'no-symbols'
  | 'unusual'
  | 'no-room'
  | 'no-thread'
  | 'path-too-long';

/** A program cannot be run inside the target; nothing was changed there. */
export class InjectionRefusedError extends InspectorError {
  readonly code = 'injection-refused';
  readonly pid: number;
  readonly obstacle: InjectionObstacle;

  constructor(pid: number, obstacle: InjectionObstacle, state: string, options?: ErrorOptions) {
    super(`Cannot run code in process ${pid}: ${state}`, options);
    this.pid = pid;
    this.obstacle = obstacle;
  }
}

/** The program did not begin to run inside the target in time, and will not any more. */
export class InjectionTimedOutError extends InspectorError {
  readonly code = 'injection-timed-out';
  readonly pid: number;

  constructor(pid: number, timeoutMs: number, state: string) {
    super(`Cannot run code in process ${pid}: not within ${timeoutMs} ms, since ${state}`);
    this.pid = pid;
  }
}

/** The agent could not be put into a process: no directory there takes its files. */
export class AgentPlaceError extends InspectorError {
  readonly code = 'agent-place';
  readonly pid: number;
  /** Directories as the process sees them, each with why not. */
  readonly attempts: readonly string[];

  constructor(pid: number, attempts: readonly string[]) {
    super(`Cannot attach to process ${pid}: no directory that it sees takes the files of the agent`);
    this.pid = pid;
    this.attempts = attempts;
  }
}

/** The agent did not come up, or did not answer, in the time that it was given. */
export class AgentSilentError extends InspectorError {
  readonly code = 'agent-silent';
  readonly pid: number;

  constructor(pid: number, state: string, options?: ErrorOptions) {
    super(`Cannot use the agent in process ${pid}: ${state}`, options);
    this.pid = pid;
  }
}

/** The agent was there and has gone while the process lives on. */
export class AgentLostError extends InspectorError {
  readonly code = 'agent-lost';
  readonly pid: number;

  constructor(pid: number, state: string, options?: ErrorOptions) {
    super(`Cannot go on with the agent in process ${pid}: ${state}`, options);
    this.pid = pid;
  }
}

/** What came from the agent is not what an agent of ours says. The process may be hostile: nothing of it is used. */
export class AgentAnswerError extends InspectorError {
  readonly code = 'agent-answer';

  constructor(state: string, options?: ErrorOptions) {
    super(`Cannot understand the agent: ${state}`, options);
  }
}

/** The process has no such module or attribute. */
export class NotInTargetError extends InspectorError {
  readonly code = 'not-in-target';

  constructor(state: string) {
    super(`Cannot find it in the process: ${state}`);
  }
}

/** What was named is there, but calls of it cannot be seen. */
export class HookRefusedError extends InspectorError {
  readonly code = 'hook-refused';
  /** Functions that could have been meant. */
  readonly functions: readonly string[];

  constructor(state: string, functions: readonly string[] = []) {
    super(`Cannot hook it: ${state}`);
    this.functions = functions;
  }
}

/** A recorded call cannot be repeated, or was called off while it ran. */
export class ReplayRefusedError extends InspectorError {
  readonly code = 'replay-refused';

  constructor(state: string) {
    super(`Cannot repeat the call: ${state}`);
  }
}

/** Code that was asked for raised an exception in the process, which the program there knows nothing of. */
export class EvaluationFailedError extends InspectorError {
  readonly code = 'evaluation-failed';
  /** As Python prints it. */
  readonly traceback: string;

  constructor(exceptionName: string, traceback: string) {
    super(`Cannot evaluate it in the process: ${exceptionName} was raised`);
    this.traceback = traceback;
  }
}

/** Code that was asked for was called off while it ran in the process. */
export class EvaluationCancelledError extends InspectorError {
  readonly code = 'evaluation-cancelled';

  /** The code is in a call that cannot be interrupted, and ends with that. */
  readonly goesOn: boolean;

  constructor(state = 'it was called off', goesOn = false) {
    super(`Cannot evaluate it in the process: ${state}`);
    this.goesOn = goesOn;
  }
}

/**
 * Why a function keeps the code that it has. `file`: its source is not where the process found it, or never was in a file;
 * `syntax`: that cannot be compiled; `gone`: it has no such function; `ambiguous`: it has several; `closure`: the new code needs
 * variables that the function was not made with; `decorators`: it is of another kind now; `value`: a default cannot be
 * computed; `no-function`: what was named is none of Python's; `failed`: Python refuses; `nothing` and `replaced`: there is nothing
 * to put back, or something else has been put there since.
 */
export type ReloadObstacle =
  | 'file'
  | 'syntax'
  | 'gone'
  | 'ambiguous'
  | 'closure'
  | 'decorators'
  | 'value'
  | 'no-function'
  | 'failed'
  | 'nothing'
  | 'replaced';

/** The new source of a function cannot be put into the process; nothing was changed there. */
export class NotReloadableError extends InspectorError {
  readonly code = 'not-reloadable';
  readonly obstacle: ReloadObstacle;
  /** Of code of the program that was run for it; empty when there was none. */
  readonly traceback: string;

  constructor(obstacle: ReloadObstacle, state: string, traceback = '') {
    const isUndo = obstacle === 'nothing' || obstacle === 'replaced';
    super(`Cannot ${isUndo ? 'put it back' : 'reload it'}: ${state}`);
    this.obstacle = obstacle;
    this.traceback = traceback;
  }
}

/** What can change the process was not permitted by who asked for it. */
export class NotConfirmedError extends InspectorError {
  readonly code = 'not-confirmed';

  constructor(what: string) {
    super(`Cannot ${what}: it can change the process, and that was not confirmed`);
  }
}
