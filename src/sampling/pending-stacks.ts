import type { SampleBlock } from '../profile/sample-table.ts';
import { EMPTY_STACK, StackTree } from '../profile/stack-tree.ts';

/** More than that are not kept: they take ten times the memory of those that were made. */
const MOST_WAITING = 65_536;

/** A stack of a profile that was pending. */
export interface SettledStack {
  readonly stack: number;
  /** It has the native calls that it was to have. */
  readonly hasNative: boolean;
}

/**
 * Stacks that were seen and have no names yet: symbol tables take so long to read that sweeps would be late. A table of
 * samples has these in the place of stacks until somebody wants to see it.
 */
export class PendingStacks {
  readonly #keys = new StackTree();
  readonly #waiting = new Map<number, () => SettledStack>();
  readonly #settled = new Map<number, SettledStack>();

  /**
   * The number of the stack that is made of these parts, whatever they mean.
   * @param settle makes the stack of the profile of it; called once, when somebody wants to see it
   */
  idOf(parts: readonly number[], settle: () => SettledStack): number {
    let id = EMPTY_STACK;
    for (const part of parts) id = this.#keys.child(id, part);
    if (!this.#settled.has(id) && !this.#waiting.has(id)) this.#waiting.set(id, settle);
    if (this.#waiting.size > MOST_WAITING) this.settleWaiting();
    return id;
  }

  /** Puts the stacks of the profile into samples; answers how many looks lack native calls. */
  settle(blocks: readonly SampleBlock[]): number {
    this.settleWaiting();
    let lacking = 0;
    for (const { count, stacks, looks } of blocks) {
      for (let row = 0; row < count; row += 1) {
        const found = this.#settled.get(stacks[row] ?? EMPTY_STACK);
        stacks[row] = found?.stack ?? EMPTY_STACK;
        if (found?.hasNative === false) lacking += looks[row] ?? 0;
      }
    }
    return lacking;
  }

  /** Makes the stacks that are pending while what they are made of can still be asked. */
  settleWaiting(): void {
    for (const [id, settle] of this.#waiting) this.#settled.set(id, settle());
    this.#waiting.clear();
  }
}
