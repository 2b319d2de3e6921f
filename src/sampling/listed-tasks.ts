import type { Address } from '../base/address.ts';

/** The tasks that there are, by lists of them that may change while they are read. */
export class ListedTasks {
  #tasks: readonly Address[] = [];
  #whole: readonly Address[] = [];

  get tasks(): readonly Address[] {
    return this.#tasks;
  }

  /** Takes what was found. A list that is not whole lacks tasks that are still there: those of the last whole one stay. */
  take(found: readonly Address[], isWhole: boolean): void {
    this.#tasks = isWhole ? found : [...new Set([...this.#whole, ...found])];
    if (isWhole) this.#whole = found;
  }
}
