import type { AddressRange } from '../base/address.ts';
import { CannotCountError } from '../base/cannot-count-error.ts';
import { FfiUnavailableError } from '../base/errors.ts';
import type { GilCode } from '../cpython/gil-code.ts';
import { loadLibc } from '../platform/libc.ts';
import type { MemoryMapping } from '../platform/proc/maps.ts';
import { readMaps } from '../platform/process-files.ts';
import { type Instruction, type UprobeCounter, UprobeCounters } from '../platform/uprobe-counter.ts';

/** How often a thread has called the functions that take and drop the GIL, since it is counted. */
export interface GilCalls {
  readonly takes: number;
  readonly drops: number;
}

/** Counts the calls of one thread. */
class ThreadCounter implements Disposable {
  readonly #takes: readonly UprobeCounter[];
  readonly #drops: readonly UprobeCounter[];

  constructor(takes: readonly UprobeCounter[], drops: readonly UprobeCounter[]) {
    this.#takes = takes;
    this.#drops = drops;
  }

  read(): GilCalls {
    return { takes: sumOf(this.#takes), drops: sumOf(this.#drops) };
  }

  [Symbol.dispose](): void {
    for (const counter of [...this.#takes, ...this.#drops]) counter[Symbol.dispose]();
  }
}

/** Counts each call of the functions that take and drop the GIL, by threads. */
export class GilCounters implements Disposable {
  readonly #counters: UprobeCounters;
  readonly #takes: readonly Instruction[];
  readonly #drops: readonly Instruction[];

  /** @throws {CannotCountError} where kernel, rights or symbols are lacking */
  constructor(pid: number, { take, drop }: GilCode) {
    if (take.length === 0 || drop.length === 0)
      throw new CannotCountError(
        'the CPython of the process is stripped, so that nothing says where take_gil and drop_gil are',
      );
    const libc = loadLibc();
    if (libc === undefined) throw new FfiUnavailableError('set uprobes');
    const maps = readMaps(pid);
    this.#takes = take.map((range) => placeOf(range, maps));
    this.#drops = drop.map((range) => placeOf(range, maps));
    this.#counters = new UprobeCounters(pid, libc);
  }

  /** Begins to count the calls of a thread. */
  open(threadId: number): ThreadCounter {
    const openAll = (places: readonly Instruction[]): readonly UprobeCounter[] =>
      places.flatMap((place) => this.#counters.open(place, threadId) ?? []);
    return new ThreadCounter(openAll(this.#takes), openAll(this.#drops));
  }

  [Symbol.dispose](): void {
    this.#counters[Symbol.dispose]();
  }
}

function placeOf({ address }: AddressRange, maps: readonly MemoryMapping[]): Instruction {
  const mapping = maps.find(({ start, end }) => address >= start && address < end);
  if (mapping === undefined) throw new CannotCountError('the process has let go of the code of its CPython');
  return { address, mapping };
}

function sumOf(counters: readonly UprobeCounter[]): number {
  return counters.reduce((sum, counter) => sum + counter.read(), 0);
}
