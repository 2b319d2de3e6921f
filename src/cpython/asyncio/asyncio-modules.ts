import { type Address, offsetBy, toAddress } from '../../base/address.ts';
import { readIfSound } from '../../base/read-if-sound.ts';
import type { StructView } from '../../base/struct-view.ts';
import { foreignOffset, readPointer, readStruct } from '../objects/foreign-struct.ts';
import { type AsyncioSource, asyncioLayoutOf } from './asyncio-source.ts';

/** Where an interpreter keeps its tasks, as far as it has imported asyncio. */
export interface AsyncioModules {
  /** Objects that may hold tasks: sets, and `weakref.WeakSet`s of them. */
  readonly taskSets: readonly Address[];
  /** A dict from each running loop to the task that it runs; several in 3.14 and later, of C and of Python code. */
  readonly currentTasks: readonly Address[];
  /** What the C module tells of its lists, 3.14+. */
  readonly lists: AsyncioLists | undefined;
}

/** `_Py_AsyncioModuleDebugOffsets`, as far as tasks are found by it: offsets in threads, interpreters and tasks. */
export interface AsyncioLists {
  readonly taskNode: number;
  readonly interpreterHead: number;
  readonly threadHead: number;
  readonly threadRunningLoop: number;
  readonly threadRunningTask: number;
}

/** To 3.11, then from 3.12 on; `asyncio.tasks` has those of the C module, where there is one. */
const TASK_SETS = ['_all_tasks', '_scheduled_tasks', '_eager_tasks'];
const CURRENT_TASKS = '_current_tasks';

/** Finds where an interpreter keeps its tasks; `undefined` when asyncio is not imported there. */
export function findAsyncioModules(source: AsyncioSource, interpreter: Address): AsyncioModules | undefined {
  const { memory, layout } = source;
  const modules = readPointer(memory, offsetBy(interpreter, layout.interpreter.modules), 'sys.modules');
  if (modules === undefined) return undefined;
  const found = source.lookUpStrings(modules, ['asyncio.tasks', '_asyncio']);
  const tasks = found.get('asyncio.tasks');
  const native = found.get('_asyncio');
  if (tasks === undefined) return undefined;
  const names = namespaceOf(source, tasks);
  const wanted = source.lookUpStrings(names, [...TASK_SETS, CURRENT_TASKS, '_PyTask', '_CTask']);
  const current = wanted.get(CURRENT_TASKS);
  const state = native === undefined ? undefined : moduleState(source, native);
  const sets = TASK_SETS.flatMap((name) => wanted.get(name) ?? []);
  const old = sets.length > 0 ? NOTHING_OLD : oldPlaces(source, wanted.get('_PyTask'), wanted.get('_CTask'));
  return {
    taskSets: [...sets, ...(state?.taskSets ?? []), ...old.taskSets],
    currentTasks: [...(current === undefined ? [] : [current]), ...old.currentTasks],
    lists: state?.lists,
  };
}

function namespaceOf({ memory, layout }: AsyncioSource, module: Address): Address {
  return readStruct(memory, module, layout.module.dict + 8, 'module').requiredPointer(layout.module.dict);
}

/** Of `asyncio_state`, cpython/Modules/_asynciomodule.c, 3.14 and 3.15; what lies behind it may be anything. */
const STATE_WORDS = 20;

/**
 * What 3.14 and later keep in the C module alone: the sets of tasks that are not of its own type, and a pointer to the
 * table of its offsets. Both are known when they are seen, so that their places in the struct may move.
 */
function moduleState(
  source: AsyncioSource,
  module: Address,
): Pick<AsyncioModules, 'taskSets' | 'lists'> | undefined {
  const { memory, layout } = source;
  if (layout.module.state === undefined || layout.rules.asyncio?.awaitedBy === undefined) return undefined;
  const state = readPointer(memory, foreignOffset(module, layout.module.state, 'module'), 'md_state');
  if (state === undefined) return undefined;
  const pointers = pointersIn(readStruct(memory, state, STATE_WORDS * 8, 'asyncio_state'));
  const lists = pointers.map((pointer) => readIfSound(() => parseLists(source, pointer)));
  // The table is the only one that is no object: what lies in the place of its type leads nowhere.
  const objects = pointers.filter((_, at) => lists[at] === undefined);
  return { taskSets: taskSetsAmong(source, objects), lists: lists.find((found) => found !== undefined) };
}

/** What may be a pointer: aligned, and not a small number. Reading what is none costs a second pause. */
function pointersIn(struct: StructView): readonly Address[] {
  const words = Array.from({ length: Math.floor(struct.sizeBytes / 8) }, (_, at) =>
    readIfSound(() => struct.word(at * 8)),
  );
  return words.filter((word) => word !== undefined && word >= 1 << 16 && word % 8 === 0) as Address[];
}

/** The one `WeakSet`, and behind it the set of those that run eagerly. */
function taskSetsAmong(source: AsyncioSource, pointers: readonly Address[]): readonly Address[] {
  const names = pointers.map((pointer) => readIfSound(() => source.typeOf(pointer).name));
  const first = names.indexOf('WeakSet');
  if (first === -1) return [];
  return pointers.slice(first, names[first + 1] === 'set' ? first + 2 : first + 1);
}

/** Words of `_Py_AsyncioModuleDebugOffsets`, cpython/Modules/_asynciomodule.c, 3.14 and 3.15. */
const TABLE = {
  words: 13,
  taskSize: 0,
  taskName: 1,
  taskAwaitedBy: 2,
  taskAwaitedBySet: 4,
  taskCoroutine: 5,
  taskNode: 6,
  interpreterHead: 8,
  threadRunningLoop: 10,
  threadRunningTask: 11,
  threadHead: 12,
} as const;

/** The table has no cookie, but five numbers that we know. */
function parseLists(source: AsyncioSource, address: Address): AsyncioLists | undefined {
  const layout = asyncioLayoutOf(source);
  if (layout === undefined) return undefined;
  const table = readStruct(source.memory, address, TABLE.words * 8, 'AsyncioDebug');
  const word = (at: number): number => table.ssize(at * 8);
  const isTable =
    word(TABLE.taskName) === layout.name &&
    word(TABLE.taskAwaitedBy) === layout.awaitedBy &&
    word(TABLE.taskAwaitedBySet) === layout.isAwaitedBySet &&
    word(TABLE.taskCoroutine) === layout.coroutine;
  if (!isTable) return undefined;
  return {
    taskNode: word(TABLE.taskNode),
    interpreterHead: word(TABLE.interpreterHead),
    threadHead: word(TABLE.threadHead),
    threadRunningLoop: word(TABLE.threadRunningLoop),
    threadRunningTask: word(TABLE.threadRunningTask),
  };
}

/** How far behind its types the other static variables of a C module lie. */
const STATIC_BYTES = 32 << 10;

type OldPlaces = Pick<AsyncioModules, 'taskSets' | 'currentTasks'>;
const NOTHING_OLD: OldPlaces = { taskSets: [], currentTasks: [] };

/**
 * 3.6: tasks of Python code, and which of them run, are in attributes of their class, those of the C module in static
 * variables of it, which lie behind the type.
 */
function oldPlaces(
  source: AsyncioSource,
  pythonTask: Address | undefined,
  nativeTask: Address | undefined,
): OldPlaces {
  const ofPython = pythonTask === undefined ? undefined : source.typeFacts(pythonTask).dict;
  const found = ofPython === undefined ? undefined : source.lookUpStrings(ofPython, OLD_NAMES);
  const native = staticPlaces(source, nativeTask);
  const named = (name: string): readonly Address[] => {
    const place = found?.get(name);
    return place === undefined ? [] : [place];
  };
  return {
    taskSets: [...named('_all_tasks'), ...native.taskSets],
    currentTasks: [...named('_current_tasks'), ...native.currentTasks],
  };
}

const OLD_NAMES = ['_all_tasks', '_current_tasks'];

/** The set of tasks, and the dict of those that run: the variables beside it. */
function staticPlaces(source: AsyncioSource, nativeTask: Address | undefined): OldPlaces {
  if (nativeTask === undefined || source.typeFacts(nativeTask).isHeapType) return NOTHING_OLD;
  const { memory, layout } = source;
  const pointers: Address[] = [];
  const start = nativeTask - (nativeTask % 8) + layout.type.sizeBytes;
  for (let at = start; at < start + STATIC_BYTES; at += PIECE_BYTES) {
    const piece = readIfSound(() => readStruct(memory, toAddress(at), PIECE_BYTES, 'static variables'));
    if (piece === undefined) break;
    pointers.push(...pointersIn(piece));
  }
  const names = pointers.map((pointer) => readIfSound(() => source.typeOf(pointer).name));
  const isSet = (at: number): boolean => names[at] === 'WeakSet';
  return {
    taskSets: pointers.filter((_, at) => isSet(at)),
    currentTasks: pointers.filter((_, at) => names[at] === 'dict' && (isSet(at - 1) || isSet(at + 1))),
  };
}

const PIECE_BYTES = 512;
