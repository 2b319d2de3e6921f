import { BadArgumentError, SamplerFailedError } from '../base/errors.ts';
import type { Profile, SampledMode } from '../profile/profile.ts';
import { ProfileReceiver } from '../profile/profile-receiver.ts';
import {
  makeSharedControl,
  readProgress,
  requestStop,
  requestWindow,
  type SamplingProgress,
  type SharedControl,
} from '../sampling/control.ts';
import type { SamplingPlan } from '../sampling/sampler.ts';
import { startWorker, type WorkerThread } from '../target/sampling-host.ts';
import { isSamplerMessage, type SamplerMessage, type SamplerTask } from './sampler-messages.ts';
import { lastWordOf } from './worker-failure.ts';

/** How a process is sampled. */
export interface SamplingOptions {
  /** Looks at all threads per second; 100 when left out. */
  readonly rateHz?: number;
  /** Left out, until `stop()` or the end of the process. */
  readonly durationSeconds?: number;
  /** At most so many looks. */
  readonly sweeps?: number;
  /** Which moments of which threads: `cpu` when left out, those of threads that run. */
  readonly mode?: SampledMode;
  /** Only the thread of this name or id; it must be there at the start. */
  readonly thread?: string;
  /** That thread may also come later. */
  readonly threadMayCome?: boolean;
  /** Also the processes that it has started and will start, and what these start. */
  readonly subprocesses?: boolean;
  /** Stacks by task of asyncio: of those that run (`running`), or of those that wait too (`all`); left out, by thread. */
  readonly tasks?: 'running' | 'all';
  /** Put a marker on top of the stack of a thread that collects garbage. */
  readonly gc?: boolean;
  /** The threads that run stand still for each look, so that no stack mixes two moments. */
  readonly blocking?: boolean;
  /**
   * Looks are taken from the CPU of a thread that moves in them: it waits there for some ten microseconds, as for any other program, so that
   * hardly a stack mixes two moments, though nothing is stopped. Not with `blocking` and `native`.
   */
  readonly sameCpu?: boolean;
  /** Native calls too, between the Python ones; the threads that run stand still for it. Not with the mode `gil-wait`. */
  readonly native?: boolean;
  /**
   * Where windows are taken for as long as one likes: has the tables begin anew after a window that leaves more rows than this in
   * them (frames, stacks and threads that were ever seen), so that memory has an end. The numbers of a window are then its own.
   */
  readonly mostTableRows?: number;
  /**
   * Where windows are looked at one by one: the place of a thread that has ended is given to another one after the window, which has
   * another `serial`.
   */
  readonly forgetsEnded?: boolean;
  /** Search all memory of the process for the interpreter when nothing else leads there. */
  readonly exhaustive?: boolean;
}

/** A process that is being sampled, by a thread of its own. */
export interface Sampling {
  /** How it goes at this moment. */
  readonly progress: SamplingProgress;
  /** Settles with the whole profile, or what was not taken by `takeWindow()`, when sampling has ended. */
  readonly ended: Promise<Profile>;
  /**
   * What was found since this was asked last. Its tables of threads, frames and stacks are those of the whole time, with the numbers
   * that they have in all windows; its account is that of the whole time too. A window that was given does not change any more.
   */
  takeWindow(): Promise<Profile>;
  /** Has sampling end; `ended` tells with what. */
  stop(): void;
}

/**
 * Starts to sample a process; with `subprocesses` it may be a shell that starts one that runs Python.
 * @throws {BadArgumentError} for native calls of threads that wait for the GIL, and for the CPU of threads that are stopped
 */
export function startSampling(pid: number, options: SamplingOptions = {}): Sampling {
  const control = makeSharedControl();
  const task: SamplerTask = { pid, exhaustive: options.exhaustive === true, plan: planOf(options), control };
  return new RunningSampling(startWorker('sampler.cjs', task), control);
}

const DEFAULT_RATE_HZ = 100;

function planOf(options: SamplingOptions): SamplingPlan {
  const { rateHz, durationSeconds, sweeps, mode, thread, tasks, gc, subprocesses, threadMayCome } = options;
  const { blocking, native, sameCpu } = options;
  if (sameCpu === true && (blocking === true || native === true))
    throw new BadArgumentError(
      'Cannot look from the CPU of threads that are stopped: they stand still already, so leave out one of the two',
    );
  if (native === true && mode === 'gil-wait')
    throw new BadArgumentError(
      'Cannot show native calls of threads that wait for the GIL: those are the waiting itself, so leave out one of the two',
    );
  return {
    rateHz: rateHz ?? DEFAULT_RATE_HZ,
    durationNs: durationSeconds === undefined ? undefined : durationSeconds * 1e9,
    mostSweeps: sweeps,
    mode: mode ?? 'cpu',
    thread,
    tasks,
    withGc: gc === true,
    isBlocking: blocking === true,
    sharesCpu: sameCpu === true,
    withNative: native === true,
    withChildren: subprocesses === true,
    threadMayCome: threadMayCome === true || subprocesses === true,
    mostTableRows: options.mostTableRows,
    forgetsEnded: options.forgetsEnded === true,
  };
}

/** Somebody who waits for a window. */
interface WindowWish {
  readonly resolve: (window: Profile) => void;
  readonly reject: (error: unknown) => void;
}

class RunningSampling implements Sampling {
  readonly ended: Promise<Profile>;
  readonly #control: SharedControl;
  readonly #receiver = new ProfileReceiver();
  readonly #waiting: WindowWish[] = [];
  #last: Profile | undefined;
  #isOver = false;

  constructor(worker: WorkerThread, control: SharedControl) {
    this.#control = control;
    worker.onMessage((message) => {
      if (isSamplerMessage(message)) this.#take(message);
    });
    this.ended = this.#profileAtEndOf(worker);
    const settle = (act: (wish: WindowWish) => void): void => {
      this.#isOver = true;
      for (const wish of this.#waiting.splice(0)) act(wish);
    };
    this.ended.then(
      (profile) => settle(({ resolve }) => resolve(profile)),
      (error) => settle(({ reject }) => reject(error)),
    );
  }

  get progress(): SamplingProgress {
    return readProgress(this.#control);
  }

  takeWindow(): Promise<Profile> {
    if (this.#isOver) return this.ended;
    // No race with the end, which would keep each window until then.
    return new Promise<Profile>((resolve, reject) => {
      this.#waiting.push({ resolve, reject });
      requestWindow(this.#control);
    });
  }

  stop(): void {
    requestStop(this.#control);
  }

  #take({ increment, isLast }: SamplerMessage): void {
    const profile = this.#receiver.add(increment);
    if (isLast) this.#last = profile;
    for (const { resolve } of this.#waiting.splice(0)) resolve(profile);
  }

  async #profileAtEndOf(worker: WorkerThread): Promise<Profile> {
    await lastWordOf(worker);
    if (this.#last !== undefined) return this.#last;
    throw new SamplerFailedError('its thread ended without a word');
  }
}
