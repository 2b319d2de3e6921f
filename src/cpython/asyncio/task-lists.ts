import { type Address, hex, isAddress, offsetBy } from '../../base/address.ts';
import { isAboutMemory } from '../../base/errors.ts';
import type { Problem } from '../../model/problem.ts';
import { foreignOffset, readPointer, readStruct } from '../objects/foreign-struct.ts';
import { readSetItems } from '../objects/sequences.ts';
import { type AsyncioModules, findAsyncioModules } from './asyncio-modules.ts';
import { type AsyncioSource, withoutNone } from './asyncio-source.ts';

/** The tasks of an interpreter before any of them is looked at, and which of them run. */
export interface TaskList {
  /** Each once; `None` too, where one is gone. */
  readonly tasks: readonly Address[];
  /** The task that each loop runs, as far as asyncio says. */
  readonly currentTasks: ReadonlyMap<Address, Address>;
  /** The loop that runs in each thread, by the address of its state. */
  readonly runningLoops: ReadonlyMap<Address, Address>;
}

/** What an interpreter's tasks are looked for in. */
export interface TaskSearch {
  readonly interpreter: Address;
  /** Its thread states. */
  readonly threadStates: readonly Address[];
}

/** More tasks than this are not shown. */
const MOST_TASKS = 100_000;

/** Finds the tasks of an interpreter; `undefined` when asyncio is not imported. What cannot be read becomes a problem. */
export function findTasks(
  source: AsyncioSource,
  { interpreter, threadStates }: TaskSearch,
  problems: Problem[],
): TaskList | undefined {
  const attempt = <T>(read: () => T): T | undefined => {
    try {
      return read();
    } catch (error) {
      if (!isAboutMemory(error)) throw error;
      const message = `Cannot read all asyncio tasks: ${error.message}`;
      if (!problems.some((known) => known.message === message))
        problems.push({ kind: 'unreadable-object', message });
      return undefined;
    }
  };
  const modules = attempt(() => findAsyncioModules(source, interpreter));
  if (modules === undefined) return undefined;
  const tasks = new Set<Address>();
  for (const set of modules.taskSets) attempt(() => addTasksOf(source, set, tasks));
  for (const head of listHeads(modules, interpreter, threadStates))
    attempt(() => addListed(source, modules, head, tasks));
  const running = new Running();
  for (const dict of modules.currentTasks) attempt(() => running.addDict(source, dict));
  for (const state of threadStates) attempt(() => running.addThread(source, state, modules));
  for (const task of running.currentTasks.values()) tasks.add(task);
  if (tasks.size >= MOST_TASKS)
    problems.push({ kind: 'cut-off', message: `Cannot read more than ${MOST_TASKS} asyncio tasks` });
  return { tasks: [...tasks], currentTasks: running.currentTasks, runningLoops: running.runningLoops };
}

/** A set of tasks, or a `WeakSet`, whose attribute `data` is a set of weak references. */
function addTasksOf(source: AsyncioSource, container: Address, tasks: Set<Address>): void {
  const { memory, layout } = source;
  const { name } = source.typeOf(container);
  const isWeak = name === 'WeakSet';
  const set = isWeak ? source.findAttributes(container, ['data']).get('data') : container;
  if (set === undefined) return;
  for (const item of readSetItems(source, set, MOST_TASKS).items) {
    if (tasks.size >= MOST_TASKS || item === undefined) return;
    const place = isWeak ? foreignOffset(item, layout.weakReference.object, 'weak reference') : undefined;
    const task = place === undefined ? item : readPointer(memory, place, 'wr_object');
    if (task !== undefined) tasks.add(task);
  }
}

/** Each thread has a list of its tasks; the interpreter has those of threads that have ended (3.14+). */
function listHeads(
  { lists }: AsyncioModules,
  interpreter: Address,
  threadStates: readonly Address[],
): readonly Address[] {
  if (lists === undefined) return [];
  return [
    offsetBy(interpreter, lists.interpreterHead),
    ...threadStates.map((state) => offsetBy(state, lists.threadHead)),
  ];
}

/** `struct llist_node`: next, then previous. A list that is empty points to itself. */
function addListed(
  { memory }: AsyncioSource,
  { lists }: AsyncioModules,
  head: Address,
  tasks: Set<Address>,
): void {
  if (lists === undefined) return;
  let node = head;
  for (let count = 0; count < MOST_TASKS; count += 1) {
    const links = readStruct(memory, node, 16, 'list of tasks');
    const next = links.pointer(0);
    // A list of a thread that never made a task may not be initialised.
    if (next === undefined && node === head) return;
    if (next === undefined) throw links.fail(0, 'it ends before its head');
    if (next === head) return;
    const back = readPointer(memory, foreignOffset(next, 8, 'list of tasks'), 'list of tasks');
    if (back !== node) throw links.fail(0, `the next node ${hex(next)} does not lead back`);
    tasks.add(foreignOffset(next, -lists.taskNode, 'task'));
    node = next;
  }
}

/** What runs, from all places that tell. */
class Running {
  readonly currentTasks = new Map<Address, Address>();
  readonly runningLoops = new Map<Address, Address>();

  addDict(source: AsyncioSource, dict: Address): void {
    for (const { key, value } of source.dictEntries(dict, MOST_LOOPS))
      if (withoutNone(source, value) !== undefined) this.currentTasks.set(key, value);
  }

  addThread(source: AsyncioSource, threadState: Address, { lists }: AsyncioModules): void {
    const loop = runningLoopOf(source, threadState, lists?.threadRunningLoop);
    if (loop === undefined) return;
    this.runningLoops.set(threadState, loop);
    if (lists === undefined) return;
    const place = offsetBy(threadState, lists.threadRunningTask);
    const task = withoutNone(source, readPointer(source.memory, place, 'running task'));
    if (task !== undefined) this.currentTasks.set(loop, task);
  }
}

const MOST_LOOPS = 65_536;
/** The key in the dict of a thread state, 3.7 to 3.12. */
const RUNNING_LOOP_KEY = '__asyncio_running_event_loop__';
/** To 3.11 the loop is in an object of its own (cpython/Modules/_asynciomodule.c). */
const HOLDER = '_RunningLoopHolder';

/** The loop that runs in a thread; `published` is where its state has it, 3.14+. */
export function runningLoopOf(
  source: AsyncioSource,
  threadState: Address,
  published: number | undefined,
): Address | undefined {
  const { memory, layout } = source;
  const offset = published ?? layout.threadState.runningLoop;
  if (offset !== undefined)
    return withoutNone(source, readPointer(memory, offsetBy(threadState, offset), 'running loop'));
  const dict = readPointer(memory, offsetBy(threadState, layout.threadState.dict), 'dict of a thread');
  const value = dict === undefined ? undefined : source.lookUpString(dict, RUNNING_LOOP_KEY);
  if (value === undefined) return undefined;
  const type = source.typeOf(value);
  if (!(type.isBuiltIn && type.name.endsWith(HOLDER))) return withoutNone(source, value);
  const place = value + layout.object.sizeBytes;
  return isAddress(place) ? withoutNone(source, readPointer(memory, place, 'running loop')) : undefined;
}
