import type { PathTask } from '../cpython/asyncio/task-path.ts';
import type { FrameTable } from '../profile/frame-table.ts';

/** Names that asyncio gives: a task of its own for each would make as many stacks as there were tasks. */
const GIVEN_NAME = /^Task-\d+$/u;
/** So many tasks of one process are told apart by name; programs may name each request by its number. */
const MOST_NAMES = 1000;

/** How tasks are called in stacks: by the name that the program gave, else by the coroutine that they run. */
export class TaskLabels {
  readonly #frames: FrameTable;
  readonly #names = new Set<string>();

  constructor(frames: FrameTable) {
    this.#frames = frames;
  }

  /** The frame that stands below the calls of a task. */
  frameOf({ name, coroutineName, isAwaitedBySeveral }: Omit<PathTask, 'address' | 'frames'>): number {
    const called = this.#isToldByName(name) ? name : (coroutineName ?? name ?? 'task');
    return this.#frames.indexOf({
      kind: 'task',
      name: isAwaitedBySeveral ? `${called} (awaited by several)` : called,
      file: '',
      firstLine: 0,
      line: 0,
    });
  }

  #isToldByName(name: string | undefined): name is string {
    if (name === undefined || GIVEN_NAME.test(name)) return false;
    if (!this.#names.has(name) && this.#names.size >= MOST_NAMES) return false;
    this.#names.add(name);
    return true;
  }
}
