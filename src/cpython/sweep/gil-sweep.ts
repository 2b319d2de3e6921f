import type { Address } from '../../base/address.ts';
import type { Memory, RangeReader } from '../../base/ports.ts';
import type { CPythonRuntime } from '../runtime.ts';
import { GilWatch } from './gil-watch.ts';

/** The GILs of some interpreters, looked at again and again with one system call for all of them. */
export class GilSweep {
  readonly #memory: Memory;
  readonly #runtime: CPythonRuntime;
  readonly #reader: RangeReader;
  #gils: readonly GilWatch[] = [];

  constructor(memory: Memory, runtime: CPythonRuntime, reader: RangeReader) {
    this.#memory = memory;
    this.#runtime = runtime;
    this.#reader = reader;
  }

  /** Those of the interpreters that are followed, in their order; to 3.11 all have the same. */
  get gils(): readonly GilWatch[] {
    return this.#gils;
  }

  /** Takes up other interpreters. */
  follow(interpreters: readonly Address[]): void {
    const own = this.#runtime.layout.interpreter.gil === undefined ? interpreters.slice(0, 1) : interpreters;
    this.#gils = own.map((interpreter) => GilWatch.of(this.#memory, this.#runtime, interpreter));
    this.#reader.clear();
    for (const gil of this.#gils) gil.plan(this.#reader);
  }

  /**
   * Reads all of them; `false` when one is there no more.
   * @throws {ProcessExitedError} when the process is gone
   */
  sweep(): boolean {
    if (this.#reader.fill() < this.#reader.plannedBytes) return false;
    for (const gil of this.#gils) gil.read(this.#reader.words);
    return true;
  }
}
