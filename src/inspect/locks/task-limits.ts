import type { Address } from '../../base/address.ts';
import { readIfSound } from '../../base/read-if-sound.ts';
import type { RawTask } from '../../cpython/asyncio/tasks.ts';
import type { RawFrame } from '../../cpython/frame-chain.ts';
import { readBoundNames } from '../../cpython/objects/frame-variables.ts';
import type { Target } from '../../target/target.ts';
import type { TaskStatements } from './task-statements.ts';
import { attributeOf } from './waited-objects.ts';

/** The `async with` statements that end by themselves, and the attribute that says when. */
const TIMEOUTS: Readonly<Record<string, string>> = {
  'asyncio.timeouts.Timeout': '_when',
  'async_timeout.Timeout': '_deadline',
};
const TASK_GROUP = 'asyncio.taskgroups.TaskGroup';
const TASKS_FILE = /[/]asyncio[/]tasks\.pyc?$/u;
const GROUPS_FILE = /[/]asyncio[/]taskgroups\.pyc?$/u;
/** Calls of asyncio that end by themselves when they are given a time: wait_for() has a statement of its own from 3.12 on. */
const LIMITED_CALLS: ReadonlySet<string> = new Set(['wait_for', 'wait']);

/** Tells whether a task gives up after some time what it waits for. */
export function hasTimeout(target: Target, statements: TaskStatements, task: RawTask): boolean {
  const isLimited = statements.of(task).some(({ manager }) => {
    const attribute = TIMEOUTS[typeNameOf(target, manager)];
    return attribute !== undefined && isSet(target, attributeOf(target, manager, attribute));
  });
  return (
    isLimited ||
    statements
      .framesOf(task)
      .some(
        (frame) =>
          LIMITED_CALLS.has(functionIn(target, frame, TASKS_FILE) ?? '') &&
          isSet(target, variableOf(target, frame, 'timeout')),
      )
  );
}

/** A task, those that note it as one that waits for them, and where it stands. */
export interface Awaiting {
  readonly task: RawTask;
  readonly awaited: readonly RawTask[];
  readonly statements: TaskStatements;
}

/**
 * Of the tasks that note another one as waiting for them, those on whose end it waits for certain, all of them: not the tasks
 * of a group in whose body it still stands, nor several of which the first that ends is enough.
 */
export function awaitsSurely(target: Target, { task, awaited, statements }: Awaiting): readonly RawTask[] {
  const { waitsFor, state } = task;
  if (state !== 'waiting' || waitsFor === undefined || waitsFor.primitive !== undefined) return [];
  const direct = awaited.filter(({ address }) => address === waitsFor.address);
  if (direct.length > 0) return direct;
  const inGroup = statements.of(task).some(({ manager }) => typeNameOf(target, manager) === TASK_GROUP);
  if (inGroup) return [];
  const calls = statements.framesOf(task).slice(0, 2);
  const waits = calls.filter((frame) => /^_?wait$/u.test(functionIn(target, frame, TASKS_FILE) ?? ''));
  const isForAll = waits.some((frame) => textOf(target, frame, 'return_when') === 'ALL_COMPLETED');
  if (waits.length > 0) return isForAll ? awaited : [];
  if (calls.some((frame) => functionIn(target, frame, TASKS_FILE) === '_wait_for_one')) return [];
  const isGroupEnd = calls.some((frame) => functionIn(target, frame, GROUPS_FILE) !== undefined);
  const isGathering = waitsFor.typeName.endsWith('._GatheringFuture');
  return isGroupEnd || isGathering || awaited.length === 1 ? awaited : [];
}

function typeNameOf({ objects }: Target, object: Address): string {
  return readIfSound(() => objects.typeNameOf(object)) ?? '';
}

/** The name of the function that a frame runs, when it is of that file. */
function functionIn({ codeObjects }: Target, { code }: RawFrame, file: RegExp): string | undefined {
  if (code === undefined) return undefined;
  return readIfSound(() => {
    const { filename, name } = codeObjects.factsOf(code);
    return file.test(filename) ? name : undefined;
  });
}

function variableOf({ objects }: Target, { address, code }: RawFrame, wanted: string): Address | undefined {
  if (code === undefined) return undefined;
  const bound = readIfSound(() => readBoundNames(objects, { frameAddress: address, codeAddress: code }));
  return bound?.find(({ name }) => name === wanted)?.object;
}

function textOf(target: Target, frame: RawFrame, variable: string): string | undefined {
  const object = variableOf(target, frame, variable);
  return object === undefined ? undefined : readIfSound(() => target.objects.readText(object));
}

function isSet(target: Target, object: Address | undefined): boolean {
  return object !== undefined && typeNameOf(target, object) !== 'NoneType';
}
