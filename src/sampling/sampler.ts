import { AlreadyTracedError, isAboutEnd } from '../base/errors.ts';
import { FrameTable } from '../profile/frame-table.ts';
import type { Profile, ProfiledProcess, SamplingAccount } from '../profile/profile.ts';
import { SampleTable } from '../profile/sample-table.ts';
import { StackTree } from '../profile/stack-tree.ts';
import type { LiveTarget } from '../target/live-target.ts';
import type { SamplingProgress } from './control.ts';
import { sleepAndRelease } from './paused-sweeps.ts';
import { PendingStacks } from './pending-stacks.ts';
import {
  type ProcessReaders,
  type ProfileTables,
  type SampleChoice,
  SampledProcess,
} from './sampled-process.ts';
import { Schedule } from './schedule.ts';
import { SpreadCounter } from './spread-counter.ts';

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
export interface NameReaders extends ProcessReaders {
  /** `sys.path`. */
  readonly readSearchPath: () => readonly string[];
}

/** Why sampling came to its end. */
type EndReason = SamplingAccount['endedBecause'];

/** Samples a process: looks at all its threads at moments that chance picks, and keeps what it saw. */
export class Sampler implements Disposable {
  readonly #plan: SamplingPlan;
  readonly #clock: SamplingClock;
  readonly #tables: ProfileTables;
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
    pausedNs: 0,
    pauses: new SpreadCounter(),
  };
  /** Samples that lack native calls, as far as that is known. */
  #withoutNative = 0;
  #lastNs: number;
  #sweeps = 0;
  #endedBecause: EndReason | undefined;

  constructor(target: LiveTarget, names: NameReaders, plan: SamplingPlan, clock: SamplingClock) {
    this.#plan = plan;
    this.#clock = clock;
    this.#tables = {
      frames: new FrameTable(),
      stacks: new StackTree(),
      threads: [],
      samples: new SampleTable(),
      pending: plan.withNative ? new PendingStacks() : undefined,
    };
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
    if (!sleepAndRelease(this.#clock, Math.min(dueNs, endNs))) return this.#end('interrupted');
    if (dueNs >= endNs) return this.#end('duration');
    return this.#sweep(dueNs);
  }

  /** What was found since the last time that this was asked; the tables are those of the whole time. */
  take(): Profile {
    const samples = this.#tables.samples.takeBlocks();
    this.#withoutNative += this.#tables.pending?.settle(samples) ?? 0;
    return {
      processes: [...this.#processes],
      threads: [...this.#tables.threads],
      frames: [...this.#tables.frames.frames],
      stacks: this.#tables.stacks.columns,
      samples,
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
    const { taken, unsteady, torn, unreadable } = this.#counts;
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
      lateness: this.#lateness.spread,
      sweepTime: this.#sweepTime.spread,
      samplerCpuNs: this.#clock.cpuNs() - this.#beganCpuNs,
      pausedNs: this.#counts.pausedNs,
      pauses: this.#counts.pauses.spread,
      samplesWithoutNative: this.#withoutNative,
      endedBecause: this.#endedBecause ?? 'interrupted',
    };
  }

  [Symbol.dispose](): void {
    for (const sampled of this.#sampled) sampled[Symbol.dispose]();
  }

  #add(target: LiveTarget, { readSearchPath, ...readers }: NameReaders): void {
    const { pid, commandLine, python } = target.facts;
    const place = { index: this.#processes.length, ...readers };
    const searchPath = readSearchPath();
    this.#processes.push({ pid, parent: undefined, commandLine, python, searchPath });
    this.#sampled.push(new SampledProcess(target, this.#tables, this.#plan, place));
  }

  #sweep(dueNs: number): boolean {
    const nowNs = this.#clock.nowNs();
    const pausedNs = this.#counts.pausedNs;
    this.#lateness.add(nowNs - dueNs);
    this.#tables.samples.beginSweep(this.#lastNs - this.#beganNs, nowNs - this.#lastNs);
    try {
      for (const sampled of this.#sampled) sampled.sweep(nowNs, this.#counts);
    } catch (error) {
      if (error instanceof AlreadyTracedError) return this.#end('target-traced');
      if (!isAboutEnd(error)) throw error;
      return this.#end('target-ended');
    }
    this.#lastNs = nowNs;
    this.#sweeps += 1;
    const doneNs = this.#clock.nowNs();
    this.#sweepTime.add(doneNs - nowNs);
    // A program that is stopped gets at least as much time as it stood still.
    this.#schedule.advance(doneNs + this.#counts.pausedNs - pausedNs);
    return true;
  }

  #end(reason: EndReason): false {
    this.#endedBecause = reason;
    return false;
  }
}
