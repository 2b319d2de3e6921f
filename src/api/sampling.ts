import { SamplerFailedError } from '../base/errors.ts';
import type { Profile, SampledMode } from '../profile/profile.ts';
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
import { isSamplerMessage, type SamplerTask } from './sampler-messages.ts';

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
  /** Only the thread of this name or id. */
  readonly thread?: string;
  /** Stacks by task of asyncio: of those that run (`running`), or of those that wait too (`all`); left out, by thread. */
  readonly tasks?: 'running' | 'all';
  /** Put a marker on top of the stack of a thread that collects garbage. */
  readonly gc?: boolean;
  /** Search all memory of the process for the interpreter when nothing else leads there. */
  readonly exhaustive?: boolean;
}

/** A process that is being sampled, by a thread of its own. */
export interface Sampling {
  /** How it goes at this moment. */
  readonly progress: SamplingProgress;
  /** Settles with the whole profile, or what was not taken by `takeWindow()`, when sampling has ended. */
  readonly ended: Promise<Profile>;
  /** What was found since this was asked last. The tables of frames and stacks go on being those of the whole time. */
  takeWindow(): Promise<Profile>;
  /** Has sampling end; `ended` tells with what. */
  stop(): void;
}

/** Starts to sample a process, which must be one that can be inspected. */
export function startSampling(pid: number, options: SamplingOptions = {}): Sampling {
  const control = makeSharedControl();
  const task: SamplerTask = { pid, exhaustive: options.exhaustive === true, plan: planOf(options), control };
  return new RunningSampling(startWorker('sampler.cjs', task), control);
}

const DEFAULT_RATE_HZ = 100;

function planOf({ rateHz, durationSeconds, sweeps, mode, thread, tasks, gc }: SamplingOptions): SamplingPlan {
  return {
    rateHz: rateHz ?? DEFAULT_RATE_HZ,
    durationNs: durationSeconds === undefined ? undefined : durationSeconds * 1e9,
    mostSweeps: sweeps,
    mode: mode ?? 'cpu',
    thread,
    tasks,
    withGc: gc === true,
  };
}

class RunningSampling implements Sampling {
  readonly ended: Promise<Profile>;
  readonly #control: SharedControl;
  readonly #waiting: ((profile: Profile) => void)[] = [];

  constructor(worker: WorkerThread, control: SharedControl) {
    this.#control = control;
    this.ended = lastProfileOf(worker);
    worker.onMessage((message) => {
      if (isSamplerMessage(message)) for (const take of this.#waiting.splice(0)) take(message.profile);
    });
  }

  get progress(): SamplingProgress {
    return readProgress(this.#control);
  }

  takeWindow(): Promise<Profile> {
    const window = new Promise<Profile>((resolve) => {
      this.#waiting.push(resolve);
    });
    requestWindow(this.#control);
    return Promise.race([window, this.ended]);
  }

  stop(): void {
    requestStop(this.#control);
  }
}

async function lastProfileOf(worker: WorkerThread): Promise<Profile> {
  let last: unknown;
  try {
    last = await worker.ended;
  } catch (error) {
    throw new SamplerFailedError(error instanceof Error ? error.message : String(error), { cause: error });
  }
  if (isSamplerMessage(last) && last.isLast) return last.profile;
  throw new SamplerFailedError('its thread ended without a word');
}
