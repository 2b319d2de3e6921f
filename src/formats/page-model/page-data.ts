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

/** A thread with the shares of its time in each state. */
export interface PageThread {
  readonly name: string;
  readonly looks: number;
  readonly onCpu: number;
  readonly holdsGil: number;
  readonly waitsForGil: number;
  /** Stack, looks, nanoseconds, and again. */
  readonly weights: readonly number[];
  /** For each span of time the stack that was seen most, -1 for none, and the share in which it ran on a CPU. */
  readonly spans: readonly number[];
  readonly cpu: readonly number[];
}

/** What the page shows: the profile, as the program that wrote the page has put it in. */
export interface PageData {
  readonly title: string;
  readonly producer: string;
  readonly sentence: string;
  readonly account: readonly { readonly subject: string; readonly state: string }[];
  readonly durationNs: number;
  readonly frames: readonly PageFrame[];
  readonly parents: readonly number[];
  readonly stackFrames: readonly number[];
  readonly threads: readonly PageThread[];
  /** Lines of source where something was seen. */
  readonly sources: readonly {
    readonly file: string;
    readonly name: string;
    /** Line, what was seen of it, with what it called, and its text where that is known. */
    readonly lines: readonly (readonly [line: number, own: number, total: number, text: string])[];
  }[];
}
