import { ProcessExitedError } from '../base/errors.ts';
import { FrameTable } from '../profile/frame-table.ts';
import type { SamplingAccount } from '../profile/profile.ts';
import type { ProfileIncrement } from '../profile/profile-increment.ts';
import { ProfileSender } from '../profile/profile-sender.ts';
import { SampleTable } from '../profile/sample-table.ts';
import { StackTree } from '../profile/stack-tree.ts';
import { goFirstInLine, leaveFirstInLine } from '../target/sampling-host.ts';
import type { SamplingProgress } from './control.ts';
import { sleepAndRelease } from './paused-sweeps.ts';
import { PendingStacks } from './pending-stacks.ts';
import { type FamilyPlan, ProcessFamily, type TargetReaders } from './process-family.ts';
import type { ProfileTables } from './sampled-process.ts';
import { Schedule } from './schedule.ts';
import { SpreadCounter } from './spread-counter.ts';
import { ThreadPlaces } from './thread-places.ts';

/** How a process is sampled. */
export interface SamplingPlan extends FamilyPlan {
  /** Sweeps per second. */
  readonly rateHz: number;
  /** Left out, until it is stopped or the process ends. */
  readonly durationNs: number | undefined;
  /** At most so many sweeps. */
  readonly mostSweeps: number | undefined;
  /** The tables begin anew after a window that leaves more rows in them: then windows have nothing to do with each other. */
  readonly mostTableRows: number | undefined;
  /** After a window the places of threads that have ended are others': who looks at windows one by one needs no more. */
  readonly forgetsEnded: boolean;
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

/** Why sampling came to its end. */
type EndReason = SamplingAccount['endedBecause'];

/** Samples a process, or a family of them: looks at all threads at moments that chance picks, and keeps what it saw. */
export class Sampler implements Disposable {
  readonly #plan: SamplingPlan;
  readonly #clock: SamplingClock;
  #tables: ProfileTables;
  readonly #family: ProcessFamily;
  #sender: ProfileSender;
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
    tasks: { most: 0, read: 0, lost: 0 },
  };
  /** Samples that lack native calls, as far as that is known. */
  #withoutNative = 0;
  /** Threads that shared places of earlier tables. */
  #sharingBefore = 0;
  /** Until when it was sampled, and when threads were last looked at. */
  #lastNs: number;
  #previousNs: number;
  #sweeps = 0;
  #endedBecause: EndReason | undefined;

  constructor(pid: number, readers: TargetReaders, plan: SamplingPlan, clock: SamplingClock) {
    this.#plan = plan;
    this.#clock = clock;
    this.#tables = emptyTables(plan);
    this.#family = new ProcessFamily(pid, this.#tables, { plan, readers, nowNs: clock.nowNs });
    this.#sender = senderOf(this.#tables, this.#family);
    this.#beganNs = clock.nowNs();
    this.#beganCpuNs = clock.cpuNs();
    this.#startedAt = clock.epochMs();
    this.#lastNs = this.#beganNs;
    this.#previousNs = this.#beganNs;
    this.#schedule = new Schedule(this.#beganNs, 1e9 / plan.rateHz, Math.random);
  }

  /**
   * Waits for the next sweep and takes it; `false` when sampling has come to its end.
   * @throws {InspectorError} when nothing could be sampled until now, and it is clear that nothing will be
   */
  step(): boolean {
    const { durationNs = Number.POSITIVE_INFINITY, mostSweeps = Number.POSITIVE_INFINITY } = this.#plan;
    const endNs = this.#beganNs + durationNs;
    if (this.#sweeps >= mostSweeps) return this.#end('count');
    const dueNs = this.#schedule.dueNs;
    if (this.#plan.isBlocking || this.#plan.withNative) goFirstInLine();
    if (!sleepAndRelease(this.#clock, Math.min(dueNs, endNs))) return this.#end('interrupted');
    if (dueNs >= endNs) return this.#end('duration');
    return this.#sweep(dueNs);
  }

  /** What was found since the last time that this was asked. */
  take(): ProfileIncrement {
    leaveFirstInLine();
    const { pending } = this.#tables;
    // Before the tables are told, as this adds to them.
    pending?.settleWaiting();
    const increment = this.#sender.take(this.account);
    this.#withoutNative += pending?.settle(increment.samples) ?? 0;
    if (this.#plan.forgetsEnded) this.#tables.places.releaseKept();
    if (rowsIn(this.#tables) > (this.#plan.mostTableRows ?? Number.POSITIVE_INFINITY)) this.#renewTables();
    return { ...increment, account: this.account };
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
      sharingThreads: this.#sharingBefore + this.#tables.places.sharing,
      sampledProcesses: new Set(this.#family.profiled.map(({ pid }) => pid)).size,
      unreadProcesses: [...this.#family.unread],
      samplerCpuNs: this.#clock.cpuNs() - this.#beganCpuNs,
      pausedNs: this.#counts.pausedNs,
      pauses: this.#counts.pauses.spread,
      samplesWithoutNative: this.#withoutNative,
      endedBecause: this.#endedBecause ?? 'interrupted',
    };
  }

  [Symbol.dispose](): void {
    this.#family[Symbol.dispose]();
  }

  #renewTables(): void {
    this.#sharingBefore += this.#tables.places.sharing;
    this.#tables = emptyTables(this.#plan);
    this.#sender = senderOf(this.#tables, this.#family);
    this.#family.renew(this.#tables);
  }

  #sweep(dueNs: number): boolean {
    const nowNs = this.#clock.nowNs();
    const { pausedNs } = this.#counts;
    this.#tables.samples.beginSweep(this.#previousNs - this.#beganNs, nowNs - this.#previousNs);
    this.#previousNs = nowNs;
    const isSeen = this.#family.sweep(nowNs, this.#counts);
    const endNs = this.#clock.nowNs();
    if (isSeen) this.#count(nowNs, { dueNs, endNs });
    leaveFirstInLine();
    const hasTakenTime = this.#family.tend(endNs);
    const reason = this.#family.findEnd();
    if (reason === 'target-ended' && this.#sweeps === 0) throw new ProcessExitedError(this.#family.rootPid);
    if (reason !== undefined) return this.#end(reason);
    // A program that is stopped gets at least as much time as it stood still.
    const goesOnNs = hasTakenTime ? this.#clock.nowNs() : endNs;
    this.#schedule.advance(goesOnNs + this.#counts.pausedNs - pausedNs);
    return true;
  }

  #count(beganNs: number, { dueNs, endNs }: { readonly dueNs: number; readonly endNs: number }): void {
    this.#lastNs = beganNs;
    this.#sweeps += 1;
    this.#lateness.add(beganNs - dueNs);
    this.#sweepTime.add(endNs - beganNs);
  }

  #end(reason: EndReason): false {
    this.#endedBecause = reason;
    // After the last sweep time has gone by too, which is a second at 1 Hz.
    this.#lastNs = this.#clock.nowNs();
    return false;
  }
}

function emptyTables({ withNative }: SamplingPlan): ProfileTables {
  return {
    frames: new FrameTable(),
    stacks: new StackTree(),
    places: new ThreadPlaces(),
    samples: new SampleTable(),
    pending: withNative ? new PendingStacks() : undefined,
  };
}

function senderOf({ places, ...tables }: ProfileTables, { profiled }: ProcessFamily): ProfileSender {
  return new ProfileSender({ ...tables, threads: places.threads, processes: profiled });
}

function rowsIn({ frames, stacks, places }: ProfileTables): number {
  return frames.frames.length + stacks.count + places.threads.length;
}
