import type { Address } from '../../base/address.ts';
import { isAboutMemory } from '../../base/errors.ts';
import { foreignOffset, readPointer } from '../objects/foreign-struct.ts';
import { readDequeItems, readTupleItems } from '../objects/sequences.ts';
import type { AsyncioSource } from './asyncio-source.ts';
import type { Future, Futures } from './futures.ts';

/** Something that waits: a task, or a future that passes the result on to those that wait for it. */
interface Link {
  readonly address: Address;
  readonly isTask: boolean;
}

/**
 * The variable in which a callback's function keeps the future that it passes the result on to
 * (cpython/Lib/asyncio/tasks.py and futures.py, 3.6 to 3.15).
 */
const PASSED_ON_TO: Readonly<Record<string, string>> = {
  'gather.<locals>._done_callback': 'outer',
  // 3.9 alone.
  '_gather.<locals>._done_callback': 'outer',
  '_wait.<locals>._on_completion': 'waiter',
  'shield.<locals>._inner_done_callback': 'outer',
  'shield.<locals>._done_callback': 'outer',
  '_chain_future.<locals>._call_set_state': 'destination',
  'as_completed.<locals>._on_completion': 'done',
};

/** Attributes of the objects whose methods are callbacks, and that lead to a task or a future that waits. */
const METHODS: Readonly<Record<string, string>> = {
  'TaskGroup._on_task_done': '_parent_task',
  '_AsCompletedIterator._handle_completion': '_done',
};

/** The method with which a task of Python code goes on; 3.6 has it without the second underscore. */
const WAKE_UPS: readonly string[] = ['__wakeup', '_wakeup'];
/** A chain of futures that pass on to each other is not followed further. */
const MOST_LINKS = 1000;
const MOST_GETTERS = 1000;

/** Finds who waits for futures, by what they call when they are done. Each is looked at once. */
export class Awaiters {
  readonly #source: AsyncioSource;
  readonly #futures: Futures;
  readonly #byFuture = new Map<Address, readonly Address[]>();
  readonly #byCallback = new Map<Address, readonly Link[]>();

  constructor(source: AsyncioSource, futures: Futures) {
    this.#source = source;
    this.#futures = futures;
  }

  /** The tasks that wait for a future, directly or by way of `gather`, `wait`, `wait_for`, `shield` or a task group. */
  tasksAwaiting(future: Address): readonly Address[] {
    return this.#tasksBehind(future, 0);
  }

  #tasksBehind(future: Address, depth: number): readonly Address[] {
    const known = this.#byFuture.get(future);
    if (known !== undefined || depth > MOST_LINKS) return known ?? [];
    // Futures that pass on to each other in a ring end here.
    this.#byFuture.set(future, []);
    const found = this.#linksFrom(future).map(({ address, isTask }) =>
      isTask ? [address] : this.#tasksBehind(address, depth + 1),
    );
    const [only = []] = found;
    const tasks = found.length < 2 ? only : [...new Set(found.flat())];
    this.#byFuture.set(future, tasks);
    return tasks;
  }

  #linksFrom(address: Address): readonly Link[] {
    const future = this.#futures.find(address);
    if (future === undefined) return [];
    const noted = (future.awaitedBy ?? []).map((each) => this.#linkTo(each));
    return [...this.#callbacksOf(future).flatMap((callback) => this.#linksOf(callback)), ...noted.flat()];
  }

  #callbacksOf(future: Future): readonly Address[] {
    try {
      return future.callbacks();
    } catch (error) {
      if (!isAboutMemory(error)) throw error;
      return [];
    }
  }

  #linkTo(address: Address): readonly Link[] {
    const future = this.#futures.find(address);
    return future === undefined ? [] : [{ address, isTask: future.task !== undefined }];
  }

  #linksOf(callback: Address): readonly Link[] {
    const known = this.#byCallback.get(callback);
    if (known !== undefined) return known;
    let links: readonly Link[] = [];
    try {
      links = this.#readLinks(callback);
    } catch (error) {
      if (!isAboutMemory(error)) throw error;
    }
    this.#byCallback.set(callback, links);
    return links;
  }

  #readLinks(callback: Address): readonly Link[] {
    const { layout } = this.#source;
    const { name, isBuiltIn } = this.#source.typeOf(callback);
    if (!isBuiltIn) return [];
    switch (name) {
      // The C module to 3.9: an object whose only member is the task.
      case 'TaskWakeupMethWrapper':
        return this.#taskAt(callback, layout.object.sizeBytes);
      // From 3.10 on: a method whose self is the task.
      case 'builtin_function_or_method':
      case 'builtin_method':
        return this.#taskAt(callback, layout.builtinMethod.self);
      case 'method':
        return this.#linksOfMethod(callback);
      case 'function':
        return this.#linksOfFunction(callback);
      case 'functools.partial':
        return this.#linksOfPartial(callback);
      default:
        return [];
    }
  }

  #taskAt(holder: Address, offset: number): readonly Link[] {
    const task = this.#pointer(holder, offset);
    return task === undefined ? [] : this.#linkTo(task).filter(({ isTask }) => isTask);
  }

  #linksOfMethod(method: Address): readonly Link[] {
    const { layout } = this.#source;
    const bound = this.#pointer(method, layout.method.function);
    const self = this.#pointer(method, layout.method.self);
    if (bound === undefined || self === undefined || this.#source.typeOf(bound).name !== 'function')
      return [];
    const name = this.#functionName(bound);
    if (WAKE_UPS.some((wakeUp) => name.endsWith(`.${wakeUp}`)))
      return this.#linkTo(self).filter(({ isTask }) => isTask);
    const attribute = Object.hasOwn(METHODS, name) ? METHODS[name] : undefined;
    if (attribute === undefined) return [];
    const target = this.#source.findAttributes(self, [attribute]).get(attribute);
    return target === undefined ? [] : this.#linksTo(target);
  }

  #linksOfFunction(callback: Address): readonly Link[] {
    const name = this.#functionName(callback);
    const variable = Object.hasOwn(PASSED_ON_TO, name) ? PASSED_ON_TO[name] : undefined;
    const target = variable === undefined ? undefined : this.#closureVariable(callback, variable);
    return target === undefined ? [] : this.#linksTo(target);
  }

  /** To 3.11 `wait_for` hands `_release_waiter` the future that it waits for; 3.6 does so in `gather` too. */
  #linksOfPartial(partial: Address): readonly Link[] {
    const { sizeBytes } = this.#source.layout.object;
    const callback = this.#pointer(partial, sizeBytes);
    const args = this.#pointer(partial, sizeBytes + 8);
    if (callback === undefined || args === undefined || this.#source.typeOf(callback).name !== 'function')
      return [];
    if (this.#functionName(callback) !== '_release_waiter') return this.#linksOfFunction(callback);
    const [waiter] = readTupleItems(this.#source, args, 1).items;
    return waiter === undefined ? [] : this.#linkTo(waiter);
  }

  /** A task or a future, or a queue, whose readers wait for futures that are in a deque. */
  #linksTo(target: Address): readonly Link[] {
    const link = this.#linkTo(target);
    const { deque } = this.#source.layout;
    if (link.length > 0 || deque === undefined) return link;
    const getters = this.#source.findAttributes(target, ['_getters']).get('_getters');
    if (getters === undefined || this.#source.typeOf(getters).name !== 'collections.deque') return [];
    const { items } = readDequeItems({ ...this.#parts(), deque }, getters, MOST_GETTERS);
    return items.flatMap((item) => (item === undefined ? [] : this.#linkTo(item)));
  }

  #parts(): Pick<AsyncioSource, 'memory' | 'layout'> {
    return { memory: this.#source.memory, layout: this.#source.layout };
  }

  #functionName(callback: Address): string {
    const { qualname, name } = this.#source.layout.function;
    const text = this.#pointer(callback, qualname ?? name);
    return text === undefined ? '' : this.#source.readText(text);
  }

  /** The names of a closure's variables are the last that its code names, in the order of the cells. */
  #closureVariable(callback: Address, name: string): Address | undefined {
    const { layout } = this.#source;
    const code = this.#pointer(callback, layout.function.code);
    const cells = this.#pointer(callback, layout.function.closure);
    const names = code === undefined ? undefined : this.#pointer(code, this.#namesOffset());
    if (cells === undefined || names === undefined) return undefined;
    const { items } = readTupleItems(this.#source, cells, MOST_LINKS);
    const texts = readTupleItems(this.#source, names, MOST_LINKS).items.slice(-items.length);
    const at = texts.findIndex((text) => text !== undefined && this.#source.readText(text) === name);
    const cell = items[at];
    return cell === undefined ? undefined : this.#pointer(cell, layout.cell.content);
  }

  #namesOffset(): number {
    const { localsPlusNames, freeVars } = this.#source.layout.code;
    const offset = localsPlusNames ?? freeVars;
    if (offset === undefined) throw new TypeError('a layout of code needs localsPlusNames or freeVars');
    return offset;
  }

  #pointer(object: Address, offset: number): Address | undefined {
    return readPointer(this.#source.memory, foreignOffset(object, offset, 'callback'), 'callback');
  }
}
