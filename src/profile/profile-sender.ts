import type { FrameTable } from './frame-table.ts';
import type { ProfiledProcess, ProfiledThread, SamplingAccount } from './profile.ts';
import type { PlacedRow, ProfileIncrement } from './profile-increment.ts';
import type { SampleTable } from './sample-table.ts';
import type { StackTree } from './stack-tree.ts';

/** The tables of a profile while it grows. A row of processes or threads is replaced when more is known of it. */
export interface GrowingTables {
  readonly processes: readonly ProfiledProcess[];
  readonly threads: readonly ProfiledThread[];
  readonly frames: FrameTable;
  readonly stacks: StackTree;
  readonly samples: SampleTable;
}

/** Tells again and again what the tables of a profile have gained; a {@link ProfileReceiver} puts it together. */
export class ProfileSender {
  readonly #tables: GrowingTables;
  readonly #processes = new ChangedRows<ProfiledProcess>();
  readonly #threads = new ChangedRows<ProfiledThread>();
  #frames = 0;
  #stacks = 0;

  constructor(tables: GrowingTables) {
    this.#tables = tables;
  }

  /** What is new since the last time; samples leave their table. */
  take(account: SamplingAccount): ProfileIncrement {
    const { processes, threads, frames, stacks, samples } = this.#tables;
    const increment = {
      isFirst: this.#stacks === 0,
      processes: this.#processes.of(processes),
      threads: this.#threads.of(threads),
      frames: frames.frames.slice(this.#frames),
      stacks: stacks.columnsFrom(this.#stacks),
      samples: samples.takeBlocks(),
      account,
    };
    this.#frames = frames.frames.length;
    this.#stacks += increment.stacks.count;
    return increment;
  }
}

/** Finds the rows of a table that are others than when it was asked before. */
class ChangedRows<Row> {
  #known: readonly Row[] = [];

  of(rows: readonly Row[]): readonly PlacedRow<Row>[] {
    const changed: PlacedRow<Row>[] = [];
    for (const [index, row] of rows.entries()) if (row !== this.#known[index]) changed.push([index, row]);
    this.#known = [...rows];
    return changed;
  }
}
