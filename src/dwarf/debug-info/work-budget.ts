import { MalformedInputError } from '../../base/errors.ts';

/** Bytes that one answer may read in parts of a file that many others may name; the largest programs need a tenth. */
const MAX_BYTES = 128 << 20;

/**
 * Bounds the work for one answer. A damaged file may have many units that share one long table, list or line program;
 * each is short, and all together would take hours.
 */
export class WorkBudget {
  #leftBytes = MAX_BYTES;

  /** Begins another answer. */
  renew(): void {
    this.#leftBytes = MAX_BYTES;
  }

  /**
   * Takes bytes off.
   * @throws {MalformedInputError} that blames the offset in the source, when more are wanted than one answer may have
   */
  spend(sizeBytes: number, { name }: { readonly name: string }, offset: number): void {
    this.#leftBytes -= sizeBytes;
    if (this.#leftBytes < 0)
      throw new MalformedInputError(name, offset, `one answer takes more than ${MAX_BYTES} bytes`);
  }
}
