import type { FrameFilter } from '../profile/filter-frames.ts';
import type { LiveMoment } from '../profile/live-moment.ts';
import type { LiveChoice, LiveSort } from '../profile/live-table.ts';
import type { SampledMode } from '../profile/profile.ts';

export type { LiveSort } from '../profile/live-table.ts';

import { threadRows } from '../profile/thread-table.ts';

/** How a person wants to see a process that is being sampled. */
export interface TopView {
  readonly sort: LiveSort;
  /** What threads are looked at for. */
  readonly mode: SampledMode;
  /** What they can be looked at for, beside what else was asked. */
  readonly modes: readonly SampledMode[];
  /** Functions in the place of lines. */
  readonly byFunction: boolean;
  /** Rows of tasks in the place of functions or lines; `undefined` where the process is not sampled by task. */
  readonly byTask: boolean | undefined;
  /** Only what comes through it; all does without. */
  readonly filter: FrameFilter | undefined;
  /** The index of the only thread that is shown; all together are without it. */
  readonly thread: number | undefined;
  /** Only what has these letters in its name or file; '' for all. */
  readonly search: string;
  /** Whether the letters are being typed. */
  readonly isSearching: boolean;
  /** Whether what is shown stays as it is. */
  readonly isPaused: boolean;
  readonly isHelpShown: boolean;
  /** Rows of the table that are scrolled away. */
  readonly skipped: number;
  /** What lies between two moments. */
  readonly delayMs: number;
  /** Rows of the table at most. */
  readonly mostRows: number;
}

/** The mode that comes next; `undefined` where there is but one. */
export function nextMode({ mode, modes }: TopView): SampledMode | undefined {
  return modes.length < 2 ? undefined : modes.at((modes.indexOf(mode) + 1) % modes.length);
}

/** The indices of the threads that were seen, of which one can be chosen. */
export function shownThreads(moment: LiveMoment | undefined): readonly number[] {
  if (moment === undefined) return [];
  return threadRows({ threads: moment.profile.threads, samples: moment.whole.samples }).map(
    ({ index }) => index,
  );
}

/** The view of another moment: of all threads where the one that it was of has ended, and its place is another's or nobody's. */
export function viewOf(
  view: TopView,
  { before, after }: { readonly before: LiveMoment | undefined; readonly after: LiveMoment },
): TopView {
  const { thread } = view;
  if (thread === undefined || before === undefined) return view;
  const serialIn = ({ profile }: LiveMoment): number | undefined => profile.threads[thread]?.serial;
  return serialIn(before) === serialIn(after) ? view : { ...view, thread: undefined, skipped: 0 };
}

/** What rows a view is of. */
export function choiceOf({ byFunction, byTask = false, thread, filter }: TopView): LiveChoice {
  return { byFunction, byTask, thread, ...(filter === undefined ? {} : { filter }) };
}
