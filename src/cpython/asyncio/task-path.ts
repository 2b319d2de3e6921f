import { type Address, wordStart } from '../../base/address.ts';
import { readIfSound } from '../../base/read-if-sound.ts';
import type { RawFrame } from '../frame-chain.ts';
import type { AsyncioLayout } from '../layouts/layout.ts';
import { foreignOffset, readPointer, readStruct } from '../objects/foreign-struct.ts';
import { type AsyncioSource, asyncioLayoutOf } from './asyncio-source.ts';
import { type AwaitChain, readAwaitChain } from './await-chain.ts';
import { Awaiters } from './awaiters.ts';
import { type Future, Futures, type TaskParts } from './futures.ts';
import { TaskNames } from './task-names.ts';

/** A task, and where it stands. */
export interface PathTask {
  readonly address: Address;
  readonly name: string | undefined;
  readonly coroutineName: string | undefined;
  /** Its coroutines as far as they are suspended, innermost first. */
  readonly frames: readonly RawFrame[];
  /** More tasks than the one before it on the path wait for it. */
  readonly isAwaitedBySeveral: boolean;
}

/** A task with those that wait for it, each for the next. */
export interface TaskPath {
  /** The outermost first; the last is the one that was asked for. Of several that wait for one, it is the first that did. */
  readonly tasks: readonly PathTask[];
  /** The loop of the last one. */
  readonly loop: Address | undefined;
  /** It is on the stack of a thread. */
  readonly isExecuting: boolean;
  /** The frame of the coroutine that the last one runs, whether it is suspended or not. */
  readonly coroutineFrame: Address | undefined;
  /**
   * Words of memory: as long as they hold the same, the path is the same too, but for a list of callbacks or a set of awaiters
   * whose length stays. `undefined` where tasks are kept in dicts of Python code.
   */
  readonly words: readonly Address[] | undefined;
}

/** More tasks on a path are not followed. */
const MOST_TASKS = 100;
/** Frames of one task. */
const MOST_FRAMES = 10_000;

/** A task of a path together with what its place in the path depends on. */
interface Stop {
  readonly task: PathTask;
  readonly chain: AwaitChain;
  readonly future: Future;
  readonly awaiters: readonly Address[];
}

/** Reads the paths of tasks from memory of one moment: what several of them go by is read once. */
export class TaskPathReader {
  readonly #source: AsyncioSource;
  readonly #futures: Futures;
  readonly #awaiters: Awaiters;
  readonly #names: TaskNames;
  readonly #stops = new Map<Address, Stop | undefined>();

  constructor(source: AsyncioSource) {
    this.#source = source;
    this.#futures = new Futures(source);
    this.#awaiters = new Awaiters(source, this.#futures);
    this.#names = new TaskNames(source);
  }

  /** Reads a task and who waits for it; `undefined` for what is no task, or none any more. */
  read(task: Address): TaskPath | undefined {
    return readIfSound(() => this.#readPath(task));
  }

  #readPath(task: Address): TaskPath | undefined {
    const stops: Stop[] = [];
    const seen = new Set<Address>();
    let next: Address | undefined = task;
    while (next !== undefined && !seen.has(next) && stops.length < MOST_TASKS) {
      seen.add(next);
      const stop = this.#stopAt(next);
      if (stop === undefined) break;
      stops.push(stop);
      [next] = stop.awaiters;
    }
    const [asked] = stops;
    if (asked === undefined) return undefined;
    const { executing, frames } = asked.chain;
    return {
      tasks: stops.map((stop) => stop.task).toReversed(),
      loop: asked.future.loop,
      isExecuting: executing !== undefined,
      coroutineFrame: frames.at(-1)?.address ?? executing,
      words: this.#wordsOf(stops),
    };
  }

  #stopAt(address: Address): Stop | undefined {
    if (this.#stops.has(address)) return this.#stops.get(address);
    const stop = this.#readStop(address);
    this.#stops.set(address, stop);
    return stop;
  }

  #readStop(address: Address): Stop | undefined {
    const future = this.#futures.find(address);
    const coroutine = future?.task?.coroutine;
    if (future?.task === undefined || coroutine === undefined) return undefined;
    const chain = readAwaitChain(this.#source, coroutine, { left: MOST_FRAMES });
    const awaiters = this.#awaiters.tasksAwaiting(address);
    const task = this.#taskOf(address, { parts: future.task, chain, awaiters });
    return { task, chain, future, awaiters };
  }

  #taskOf(
    address: Address,
    { parts, chain, awaiters }: Pick<Stop, 'chain' | 'awaiters'> & { readonly parts: TaskParts },
  ): PathTask {
    const { name } = parts;
    return {
      address,
      name: name === undefined ? undefined : this.#names.nameOf(name),
      coroutineName: this.#names.coroutineNameOf(chain),
      frames: chain.frames,
      isAwaitedBySeveral: awaiters.length > 1,
    };
  }

  #wordsOf(stops: readonly Stop[]): readonly Address[] | undefined {
    const layout = asyncioLayoutOf(this.#source);
    if (layout === undefined || stops.some(({ future }) => !future.isNative)) return undefined;
    const { coroutine, callback0, callbacks, awaitedBy, waiter } = layout;
    const members = [coroutine, callback0, callbacks, awaitedBy].filter((offset) => offset !== undefined);
    return stops.flatMap(({ future: { address }, chain }, at) => [
      ...this.#lengthsOf(address, layout),
      // One that runs waits for nothing, and begins to when it stops: nothing of its place changes with that.
      ...[...members, ...(at === 0 && chain.executing !== undefined ? [] : [waiter])].map((offset) =>
        foreignOffset(address, offset, 'TaskObj'),
      ),
      ...chain.frames.flatMap((frame) => this.#wordsOfFrame(frame)),
      ...chain.links,
    ]);
  }

  /** Where the list of callbacks, and the set of those that wait, say how long they are. */
  #lengthsOf(task: Address, { callbacks, awaitedBy, isAwaitedBySet }: AsyncioLayout): readonly Address[] {
    const { memory, layout } = this.#source;
    const list = readPointer(memory, foreignOffset(task, callbacks, 'TaskObj'), 'callbacks');
    const hasSet =
      isAwaitedBySet !== undefined &&
      readStruct(memory, foreignOffset(task, isAwaitedBySet, 'TaskObj'), 1, 'TaskObj').u8(0) !== 0;
    const set =
      hasSet && awaitedBy !== undefined
        ? readPointer(memory, foreignOffset(task, awaitedBy, 'TaskObj'), 'awaited_by')
        : undefined;
    return [
      ...(list === undefined ? [] : [foreignOffset(list, layout.list.size, 'list')]),
      ...(set === undefined ? [] : [foreignOffset(set, layout.set.used, 'set')]),
    ];
  }

  #wordsOfFrame({ address }: RawFrame): readonly Address[] {
    const { code, lastInstruction } = this.#source.layout.frame;
    return [code, lastInstruction].map((offset) => foreignOffset(address, wordStart(offset), 'frame'));
  }
}
