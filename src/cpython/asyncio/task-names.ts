import type { Address } from '../../base/address.ts';
import type { AsyncioSource } from './asyncio-source.ts';
import type { AwaitChain } from './await-chain.ts';

/** What tasks are called, and what they run. */
export class TaskNames {
  readonly #source: AsyncioSource;
  readonly #coroutineNames = new Map<Address, string>();

  constructor(source: AsyncioSource) {
    this.#source = source;
  }

  /** Reads a name: a `str`, or from 3.13 on the `int` of one that asyncio gives. */
  nameOf(name: Address): string {
    if (this.#source.typeOf(name).name !== 'int') return this.#source.readText(name);
    return `Task-${this.#source.readInteger(name)}`;
  }

  /** Names what a task runs; what is no coroutine of CPython, as one of Cython, by its type. */
  coroutineNameOf({ outermost }: Pick<AwaitChain, 'outermost'>): string | undefined {
    const name = outermost?.qualifiedName;
    if (name === undefined) return outermost?.typeName;
    // All coroutines of one function share it.
    const text = this.#coroutineNames.get(name) ?? this.#source.readText(name);
    this.#coroutineNames.set(name, text);
    return text;
  }
}
