import { hex } from '../base/address.ts';
import type { Frame, SourceRange } from '../model/frame.ts';
import type { MergedFrame, NativeFrame, NativeStack } from '../model/native-frame.ts';
import type { Variable } from '../model/object-view.ts';
import type { Problem } from '../model/problem.ts';
import { formatPythonVersion, type PythonVersion } from '../model/python-version.ts';
import type { InterpreterFacts, ProcessFacts, Snapshot } from '../model/snapshot.ts';
import type { NativeThread, ThreadActivity, ThreadIdentity, ThreadStack } from '../model/thread-stack.ts';
import { asyncLoopToJson, greenletThreadToJson } from './async-json.ts';
import { type JsonObject, type JsonValue, numberToJson, optionalToJson } from './json-value.ts';
import { objectToJson } from './object-json.ts';

/**
 * Writes a snapshot as one JSON document, as docs/snapshot.schema.json describes it. Every field is always there,
 * `null` where it is absent; addresses are `0x…` strings and 64-bit integers are decimal strings.
 */
export function snapshotToJson(snapshot: Snapshot): JsonObject {
  return {
    schemaVersion: 1,
    takenAt: snapshot.takenAt,
    process: processToJson(snapshot.process),
    foundBy: snapshot.foundBy,
    pauseNs: optionalToJson(snapshot.pauseNs, String),
    interpreters: snapshot.interpreters.map(interpreterToJson),
    threads: snapshot.threads.map(threadToJson),
    nativeThreads: optionalToJson(snapshot.nativeThreads, (threads) => threads.map(nativeThreadToJson)),
    asyncLoops: optionalToJson(snapshot.asyncLoops, (loops) =>
      loops.map((loop) => asyncLoopToJson(loop, { frameToJson, problemToJson })),
    ),
    greenlets: optionalToJson(snapshot.greenlets, (threads) =>
      threads.map((thread) => greenletThreadToJson(thread, { frameToJson, problemToJson })),
    ),
    problems: snapshot.problems.map(problemToJson),
  };
}

/** Writes a version with its text as Python has it. */
export function versionToJson(version: PythonVersion): JsonValue {
  const { major, minor, micro, releaseLevel, serial, isFreeThreaded, isDebugBuild } = version;
  const text = formatPythonVersion(version);
  return { text, major, minor, micro, releaseLevel, serial, isFreeThreaded, isDebugBuild };
}

/** Writes what is known of a process as a whole. */
export function processToJson({ pid, innerPid, executable, commandLine, python }: ProcessFacts): JsonValue {
  return {
    pid,
    innerPid: innerPid ?? null,
    executable,
    commandLine: [...commandLine],
    python: versionToJson(python),
  };
}

function interpreterToJson({ id, address, isMain, isIdle }: InterpreterFacts): JsonValue {
  return { id: numberToJson(id), address: hex(address), isMain, isIdle };
}

/** The fields that every thread begins with. */
export function threadIdentityToJson(thread: ThreadIdentity): JsonObject {
  return {
    interpreterId: numberToJson(thread.interpreterId),
    threadState: hex(thread.threadState),
    osThreadId: thread.osThreadId ?? null,
    innerThreadId: thread.innerThreadId ?? null,
    pthreadId: optionalToJson(thread.pthreadId, hex),
    kernelName: thread.kernelName ?? null,
    pythonName: thread.pythonName ?? null,
    isMainThread: thread.isMainThread,
  };
}

function threadToJson(thread: ThreadStack): JsonValue {
  return {
    ...threadIdentityToJson(thread),
    isTerminated: thread.isTerminated,
    gil: thread.gil ?? null,
    isCollectingGarbage: thread.isCollectingGarbage ?? null,
    activity: activityToJson(thread.activity),
    cpuTimeNs: optionalToJson(thread.cpuTimeNs, String),
    stackAnchor: optionalToJson(thread.stackAnchor, hex),
    frames: thread.frames.map(frameToJson),
    native: optionalToJson(thread.native, nativeStackToJson),
    merged: optionalToJson(thread.merged, (merged) => mergedToJson(merged, thread)),
    problems: thread.problems.map(problemToJson),
  };
}

function nativeThreadToJson(thread: NativeThread): JsonValue {
  return {
    osThreadId: thread.osThreadId,
    innerThreadId: thread.innerThreadId ?? null,
    kernelName: thread.kernelName ?? null,
    activity: activityToJson(thread.activity),
    cpuTimeNs: optionalToJson(thread.cpuTimeNs, String),
    native: optionalToJson(thread.native, nativeStackToJson),
  };
}

function nativeStackToJson({ frames, cutOff }: NativeStack): JsonValue {
  return { frames: frames.map(nativeFrameToJson), cutOff: cutOff ?? null };
}

function nativeFrameToJson(frame: NativeFrame): JsonValue {
  return {
    pc: hex(frame.pc),
    module: frame.module?.path ?? null,
    buildId: frame.module?.buildId ?? null,
    moduleAddress: optionalToJson(frame.moduleAddress, hex),
    symbol: frame.symbol ?? null,
    rawSymbol: frame.rawSymbol ?? frame.symbol ?? null,
    symbolOffset: frame.symbolOffset ?? null,
    file: frame.file ?? null,
    line: frame.line ?? null,
    isInlined: frame.isInlined,
  };
}

/** The frames stand in the two lists of their kinds already, so each is told by its place there. */
function mergedToJson(merged: readonly MergedFrame[], { frames, native }: ThreadStack): JsonValue {
  const places = new Map<Frame | NativeFrame, number>();
  for (const [at, frame] of [...frames.entries(), ...(native?.frames ?? []).entries()]) places.set(frame, at);
  return merged.map(({ kind, frame }) => ({ kind, index: places.get(frame) ?? null }));
}

/** Writes what the operating system says that a thread does. */
export function activityToJson(activity: ThreadActivity): JsonValue {
  if (activity.state !== 'blocked') return { state: activity.state };
  const { state, syscall, syscallName, args } = activity;
  return { state, syscall, syscallName: syscallName ?? null, args: args.map(hex) };
}

function frameToJson(frame: Frame): JsonValue {
  return {
    address: hex(frame.address),
    codeAddress: hex(frame.codeAddress),
    filename: frame.filename,
    name: frame.name,
    qualifiedName: frame.qualifiedName ?? null,
    firstLine: frame.firstLine,
    position: optionalToJson(frame.position, positionToJson),
    isEntry: frame.isEntry,
    sourceLine: frame.sourceLine ?? null,
    variables: optionalToJson(frame.variables, (variables) => variables.map(variableToJson)),
  };
}

function positionToJson({ line, endLine, column, endColumn }: SourceRange): JsonValue {
  return { line, endLine: endLine ?? null, column: column ?? null, endColumn: endColumn ?? null };
}

function variableToJson({ name, role, value }: Variable): JsonValue {
  return { name, role, value: objectToJson(value) };
}

/** Writes what could not be read. */
export function problemToJson({ kind, message, osThreadId }: Problem): JsonValue {
  return { kind, message, osThreadId: osThreadId ?? null };
}
