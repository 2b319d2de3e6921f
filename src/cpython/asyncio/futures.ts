import type { Address } from '../../base/address.ts';
import { MalformedInputError } from '../../base/errors.ts';
import { readIfSound } from '../../base/read-if-sound.ts';
import type { StructView } from '../../base/struct-view.ts';
import type { AsyncioLayout } from '../layouts/layout.ts';
import { readStruct } from '../objects/foreign-struct.ts';
import { readListItems, readSetItems, readTupleItems } from '../objects/sequences.ts';
import type { TypeFacts } from '../objects/type-table.ts';
import { type AsyncioSource, asyncioLayoutOf, withoutNone } from './asyncio-source.ts';

/** A future or task, of the C module or of Python code. */
export interface Future {
  readonly address: Address;
  readonly typeName: string;
  readonly loop: Address | undefined;
  readonly state: 'pending' | 'cancelled' | 'finished';
  /** It ended with an exception. */
  readonly hasFailed: boolean;
  /** Reads what is called when it is done. */
  readonly callbacks: () => readonly Address[];
  /** `traceback.StackSummary` of where it was made, when the loop was in debug mode. */
  readonly sourceTraceback: Address | undefined;
  /** The tasks and futures that wait for it, as the interpreter itself notes them (3.14+, the C module). */
  readonly awaitedBy: readonly Address[] | undefined;
  /** `undefined` for a future that is no task. */
  readonly task: TaskParts | undefined;
  /** Whether all of it is kept by the C module. */
  readonly isNative: boolean;
}

/** What a task has beside a future. */
export interface TaskParts {
  /** What it runs; `undefined` once it is done. */
  readonly coroutine: Address | undefined;
  /** The future that it waits for. */
  readonly waiter: Address | undefined;
  /** A `str`, or an `int` that its name is made of (3.13+). */
  readonly name: Address | undefined;
}

/** More callbacks of one future than this are not looked at. */
const MOST_CALLBACKS = 100_000;
const FUTURE_ATTRIBUTES = ['_loop', '_callbacks', '_state', '_exception', '_source_traceback'];
const TASK_ATTRIBUTES = ['_coro', '_fut_waiter', '_name'];

/** The futures of a target that stands still, each read once. */
export class Futures {
  readonly #source: AsyncioSource;
  readonly #layout: AsyncioLayout | undefined;
  readonly #known = new Map<Address, Future | undefined>();
  readonly #kinds = new Map<Address, FutureKind>();

  constructor(source: AsyncioSource) {
    this.#source = source;
    this.#layout = asyncioLayoutOf(source);
  }

  /** Reads a future or task; `undefined` for what is none, and for what cannot be read. */
  find(address: Address): Future | undefined {
    if (this.#known.has(address)) return this.#known.get(address);
    const future = readIfSound(() => this.read(address));
    this.#known.set(address, future);
    return future;
  }

  /** Names the type of an object, a future or not. */
  typeNameOf(address: Address): string {
    return this.#known.get(address)?.typeName ?? this.#source.typeOf(address).fullName;
  }

  /**
   * Reads a future or task.
   * @throws {MalformedInputError} for what is none
   */
  read(address: Address): Future | undefined {
    const type = this.#source.typeOf(address);
    const kind = this.#kindOf(type);
    const isNative = kind !== 'other' && this.#layout !== undefined;
    const future = isNative
      ? this.#readNative({ address, typeName: type.fullName }, this.#layout, kind)
      : this.#readPython(address, type);
    const isMixed = future?.task === undefined && kind === 'future' && !type.isBuiltIn;
    const pythonTask = isMixed ? this.#pythonTask(address) : undefined;
    const known = future && pythonTask ? { ...future, task: pythonTask, isNative: false } : future;
    this.#known.set(address, known);
    return known;
  }

  #kindOf(type: TypeFacts): FutureKind {
    const known = this.#kinds.get(type.address);
    if (known !== undefined) return known;
    const kind = kindOf(type);
    this.#kinds.set(type.address, kind);
    if (this.#layout !== undefined) refuseOtherSize(type, kind, this.#layout);
    return kind;
  }

  #readNative(
    { address, typeName }: Pick<Future, 'address' | 'typeName'>,
    layout: AsyncioLayout,
    kind: 'task' | 'future',
  ): Future {
    const isTask = kind === 'task';
    const sizeBytes = isTask ? layout.taskSizeBytes : layout.futureSizeBytes;
    const struct = readStruct(this.#source.memory, address, sizeBytes, isTask ? 'TaskObj' : 'FutureObj');
    const first = layout.callback0 === undefined ? undefined : struct.pointer(layout.callback0);
    const others = struct.pointer(layout.callbacks);
    return {
      address,
      typeName,
      loop: struct.pointer(layout.loop),
      state: STATES[struct.u8(layout.state)] ?? 'pending',
      hasFailed: struct.pointer(layout.exception) !== undefined,
      callbacks: () => [...(first === undefined ? [] : [first]), ...this.#callbacksIn(others)],
      sourceTraceback: struct.pointer(layout.sourceTraceback),
      awaitedBy: this.#awaitedBy(struct, layout),
      isNative: true,
      task: isTask
        ? {
            coroutine: struct.pointer(layout.coroutine),
            waiter: struct.pointer(layout.waiter),
            name: layout.name === undefined ? undefined : struct.pointer(layout.name),
          }
        : undefined,
    };
  }

  #awaitedBy(
    struct: StructView,
    { awaitedBy, isAwaitedBySet }: AsyncioLayout,
  ): readonly Address[] | undefined {
    if (awaitedBy === undefined || isAwaitedBySet === undefined) return undefined;
    const one = struct.pointer(awaitedBy);
    if (one === undefined) return [];
    if (struct.u8(isAwaitedBySet) === 0) return [one];
    return readSetItems(this.#source, one, MOST_CALLBACKS).items.filter((item) => item !== undefined);
  }

  /** What Python code keeps is in the instance's dict, and what it has not set yet is in the class. */
  #readPython(address: Address, type: TypeFacts): Future | undefined {
    if (type.isBuiltIn) return undefined;
    const source = this.#source;
    const found = source.findAttributes(address, FUTURE_ATTRIBUTES);
    const callbacks = found.get('_callbacks');
    if (!found.has('_loop') || callbacks === undefined) return undefined;
    const present = (name: string) => this.#present(found.get(name));
    const state = present('_state');
    return {
      address,
      typeName: type.fullName,
      loop: present('_loop'),
      state: state === undefined ? 'pending' : (NAMED_STATES[source.readText(state)] ?? 'pending'),
      hasFailed: present('_exception') !== undefined,
      callbacks: () => this.#callbacksIn(this.#present(callbacks)),
      sourceTraceback: present('_source_traceback'),
      awaitedBy: undefined,
      task: this.#pythonTask(address),
      isNative: false,
    };
  }

  /** 3.6 derives the task of Python code from the future of the C module. */
  #pythonTask(address: Address): TaskParts | undefined {
    const found = this.#source.findAttributes(address, TASK_ATTRIBUTES);
    if (!found.has('_coro')) return undefined;
    const present = (name: string) => this.#present(found.get(name));
    return { coroutine: present('_coro'), waiter: present('_fut_waiter'), name: present('_name') };
  }

  /** A list of callables (3.6), or of tuples of one and its context. */
  #callbacksIn(list: Address | undefined): readonly Address[] {
    if (list === undefined) return [];
    return readListItems(this.#source, list, MOST_CALLBACKS).items.flatMap((item) => {
      if (item === undefined) return [];
      if (this.#source.typeOf(item).name !== 'tuple') return [item];
      return readTupleItems(this.#source, item, 1).items.flatMap((callback) => callback ?? []);
    });
  }

  #present(object: Address | undefined): Address | undefined {
    return withoutNone(this.#source, object);
  }
}

/** `fut_state`, cpython/Modules/_asynciomodule.c, 3.6 to 3.15. */
const STATES: readonly Future['state'][] = ['pending', 'cancelled', 'finished'];
/** cpython/Lib/asyncio/base_futures.py. */
const NAMED_STATES: Readonly<Record<string, Future['state']>> = {
  PENDING: 'pending',
  CANCELLED: 'cancelled',
  FINISHED: 'finished',
};

type FutureKind = 'task' | 'future' | 'other';

function kindOf({ builtInTypes }: TypeFacts): FutureKind {
  if (builtInTypes.includes('_asyncio.Task')) return 'task';
  return builtInTypes.includes('_asyncio.Future') ? 'future' : 'other';
}

/** A build whose structs are others than those of the table is not guessed at. */
function refuseOtherSize(
  type: TypeFacts,
  kind: FutureKind,
  { taskSizeBytes, futureSizeBytes }: AsyncioLayout,
): void {
  if (kind === 'other') return;
  const expected = kind === 'task' ? taskSizeBytes : futureSizeBytes;
  const isSound = type.isBuiltIn ? type.basicSize === expected : type.basicSize >= expected;
  if (isSound) return;
  throw new MalformedInputError(
    `type ${type.name}`,
    0,
    `its objects have ${type.basicSize} bytes, in our table ${expected}`,
  );
}
