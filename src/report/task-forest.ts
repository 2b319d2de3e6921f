import type { Address } from '../base/address.ts';
import type { AsyncTask } from '../model/async-task.ts';

/** Which task waits for which: for its end, or for what it alone holds. */
export interface TaskForest {
  /** Those that nobody waits for; of tasks that wait for each other, the first. */
  readonly roots: readonly AsyncTask[];
  /** The tasks that a task waits for, in their order. */
  readonly awaitedBy: (task: AsyncTask) => readonly AsyncTask[];
  /** Tasks that wait for each other in a ring, each ring once. */
  readonly cycles: readonly (readonly AsyncTask[])[];
  /** Equal for tasks that stand alike and wait for tasks that do; a task in a ring is like no other. */
  readonly shapeOf: (task: AsyncTask) => number;
}

/** Finds out which task waits for which, without recursion: a chain of 10,000 tasks is no wonder. */
export function growForest(tasks: readonly AsyncTask[]): TaskForest {
  const children = childrenOf(tasks);
  const isAwaited = new Set([...children.values()].flat());
  const walk = new Walk(children);
  const roots = tasks.filter((task) => !isAwaited.has(task));
  for (const root of roots) walk.from(root);
  // What is left now hangs on rings alone.
  for (const task of tasks) {
    if (walk.hasSeen(task)) continue;
    roots.push(task);
    walk.from(task);
  }
  return {
    roots,
    awaitedBy: (task) => children.get(task) ?? [],
    cycles: walk.cycles,
    shapeOf: (task) => walk.shapes.get(task) ?? -1,
  };
}

function childrenOf(tasks: readonly AsyncTask[]): ReadonlyMap<AsyncTask, readonly AsyncTask[]> {
  const byAddress = new Map<number, AsyncTask>(tasks.map((task) => [task.address, task]));
  const children = new Map<AsyncTask, AsyncTask[]>(tasks.map((task) => [task, []]));
  for (const task of tasks) {
    for (const address of task.awaitedBy) {
      const awaiter = byAddress.get(address);
      if (awaiter !== undefined && awaiter !== task) children.get(awaiter)?.push(task);
    }
  }
  for (const task of tasks) {
    const holder = byAddress.get(holderOf(task) ?? -1);
    const own = children.get(task) ?? [];
    // A group may note it as one that waits for the holder already.
    if (holder !== undefined && !own.includes(holder)) own.push(holder);
  }
  return children;
}

/** The task that alone holds what another one waits for. */
function holderOf({ waitsFor }: AsyncTask): Address | undefined {
  const { holders = [], areAllHolders = false } = waitsFor?.primitive ?? {};
  const [only, ...others] = holders;
  return areAllHolders && others.length === 0 ? only?.task : undefined;
}

interface Step {
  readonly task: AsyncTask;
  next: number;
}

class Walk {
  readonly cycles: AsyncTask[][] = [];
  readonly shapes = new Map<AsyncTask, number>();
  readonly #children: ReadonlyMap<AsyncTask, readonly AsyncTask[]>;
  readonly #numbers = new Map<string, number>();
  /** On the way from a root: where in it. */
  readonly #open = new Map<AsyncTask, number>();
  readonly #inCycles = new Set<AsyncTask>();

  constructor(children: ReadonlyMap<AsyncTask, readonly AsyncTask[]>) {
    this.#children = children;
  }

  hasSeen(task: AsyncTask): boolean {
    return this.shapes.has(task);
  }

  from(root: AsyncTask): void {
    const path: Step[] = [{ task: root, next: 0 }];
    this.#open.set(root, 0);
    for (let step = path.at(-1); step !== undefined; step = path.at(-1)) {
      const child = this.#children.get(step.task)?.[step.next];
      step.next += 1;
      if (child === undefined) {
        path.pop();
        this.#open.delete(step.task);
        this.#close(step.task);
      } else if (this.#open.has(child)) {
        this.#noteCycle(path.slice(this.#open.get(child)).map(({ task }) => task));
      } else if (!this.shapes.has(child)) {
        this.#open.set(child, path.length);
        path.push({ task: child, next: 0 });
      }
    }
  }

  #noteCycle(cycle: AsyncTask[]): void {
    this.cycles.push(cycle);
    for (const task of cycle) this.#inCycles.add(task);
  }

  #close(task: AsyncTask): void {
    const below = (this.#children.get(task) ?? []).map((child) => this.shapes.get(child) ?? -1);
    const own = this.#inCycles.has(task) ? task.address : outlineOf(task);
    this.shapes.set(task, this.#numberOf(`${own}\n${below.join(' ')}`));
  }

  #numberOf(text: string): number {
    const known = this.#numbers.get(text);
    if (known !== undefined) return known;
    this.#numbers.set(text, this.#numbers.size);
    return this.#numbers.size - 1;
  }
}

/** Where a task stands, in what state, and on which lock or queue. */
function outlineOf({ state, coroutineName, frames, waitsFor }: AsyncTask): string {
  const places = frames.map(({ codeAddress, position }): readonly (Address | number | undefined)[] => [
    codeAddress,
    position?.line,
  ]);
  return JSON.stringify([state, coroutineName ?? '', places, waitsFor?.primitive?.address ?? 0]);
}
