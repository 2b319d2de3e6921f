import { gilStateOf } from '../cpython/gil-state.ts';
import { type HandledExceptions, MOVED } from '../cpython/sweep/handled-exceptions.ts';
import type { InterpreterWatch } from '../cpython/sweep/interpreter-watch.ts';
import type { ThreadTrack } from '../cpython/sweep/thread-track.ts';
import type { ThreadActivity } from '../model/thread-stack.ts';
import type { SampledMode } from '../profile/profile.ts';
import { SampleState } from '../profile/sample-table.ts';

/** What {@link ThreadDoings.stateOf} answers for a thread that does none of what the mode is about. */
export const LEFT_OUT = -1;

/** What it answers for a thread that moved while it was asked. */
export const NOT_KNOWN = -2;

/** What tells what threads do. */
export interface DoingSources {
  readonly mode: SampledMode;
  readonly exceptions: HandledExceptions;
  /** Whether the kernel lets a thread run. @param isStill no Python ran on it since the last sweep */
  readonly runs: (osThreadId: number, isStill: boolean) => boolean;
  readonly activityOf: (osThreadId: number) => ThreadActivity;
}

/** A thread, and what is known of it. */
export interface ThreadAtWork {
  readonly track: ThreadTrack;
  readonly interpreter: InterpreterWatch;
  /** `undefined` for a thread that could not be told. */
  readonly osThreadId: number | undefined;
}

/** What threads do at the moment of a look, and whether it is what the mode of a profile is about. */
export class ThreadDoings {
  readonly #sources: DoingSources;

  constructor(sources: DoingSources) {
    this.#sources = sources;
  }

  /** What a thread does as bits of {@link SampleState}; or {@link LEFT_OUT}, or {@link NOT_KNOWN}. */
  stateOf(thread: ThreadAtWork, isStill: boolean): number {
    const doing = this.#doingOf(thread, isStill);
    if (doing === LEFT_OUT || doing === NOT_KNOWN) return doing;
    const { track, interpreter } = thread;
    const holds = interpreter.gil.holder === track.state;
    return (
      doing |
      (holds ? SampleState.holdsGil : 0) |
      (interpreter.collector === track.state ? SampleState.collects : 0) |
      (track.isRaising ? SampleState.raises : 0)
    );
  }

  /** Whether a thread may be one that the mode is about, as long as that is known without another look at it. */
  mayCount({ track, interpreter, osThreadId }: ThreadAtWork): boolean {
    switch (this.#sources.mode) {
      case 'cpu':
        return osThreadId === undefined || this.#sources.runs(osThreadId, false);
      case 'gil':
        return interpreter.gil.holder === track.state;
      case 'wall':
      case 'gil-wait':
      case 'exception':
        return true;
    }
  }

  /** The bit of what the mode is about, or {@link LEFT_OUT} for a thread that does something else. */
  #doingOf(thread: ThreadAtWork, isStill: boolean): number {
    const { track, interpreter, osThreadId } = thread;
    switch (this.#sources.mode) {
      case 'wall':
        return 0;
      case 'gil':
        return interpreter.gil.holder === track.state ? SampleState.holdsGil : LEFT_OUT;
      case 'gil-wait':
        return this.#waitsForGil(thread) ? SampleState.waitsForGil : LEFT_OUT;
      case 'exception':
        return this.#handlingOf(track, isStill);
      case 'cpu':
        // Of a thread that could not be told it is not known whether it runs, and so it is shown.
        if (osThreadId === undefined) return 0;
        return this.#sources.runs(osThreadId, isStill) ? SampleState.onCpu : LEFT_OUT;
    }
  }

  /** An exception that is on its way is a bit of its own, which every mode has. */
  #handlingOf(track: ThreadTrack, isStill: boolean): number {
    const handles = this.#sources.exceptions.isHandling(track, isStill);
    if (handles === true) return SampleState.handles;
    if (track.isRaising) return 0;
    return handles === MOVED ? NOT_KNOWN : LEFT_OUT;
  }

  #waitsForGil({ track: { state }, interpreter: { gil, gilWaits }, osThreadId }: ThreadAtWork): boolean {
    if (osThreadId === undefined || gil.holder === state) return false;
    const facts = { hasGil: gil.isInUse, gilHolder: undefined, gilWaits };
    return gilStateOf(facts, { address: state }, this.#sources.activityOf(osThreadId)) === 'waits';
  }
}
