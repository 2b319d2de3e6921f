import type { ColoredOrigin } from '../frame-color.ts';

/** A frame as the page knows it: name, `app.py:12`, whole file, line, whose code it is, and which function it is a line of. */
export interface PageFrame {
  readonly name: string;
  readonly place: string;
  readonly file: string;
  readonly line: number;
  readonly origin: ColoredOrigin;
  readonly function: number;
}

/** Of each stack that was seen its number, its looks, its nanoseconds, and again. */
export type Weights = readonly number[];

/** What was seen, and what in the profile that it is compared with; nothing where there is none. */
export interface SeenStacks {
  readonly now: readonly Weights[];
  readonly before: readonly Weights[];
}

/** All stacks as a tree: of each the one that it is called from, and its innermost call. */
export interface PageStacks {
  readonly frames: readonly PageFrame[];
  readonly parents: readonly number[];
  readonly stackFrames: readonly number[];
}

/** A thread with the shares of its time in each state. */
export interface PageThread {
  readonly name: string;
  readonly looks: number;
  readonly onCpu: number;
  readonly holdsGil: number;
  readonly waitsForGil: number;
  readonly weights: Weights;
  /** For each span of time the stack that was seen most, -1 for none, and the share in which it ran on a CPU. */
  readonly spans: readonly number[];
  readonly cpu: readonly number[];
}

/** What every page shows. */
interface PageText {
  readonly title: string;
  readonly producer: string;
  readonly sentence: string;
}

/** What the page of a profile shows, as the program that wrote it has put it in. */
export interface PageData extends PageText, PageStacks {
  readonly account: readonly { readonly subject: string; readonly state: string }[];
  readonly durationNs: number;
  readonly threads: readonly PageThread[];
  /** Lines of source where something was seen. */
  readonly sources: readonly {
    readonly file: string;
    readonly name: string;
    /** Line, what was seen of it, with what it called, and its text where that is known. */
    readonly lines: readonly (readonly [line: number, own: number, total: number, text: string])[];
  }[];
}

/** What the page of a difference shows: two profiles over one tree of stacks. */
export interface DifferenceData extends PageText, PageStacks, SeenStacks {
  readonly account: readonly {
    readonly subject: string;
    readonly before: string;
    readonly after: string;
  }[];
}
