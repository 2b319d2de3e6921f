import { ProcessExitedError } from '../base/errors.ts';
import { FrameTable } from '../profile/frame-table.ts';
import type { Profile, ProfiledProcess, ProfiledThread, SamplingAccount } from '../profile/profile.ts';
import { SampleTable } from '../profile/sample-table.ts';
import { StackTree } from '../profile/stack-tree.ts';
import type { LiveTarget } from '../target/live-target.ts';
import type { SamplingProgress } from './control.ts';
import { type SampleChoice, SampledProcess } from './sampled-process.ts';
import { Schedule } from './schedule.ts';
import { SpreadCounter } from './spread-counter.ts';
import type { LabelReader } from './thread-roster.ts';

/** How a process is sampled. */
export interface SamplingPlan extends SampleChoice {
  /** Sweeps per second. */
  readonly rateHz: number;
  /** Left out, until it is stopped or the process ends. */
  readonly durationNs: number | undefined;
  /** At most so many sweeps. */
  readonly mostSweeps: number | undefined;
}

/** The clock that sampling goes by, and the way in which it is stopped. */
export interface SamplingClock {
  /** Nanoseconds since some moment, never going back. */
  nowNs(): number;
  /** User and system time of the thread that samples. */
  cpuNs(): number;
  /** Milliseconds since the epoch. */
  epochMs(): number;
  /** Sleeps until a moment, or until sampling is to stop: then `false`. */
  sleepUntil(ns: number): boolean;
}

/** What is read of a process beside its stacks. */
export interface NameReaders {
  readonly readLabels: LabelReader;
  /** `sys.path`. */
  readonly readSearchPath: () => readonly string[];
}

/** Why sampling came to its end. */
type EndReason = SamplingAccount['endedBecause'];

/** Samples a process: looks at all its threads at moments that chance picks, and keeps what it saw. */
export class Sampler implements Disposable {
  readonly #plan: SamplingPlan;
  readonly #clock: SamplingClock;
  readonly #tables = {
    frames: new FrameTable(),
    stacks: new StackTree(),
    threads: [] as ProfiledThread[],
    samples: new SampleTable(),
  };
  readonly #processes: ProfiledProcess[] = [];
  readonly #sampled: SampledProcess[] = [];
  readonly #schedule: Schedule;
  readonly #lateness = new SpreadCounter();
  readonly #sweepTime = new SpreadCounter();
  readonly #beganNs: number;
  readonly #beganCpuNs: number;
  readonly #startedAt: number;
  readonly #counts = {
    taken: 0,
    unsteady: 0,
    torn: 0,
    unreadable: 0,
    tasks: { most: 0, read: 0, lost: 0 },
  };
  #lastNs: number;
  #sweeps = 0;
  #endedBecause: EndReason | undefined;

  constructor(target: LiveTarget, names: NameReaders, plan: SamplingPlan, clock: SamplingClock) {
    this.#plan = plan;
    this.#clock = clock;
    this.#add(target, names);
    this.#beganNs = clock.nowNs();
    this.#beganCpuNs = clock.cpuNs();
    this.#startedAt = clock.epochMs();
    this.#lastNs = this.#beganNs;
    this.#schedule = new Schedule(this.#beganNs, 1e9 / plan.rateHz, Math.random);
  }

  /** Waits for the next sweep and takes it; `false` when sampling has come to its end. */
  step(): boolean {
    const { durationNs = Number.POSITIVE_INFINITY, mostSweeps = Number.POSITIVE_INFINITY } = this.#plan;
    const endNs = this.#beganNs + durationNs;
    if (this.#sweeps >= mostSweeps) return this.#end('count');
    const dueNs = this.#schedule.dueNs;
    if (!this.#clock.sleepUntil(Math.min(dueNs, endNs))) return this.#end('interrupted');
    if (dueNs >= endNs) return this.#end('duration');
    return this.#sweep(dueNs);
  }

  /** What was found since the last time that this was asked; the tables are those of the whole time. */
  take(): Profile {
    return {
      processes: [...this.#processes],
      threads: [...this.#tables.threads],
      frames: [...this.#tables.frames.frames],
      stacks: this.#tables.stacks.columns,
      samples: this.#tables.samples.takeBlocks(),
      account: this.account,
    };
  }

  /** The numbers of the account that are cheap to tell after each sweep. */
  get progress(): SamplingProgress {
    const { taken: samples, torn, unreadable } = this.#counts;
    const elapsedNs = this.#lastNs - this.#beganNs;
    return { sweeps: this.#sweeps, samples, torn, unreadable, missed: this.#schedule.missed, elapsedNs };
  }

  /** How sampling goes so far. */
  get account(): SamplingAccount {
    const { taken, unsteady, torn, unreadable, tasks } = this.#counts;
    return {
      mode: this.#plan.mode,
      rateHz: this.#plan.rateHz,
      startedAt: this.#startedAt,
      durationNs: this.#lastNs - this.#beganNs,
      sweeps: this.#sweeps,
      missedSweeps: this.#schedule.missed,
      samples: taken,
      unsteadySamples: unsteady,
      tornSamples: torn,
      unreadableSamples: unreadable,
      mostTasks: tasks.most,
      tasksRead: tasks.read,
      tasksLost: tasks.lost,
      lateness: this.#lateness.spread,
      sweepTime: this.#sweepTime.spread,
      samplerCpuNs: this.#clock.cpuNs() - this.#beganCpuNs,
      pausedNs: 0,
      endedBecause: this.#endedBecause ?? 'interrupted',
    };
  }

  [Symbol.dispose](): void {
    for (const sampled of this.#sampled) sampled[Symbol.dispose]();
  }

  #add(target: LiveTarget, { readLabels, readSearchPath }: NameReaders): void {
    const { pid, commandLine, python } = target.facts;
    const place = { index: this.#processes.length, readLabels };
    const searchPath = readSearchPath();
    this.#processes.push({ pid, parent: undefined, commandLine, python, searchPath });
    this.#sampled.push(new SampledProcess(target, this.#tables, this.#plan, place));
  }

  #sweep(dueNs: number): boolean {
    const nowNs = this.#clock.nowNs();
    this.#lateness.add(nowNs - dueNs);
    this.#tables.samples.beginSweep(this.#lastNs - this.#beganNs, nowNs - this.#lastNs);
    try {
      for (const sampled of this.#sampled) sampled.sweep(nowNs, this.#counts);
    } catch (error) {
      if (!(error instanceof ProcessExitedError)) throw error;
      return this.#end('target-ended');
    }
    this.#lastNs = nowNs;
    this.#sweeps += 1;
    const doneNs = this.#clock.nowNs();
    this.#sweepTime.add(doneNs - nowNs);
    this.#schedule.advance(doneNs);
    return true;
  }

  #end(reason: EndReason): false {
    this.#endedBecause = reason;
    return false;
  }
}
