import { type SampleBlock, samplesOf } from './sample-table.ts';

/** The thread to which what was seen of threads that are long gone is added, when there are too many of them. */
const FORMER_THREADS = 0xffff_ffff;

/** More rows than that are not kept for threads that are gone: a program may start one for every request. */
const MOST_ROWS = 100_000;

interface Row {
  readonly thread: number;
  readonly stack: number;
  looks: number;
  ns: number;
}

/** Adds up samples for as long as one looks: a row for each stack of each thread, however often it was seen. */
export class WeightLedger {
  readonly #mostRows: number;
  #rows = new Map<number, Row>();

  constructor(mostRows = MOST_ROWS) {
    this.#mostRows = mostRows;
  }

  /** Adds samples whose threads and stacks are numbered as those before. */
  add(samples: readonly SampleBlock[]): void {
    const present = new Set<number>();
    for (const { thread, stack, looks, weightNs } of samplesOf(samples)) {
      present.add(thread);
      this.#addRow({ thread, stack, looks, ns: weightNs });
    }
    if (this.#rows.size > this.#mostRows) this.forgetThreads((thread) => !present.has(thread));
  }

  /** Puts together what was seen of threads that nobody asks for any more. */
  forgetThreads(isGone: (thread: number) => boolean): void {
    const rows = [...this.#rows.values()];
    this.#rows = new Map();
    for (const row of rows) this.#addRow(isGone(row.thread) ? { ...row, thread: FORMER_THREADS } : row);
  }

  /** All that was added, as if each stack of a thread had been seen in a row. */
  get block(): SampleBlock {
    const rows = [...this.#rows.values()];
    return {
      count: rows.length,
      startNs: new Float64Array(rows.length),
      weightNs: Float64Array.from(rows, ({ ns }) => ns),
      looks: Uint32Array.from(rows, ({ looks }) => looks),
      threads: Uint32Array.from(rows, ({ thread }) => thread),
      stacks: Uint32Array.from(rows, ({ stack }) => stack),
      states: new Uint8Array(rows.length),
    };
  }

  clear(): void {
    this.#rows.clear();
  }

  #addRow(added: Row): void {
    const key = added.thread * 2 ** 32 + added.stack;
    const row = this.#rows.get(key);
    if (row === undefined) {
      this.#rows.set(key, added);
      return;
    }
    row.looks += added.looks;
    row.ns += added.ns;
  }
}
