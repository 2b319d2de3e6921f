import type { Profile, ProfiledProcess, ProfiledThread, ProfileFrame } from './profile.ts';
import type { PlacedRow, ProfileIncrement } from './profile-increment.ts';
import { GrowingColumns } from './stack-tree.ts';

/** Puts together what a {@link ProfileSender} tells: keeps the tables, and gives each window with all that it refers to. */
export class ProfileReceiver {
  #tables = emptyTables();

  /** The samples of an increment with the tables as they are now, which stay so. */
  add({ isFirst, processes, threads, frames, stacks, samples, account }: ProfileIncrement): Profile {
    if (isFirst) this.#tables = emptyTables();
    const tables = this.#tables;
    place(tables.processes, processes);
    place(tables.threads, threads);
    for (const frame of frames) tables.frames.push(frame);
    tables.stacks.append(stacks);
    return {
      processes: [...tables.processes],
      threads: [...tables.threads],
      frames: [...tables.frames],
      stacks: tables.stacks.columns,
      samples,
      account,
    };
  }
}

function emptyTables() {
  return {
    processes: [] as ProfiledProcess[],
    threads: [] as ProfiledThread[],
    frames: [] as ProfileFrame[],
    stacks: new GrowingColumns(),
  };
}

function place<Row>(table: Row[], rows: readonly PlacedRow<Row>[]): void {
  for (const [index, row] of rows) table[index] = row;
}
