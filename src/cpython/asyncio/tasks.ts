import { type Address, hex } from '../../base/address.ts';
import { isAboutMemory, MalformedInputError } from '../../base/errors.ts';
import { readIfSound } from '../../base/read-if-sound.ts';
import type { Awaited, TaskOrigin, TaskState } from '../../model/async-task.ts';
import type { Problem } from '../../model/problem.ts';
import type { CodeObjects } from '../code-objects.ts';
import type { AsyncioSource } from './asyncio-source.ts';
import { type AwaitChain, type FrameBudget, readAwaitChain } from './await-chain.ts';
import { Awaiters } from './awaiters.ts';
import { type Future, Futures, type TaskParts } from './futures.ts';
import { readLoopThread } from './loop-thread.ts';
import { type RawTurn, readTurn } from './loop-turn.ts';
import { readOrigin } from './origin.ts';
import { findPrimitive, type RawPrimitive } from './primitives.ts';
import { findTasks, type TaskSearch } from './task-lists.ts';
import { TaskNames } from './task-names.ts';

/** What the innermost frame of a task waits for. */
export interface RawAwaited extends Omit<Awaited, 'primitive'> {
  readonly primitive: RawPrimitive | undefined;
}

/** A task as it stands in memory: what it says of itself, and its frames unresolved. */
export interface RawTask {
  readonly address: Address;
  readonly loop: Address | undefined;
  readonly name: string | undefined;
  readonly state: TaskState;
  readonly coroutineName: string | undefined;
  readonly chain: AwaitChain;
  /** What the chain ends at, or the future that the task waits for. */
  readonly waitsFor: RawAwaited | undefined;
  /** Tasks that wait for this one. */
  readonly awaitedBy: readonly Address[];
  /** Where it was made, outermost first; only in debug mode. */
  readonly origin: readonly TaskOrigin[] | undefined;
  readonly problems: readonly Problem[];
}

/** An event loop that runs, or that has tasks. */
export interface RawLoop {
  readonly address: Address;
  readonly typeName: string;
  /** `threading.get_ident()` of the thread that runs it, as far as the loop itself says. */
  readonly threadId: Address | undefined;
  /** `undefined` for a loop that keeps this from Python, as that of uvloop does. */
  readonly isClosed: boolean | undefined;
  /** `undefined` for such a loop too. */
  readonly turn: RawTurn | undefined;
}

/** The tasks of one interpreter. */
export interface RawTasks {
  readonly tasks: readonly RawTask[];
  readonly loops: readonly RawLoop[];
  /** The loop that runs in each thread, by the address of its state. */
  readonly runningLoops: ReadonlyMap<Address, Address>;
  readonly problems: readonly Problem[];
}

/** Frames of all tasks together; more are cut off. */
const MOST_FRAMES = 500_000;

/** Reads the tasks of an interpreter, finished ones too; `undefined` when it has not imported asyncio. */
export function readTasks(
  source: AsyncioSource,
  codeObjects: CodeObjects,
  search: TaskSearch,
): RawTasks | undefined {
  const problems: Problem[] = [];
  const list = findTasks(source, search, problems);
  if (list === undefined) return problems.length === 0 ? undefined : { ...NOTHING, problems };
  const futures = new Futures(source);
  const current = new Set(list.currentTasks.values());
  const reader = new TaskReader({ source, codeObjects, futures }, current);
  const tasks = list.tasks.flatMap((address) => reader.read(address) ?? []);
  const [first] = reader.failures;
  if (first !== undefined) {
    const count = `${reader.failures.length} of ${list.tasks.length} asyncio tasks`;
    problems.push({ kind: 'unreadable-object', message: `Cannot read ${count}: ${first}` });
  }
  const loops = new Set([...list.runningLoops.values(), ...tasks.flatMap(({ loop }) => loop ?? [])]);
  return {
    tasks,
    loops: [...loops].flatMap((loop) => readIfSound(() => readLoop(source, loop)) ?? []),
    runningLoops: list.runningLoops,
    problems,
  };
}

const NOTHING: Omit<RawTasks, 'problems'> = { tasks: [], loops: [], runningLoops: new Map() };

/** Attributes of `asyncio.base_events.BaseEventLoop`. */
function readLoop(source: AsyncioSource, address: Address): RawLoop {
  const found = source.findAttributes(address, ['_closed']);
  const closed = found.get('_closed');
  return {
    address,
    typeName: source.typeOf(address).fullName,
    threadId: readLoopThread(source, address),
    isClosed: closed === undefined ? undefined : source.readInteger(closed) !== 0n,
    turn: readIfSound(() => readTurn(source, address)),
  };
}

const NO_CHAIN: AwaitChain = {
  outermost: undefined,
  frames: [],
  links: [],
  executing: undefined,
  awaited: undefined,
  cutOff: undefined,
};

interface TaskReaderParts {
  readonly source: AsyncioSource;
  readonly codeObjects: CodeObjects;
  readonly futures: Futures;
}

class TaskReader {
  /** Why tasks could not be read, one by one. */
  readonly failures: string[] = [];
  readonly #source: AsyncioSource;
  readonly #codeObjects: CodeObjects;
  readonly #futures: Futures;
  readonly #awaiters: Awaiters;
  readonly #current: ReadonlySet<Address>;
  readonly #budget: FrameBudget = { left: MOST_FRAMES };
  readonly #names: TaskNames;

  constructor({ source, codeObjects, futures }: TaskReaderParts, current: ReadonlySet<Address>) {
    this.#source = source;
    this.#codeObjects = codeObjects;
    this.#futures = futures;
    this.#awaiters = new Awaiters(source, futures);
    this.#current = current;
    this.#names = new TaskNames(source);
  }

  read(address: Address): RawTask | undefined {
    try {
      const future = this.#futures.read(address);
      if (future?.task === undefined) {
        const { fullName } = this.#source.typeOf(address);
        // What a weak reference to a task that is gone refers to.
        if (fullName === 'NoneType') return undefined;
        throw new MalformedInputError(`object at ${hex(address)}`, 0, `it is a ${fullName}, not a task`);
      }
      return this.#readTask(future, future.task);
    } catch (error) {
      if (!isAboutMemory(error)) throw error;
      this.failures.push(error.message);
      return undefined;
    }
  }

  #readTask(future: Future, { coroutine, waiter, name }: TaskParts): RawTask {
    const { address, sourceTraceback: traceback } = future;
    const chain = coroutine === undefined ? NO_CHAIN : readAwaitChain(this.#source, coroutine, this.#budget);
    const problems: Problem[] = [];
    if (chain.cutOff !== undefined)
      problems.push({
        kind: 'cut-off',
        message: `Cannot read what a task awaits beyond ${chain.frames.length} frames: ${chain.cutOff}`,
      });
    const awaited = chain.awaited ?? waiter;
    return {
      address,
      loop: future.loop,
      name: name === undefined ? undefined : readIfSound(() => this.#names.nameOf(name)),
      state: this.#stateOf(future, chain, waiter),
      coroutineName: readIfSound(() => this.#names.coroutineNameOf(chain)),
      chain,
      waitsFor: awaited === undefined ? undefined : readIfSound(() => this.#awaitedAt(awaited, chain)),
      awaitedBy: this.#awaiters.tasksAwaiting(address),
      origin: traceback === undefined ? undefined : readIfSound(() => readOrigin(this.#source, traceback)),
      problems,
    };
  }

  #stateOf(
    { address, state, hasFailed }: Future,
    { executing }: AwaitChain,
    waiter: Address | undefined,
  ): TaskState {
    if (state === 'cancelled') return 'cancelled';
    if (state === 'finished') return hasFailed ? 'failed' : 'finished';
    if (executing !== undefined || this.#current.has(address)) return 'running';
    if (waiter === undefined) return 'pending';
    // One that waits for what is done already will be run at the loop's next turn.
    const awaited = this.#futures.find(waiter);
    return awaited === undefined || awaited.state === 'pending' ? 'waiting' : 'pending';
  }

  #awaitedAt(address: Address, chain: AwaitChain): RawAwaited {
    const primitive = readIfSound(() => findPrimitive(this.#source, this.#codeObjects, chain));
    return { address, typeName: this.#futures.typeNameOf(address), primitive };
  }
}
