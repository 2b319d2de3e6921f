import { hex } from '../base/address.ts';
import type { Deadlock, LockReport, RunningLoop } from '../model/lock-report.ts';
import type { ChildProcess, OpenFile } from '../model/open-file.ts';
import type { Holder, Wait, WaitedObject, WaitingThread } from '../model/thread-wait.ts';
import type { TaskWait, WaitingTask } from '../model/waiting-task.ts';
import { turnToJson } from './async-json.ts';
import { type JsonObject, type JsonValue, numberToJson, optionalToJson } from './json-value.ts';
import { placeToJson } from './place-json.ts';
import { activityToJson, problemToJson, processToJson, threadIdentityToJson } from './snapshot-json.ts';

/**
 * Writes who waits for whom as one JSON document, as docs/locks.schema.json describes it. Every field is always there,
 * `null` where it is absent; threads and tasks are told by their places in `threads` and `tasks`.
 */
export function locksToJson(report: LockReport): JsonObject {
  return {
    schemaVersion: 1,
    takenAt: report.takenAt,
    process: processToJson(report.process),
    pauseNs: optionalToJson(report.pauseNs, String),
    deadlocks: report.deadlocks.map(deadlockToJson),
    threads: report.threads.map(threadToJson),
    tasks: report.tasks.map(taskToJson),
    loops: report.loops.map(loopToJson),
    problems: report.problems.map(problemToJson),
  };
}

function deadlockToJson({ parties, hasTimeLimit }: Deadlock): JsonValue {
  return { parties: parties.map(({ kind, at }) => ({ kind, at })), hasTimeLimit };
}

function loopToJson({ address, typeName, interpreterId, thread, turn }: RunningLoop): JsonValue {
  return {
    address: hex(address),
    typeName,
    interpreterId: numberToJson(interpreterId),
    thread,
    turn: optionalToJson(turn, turnToJson),
  };
}

function taskToJson(task: WaitingTask): JsonValue {
  return {
    interpreterId: numberToJson(task.interpreterId),
    address: hex(task.address),
    name: task.name ?? null,
    coroutineName: task.coroutineName ?? null,
    state: task.state,
    thread: task.thread ?? null,
    place: optionalToJson(task.place, placeToJson),
    wait: optionalToJson(task.wait, taskWaitToJson),
    hasTimeLimit: task.hasTimeLimit,
    holders: task.holders.map(holderToJson),
    areAllHolders: task.areAllHolders,
    awaits: [...task.awaits],
  };
}

function taskWaitToJson(wait: TaskWait): JsonValue {
  if (wait.kind === 'tasks') return { kind: wait.kind };
  if (wait.kind !== 'awaitable') return waitToJson(wait);
  const { kind, typeName, address, call } = wait;
  return { kind, typeName, address: hex(address), call: call ?? null };
}

function threadToJson(thread: WaitingThread): JsonValue {
  return {
    ...threadIdentityToJson(thread),
    gil: thread.gil ?? null,
    activity: activityToJson(thread.activity),
    place: optionalToJson(thread.place, placeToJson),
    wait: optionalToJson(thread.wait, waitToJson),
    hasTimeLimit: thread.hasTimeLimit ?? null,
    holder: optionalToJson(thread.holder, holderToJson),
  };
}

function waitToJson(wait: Wait): JsonValue {
  const object = 'object' in wait ? { object: objectToJson(wait.object) } : {};
  const { kind } = wait;
  switch (wait.kind) {
    case 'semaphore':
      return { kind, ...object, value: wait.value ?? null };
    case 'shared-semaphore': {
      const { operation, value = null, maxValue, isTakenElsewhere = null } = wait;
      return { kind, operation, ...object, value, maxValue, isTakenElsewhere };
    }
    case 'queue': {
      const { operation, length = null, maxSize = null, unfinished = null } = wait;
      return { kind, operation, ...object, length, maxSize, unfinished };
    }
    case 'join':
      return { kind, ...object, threadName: wait.threadName ?? null };
    case 'future':
      return { kind, ...object, state: wait.state ?? null };
    case 'import-lock':
      return { kind, moduleName: wait.moduleName ?? null };
    case 'mutex':
    case 'futex':
      return { kind, address: hex(wait.address) };
    case 'system-call':
      return {
        kind,
        name: wait.name ?? null,
        files: wait.files.map(fileToJson),
        child:
          wait.child === undefined || wait.child === 'any' ? (wait.child ?? null) : childToJson(wait.child),
        lastsSeconds: wait.lastsSeconds ?? null,
        remainingSeconds: wait.remainingSeconds ?? null,
      };
    case 'lock':
      return { kind, ...object, isLocked: wait.isLocked ?? null };
    case 'condition':
    case 'barrier':
    case 'event':
    case 'gil':
      return { kind, ...object };
    default:
      return wait satisfies never;
  }
}

function fileToJson(file: OpenFile): JsonValue {
  if (file.kind !== 'socket') return { ...file };
  const { kind, fd, protocol, local, peer, isListening } = file;
  return { kind, fd, protocol: protocol ?? null, local: local ?? null, peer: peer ?? null, isListening };
}

function childToJson({ pid, name }: ChildProcess): JsonValue {
  return { pid, name: name ?? null };
}

function objectToJson({ typeName, address, name }: WaitedObject): JsonValue {
  return {
    typeName,
    address: hex(address),
    name: optionalToJson(name, ({ path, of, isLocal }) => ({
      path,
      isLocal,
      of: optionalToJson(of, (owner) => ({ typeName: owner.typeName, address: hex(owner.address) })),
    })),
  };
}

function holderToJson({ thread, task, osThreadId, evidence, takenAt }: Holder): JsonValue {
  return {
    thread: thread ?? null,
    task: task ?? null,
    osThreadId: osThreadId ?? null,
    evidence,
    takenAt: optionalToJson(takenAt, placeToJson),
  };
}
