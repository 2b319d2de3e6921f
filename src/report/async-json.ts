import { hex } from '../base/address.ts';
import type { AsyncLoop, AsyncTask, Awaited, LoopTurn } from '../model/async-task.ts';
import type { Frame } from '../model/frame.ts';
import type { Greenlet, GreenletThread } from '../model/greenlet.ts';
import type { Problem } from '../model/problem.ts';
import { type JsonValue, optionalToJson } from './json-value.ts';
import { placeToJson } from './place-json.ts';

/** How the parts are written that threads have too. */
export interface PartsToJson {
  readonly frameToJson: (frame: Frame) => JsonValue;
  readonly problemToJson: (problem: Problem) => JsonValue;
}

/** Writes an event loop and its tasks. */
export function asyncLoopToJson(loop: AsyncLoop, parts: PartsToJson): JsonValue {
  return {
    address: hex(loop.address),
    typeName: loop.typeName,
    interpreterId: loop.interpreterId,
    isRunning: loop.isRunning,
    isClosed: loop.isClosed ?? null,
    osThreadId: loop.osThreadId ?? null,
    pthreadId: optionalToJson(loop.pthreadId, hex),
    threadName: loop.threadName ?? null,
    turn: optionalToJson(loop.turn, turnToJson),
    tasks: loop.tasks.map((task) => taskToJson(task, parts)),
  };
}

/** Writes what shows whether a loop turns. */
export function turnToJson({ readyCount, overdueSeconds }: LoopTurn): JsonValue {
  return { readyCount, overdueSeconds: overdueSeconds ?? null };
}

/** Writes the greenlets of a thread. */
export function greenletThreadToJson(thread: GreenletThread, parts: PartsToJson): JsonValue {
  return {
    osThreadId: thread.osThreadId ?? null,
    pthreadId: optionalToJson(thread.pthreadId, hex),
    threadName: thread.threadName ?? null,
    greenlets: thread.greenlets.map((greenlet) => greenletToJson(greenlet, parts)),
  };
}

function greenletToJson(greenlet: Greenlet, { frameToJson, problemToJson }: PartsToJson): JsonValue {
  const { address, typeName, isMain, parent, frames, problems } = greenlet;
  return {
    address: hex(address),
    typeName: typeName ?? null,
    isMain,
    parent: optionalToJson(parent, hex),
    frames: frames.map(frameToJson),
    problems: problems.map(problemToJson),
  };
}

function taskToJson(task: AsyncTask, { frameToJson, problemToJson }: PartsToJson): JsonValue {
  return {
    address: hex(task.address),
    name: task.name ?? null,
    state: task.state,
    coroutineName: task.coroutineName ?? null,
    frames: task.frames.map(frameToJson),
    waitsFor: optionalToJson(task.waitsFor, awaitedToJson),
    awaitedBy: task.awaitedBy.map(hex),
    origin: optionalToJson(task.origin, (lines) =>
      lines.map(({ filename, line, name }) => ({ filename, line: line ?? null, name })),
    ),
    problems: task.problems.map(problemToJson),
  };
}

function awaitedToJson({ address, typeName, primitive }: Awaited): JsonValue {
  return {
    address: hex(address),
    typeName,
    primitive: optionalToJson(primitive, (known) => ({
      address: hex(known.address),
      typeName: known.typeName,
      isHeld: known.isHeld ?? null,
      holders: known.holders.map(({ task, takenAt }) => ({
        task: hex(task),
        takenAt: optionalToJson(takenAt, placeToJson),
      })),
      areAllHolders: known.areAllHolders,
    })),
  };
}
