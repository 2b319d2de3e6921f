import { checkInspectable } from '../platform/inspectable.ts';
import { readStatus } from '../platform/process-files.ts';
import { listThreadIds, readThreadStatus } from '../platform/thread-files.ts';

/**
 * The kernel's threads of a process under their two ids: the one in the target's own pid namespace, which CPython knows,
 * and the one in ours, by which /proc and ptrace know them. Mostly they are the same.
 */
export class Tasks {
  readonly pid: number;
  readonly #isNested: boolean;
  readonly #innerIds = new Map<number, number>();

  /**
   * Of a process that need not be open.
   * @throws {InspectorError} with a code that says why nothing can be asked of it
   */
  static of(pid: number): Tasks {
    checkInspectable(pid);
    return new Tasks(pid);
  }

  constructor(pid: number) {
    this.pid = pid;
    this.#isNested = (readStatus(pid).namespaceIds?.length ?? 1) > 1;
  }

  /** The process's id in its own namespace, when that is another one than ours. */
  get innerPid(): number | undefined {
    return this.#isNested ? this.#innerIdOf(this.pid) : undefined;
  }

  /** Reads which threads there are now: from the id in the target's namespace to the one in ours. */
  read(): ReadonlyMap<number, number> {
    const ids = listThreadIds(this.pid);
    return new Map(ids.map((id) => [this.#isNested ? (this.#innerIdOf(id) ?? id) : id, id]));
  }

  /** The id that a thread has in the target's namespace, when that is another one than ours. */
  innerThreadId(id: number): number | undefined {
    return this.#isNested ? this.#innerIdOf(id) : undefined;
  }

  #innerIdOf(id: number): number | undefined {
    const known = this.#innerIds.get(id);
    if (known !== undefined) return known;
    const inner = readThreadStatus(this.pid, id)?.namespaceIds?.at(-1);
    if (inner !== undefined) this.#innerIds.set(id, inner);
    return inner;
  }
}
