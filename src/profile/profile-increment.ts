import type { Profile, ProfiledProcess, ProfiledThread, ProfileFrame } from './profile.ts';
import type { StackColumns } from './stack-tree.ts';

/** A row of a table with its place there. */
export type PlacedRow<Row> = readonly [index: number, row: Row];

/** What a profile has gained since the increment before: plain data that is as large as what is new. */
export interface ProfileIncrement extends Pick<Profile, 'samples' | 'account'> {
  /** Its tables begin here: what came before has to do with other ones. */
  readonly isFirst: boolean;
  /** Those that are new, and those of which more is known now. */
  readonly processes: readonly PlacedRow<ProfiledProcess>[];
  readonly threads: readonly PlacedRow<ProfiledThread>[];
  /** They follow those that are known. */
  readonly frames: readonly ProfileFrame[];
  readonly stacks: StackColumns;
}
