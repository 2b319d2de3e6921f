import { type Address, isAddress, offsetBy, WORD_BYTES } from '../../base/address.ts';
import { isAboutMemory } from '../../base/errors.ts';
import type { RawFrame } from '../frame-chain.ts';
import { foreignOffset } from '../objects/foreign-struct.ts';
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
  /** The frame of the coroutine that the last one runs, whether it is suspended or not. */
  readonly coroutineFrame: Address | undefined;
  /**
   * Words of memory: as long as they hold the same, the path is the same too, but for what was added to a list of callbacks
   * or a set of awaiters. `undefined` where tasks are kept in dicts of Python code.
   */
  readonly words: readonly Address[] | undefined;
}

/** More tasks on a path are not followed. */
const MOST_TASKS = 100;
/** Frames of all tasks on a path. */
const MOST_FRAMES = 10_000;

/** Reads a task and who waits for it; `undefined` for what is no task, or none any more. */
export function readTaskPath(source: AsyncioSource, task: Address): TaskPath | undefined {
  try {
    return new PathReader(source).read(task);
  } catch (error) {
    if (isAboutMemory(error)) return undefined;
    throw error;
  }
}

/** A task of a path together with what its place in the path depends on. */
interface Stop {
  readonly task: PathTask;
  readonly chain: AwaitChain;
  readonly future: Future;
  readonly awaiters: readonly Address[];
}

class PathReader {
  readonly #source: AsyncioSource;
  readonly #futures: Futures;
  readonly #awaiters: Awaiters;
  readonly #names: TaskNames;
  readonly #budget = { left: MOST_FRAMES };

  constructor(source: AsyncioSource) {
    this.#source = source;
    this.#futures = new Futures(source);
    this.#awaiters = new Awaiters(source, this.#futures);
    this.#names = new TaskNames(source);
  }

  read(task: Address): TaskPath | undefined {
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
      coroutineFrame: frames.at(-1)?.address ?? executing,
      words: this.#wordsOf(stops),
    };
  }

  #stopAt(address: Address): Stop | undefined {
    const future = this.#futures.find(address);
    const coroutine = future?.task?.coroutine;
    if (future?.task === undefined || coroutine === undefined) return undefined;
    const chain = readAwaitChain(this.#source, coroutine, this.#budget);
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
      // One that runs waits for nothing, and begins to when it stops: nothing of its place changes with that.
      ...[...members, ...(at === 0 && chain.executing !== undefined ? [] : [waiter])].map((offset) =>
        foreignOffset(address, offset, 'TaskObj'),
      ),
      ...chain.frames.flatMap((frame) => this.#wordsOfFrame(frame)),
      ...chain.links,
    ]);
  }

  #wordsOfFrame({ address }: RawFrame): readonly Address[] {
    const { code, lastInstruction } = this.#source.layout.frame;
    return [code, lastInstruction].flatMap((offset) => {
      const aligned = offset - (offset % WORD_BYTES);
      return isAddress(address + aligned) ? [offsetBy(address, aligned)] : [];
    });
  }
}
