import { InspectorError } from '../../base/errors.ts';
import type { GilSweep } from '../../cpython/sweep/gil-sweep.ts';
import type { GilEvent, GilReport, GilThreadUse, GilUse } from '../../model/gil-report.ts';
import type { ProfiledThread } from '../../profile/profile.ts';
import type { GilCounters } from '../../target/gil-counters.ts';
import type { LiveTarget } from '../../target/live-target.ts';
import { RunningProgram } from '../../target/running-program.ts';
import type { SamplingClock } from '../sampler.ts';
import { Schedule } from '../schedule.ts';
import type { LabelReader } from '../thread-roster.ts';
import { ExactCalls } from './exact-calls.ts';
import { type GilDoing, GilLedger, NOBODY, type Seen, type Spell, type WaitSpell } from './gil-ledger.ts';
import { type FollowedThread, GilThreads } from './gil-threads.ts';
import { LongSpells } from './long-spells.ts';
import { WaitingLooks } from './waiting-looks.ts';

/** How the GILs of a process are looked at. */
export interface GilPlan {
  /** Looks per second. */
  readonly rateHz: number;
  /** Left out, until it is stopped or the process ends. */
  readonly durationNs: number | undefined;
  /** How long reports are about. */
  readonly intervalNs: number;
  /** Holds and waits that take longer are told of. */
  readonly longHoldNs: number;
  readonly longWaitNs: number;
  /** Count each take and drop by breakpoints. */
  readonly isExact: boolean;
}

/** Why looking came to its end. */
export type GilEndReason = 'duration' | 'interrupted' | 'target-ended' | 'target-replaced';

/** How often it is asked which threads there are; one that holds the GIL and is not known is looked up at once. */
const THREADS_LAST_NS = 100_000_000;
/** Reading a stack takes as long as some looks: where many are wanted, those that go on for longer have theirs read. */
const STACK_EVERY_NS = 1_000_000;
/** Who had a GIL during a wait: so many are told. */
const MOST_HOLDERS = 3;

/** Looks at the GILs of a process at moments that chance picks, and reports at intervals what became of them. */
export class GilSampler implements Disposable {
  readonly #target: LiveTarget;
  readonly #program: RunningProgram;
  readonly #plan: GilPlan;
  readonly #clock: SamplingClock;
  readonly #tell: (report: GilReport) => void;
  readonly #threads: GilThreads;
  readonly #gils: GilSweep;
  readonly #waiting: WaitingLooks;
  readonly #counters: GilCounters | undefined;
  readonly #exact: ExactCalls | undefined;
  readonly #ledger = new GilLedger();
  readonly #long = new LongSpells();
  readonly #schedule: Schedule;
  readonly #beganNs: number;
  /** What the clock says at the epoch. */
  readonly #epochMs: number;
  #intervalBeganNs: number;
  #refreshedNs = Number.NEGATIVE_INFINITY;
  #nextStackNs = Number.NEGATIVE_INFINITY;
  #followed: readonly FollowedThread[] = [];
  /** Those that have ended since the last report. */
  readonly #ended: FollowedThread[] = [];
  #looks = 0;
  #missedBefore = 0;
  /** Whether all interpreters have the one GIL, that of the main one. */
  #isShared = false;
  /** Whose the GILs are that are looked at. */
  #interpreterIds: readonly number[] = [];

  constructor(
    target: LiveTarget,
    readLabels: LabelReader,
    { plan, clock }: { readonly plan: GilPlan; readonly clock: SamplingClock },
    tell: (report: GilReport) => void,
  ) {
    this.#target = target;
    this.#program = new RunningProgram(target.pid);
    this.#plan = plan;
    this.#clock = clock;
    this.#tell = tell;
    this.#threads = new GilThreads(target, readLabels);
    this.#gils = target.openGilSweep();
    this.#waiting = new WaitingLooks((threadId) => target.watchActivity(threadId));
    const counters = plan.isExact ? target.openGilCounters() : undefined;
    this.#counters = counters;
    this.#exact = counters && new ExactCalls((threadId) => counters.open(threadId));
    this.#refresh(clock.nowNs());
    this.#beganNs = clock.nowNs();
    this.#epochMs = clock.epochMs() - this.#beganNs / 1e6;
    this.#intervalBeganNs = this.#beganNs;
    this.#schedule = new Schedule(this.#beganNs, 1e9 / plan.rateHz, Math.random);
  }

  /** Waits for the next look and takes it; why it was the last one. */
  step(): GilEndReason | undefined {
    const { durationNs = Number.POSITIVE_INFINITY, intervalNs } = this.#plan;
    const endNs = this.#beganNs + durationNs;
    const reportNs = Math.min(this.#intervalBeganNs + intervalNs, endNs);
    const { dueNs } = this.#schedule;
    const isGoingOn = this.#clock.sleepUntil(Math.min(dueNs, reportNs));
    const nowNs = this.#clock.nowNs();
    if (!isGoingOn) return this.#end(nowNs, 'interrupted');
    if (dueNs >= endNs || nowNs >= endNs) return this.#end(nowNs, 'duration');
    if (nowNs >= reportNs) this.#report(nowNs);
    const lost = this.#tryToLook(nowNs);
    if (lost !== undefined) return this.#end(nowNs, lost);
    this.#schedule.advance(this.#clock.nowNs());
    return undefined;
  }

  [Symbol.dispose](): void {
    this.#exact?.[Symbol.dispose]();
    this.#counters?.[Symbol.dispose]();
    this.#waiting[Symbol.dispose]();
    this.#target[Symbol.dispose]();
  }

  /** Looks once; says why there is nothing left to be looked at. */
  #tryToLook(nowNs: number): GilEndReason | undefined {
    try {
      if (this.#look(nowNs)) return undefined;
    } catch (error) {
      if (!(error instanceof InspectorError)) throw error;
    }
    // Threads and interpreters may have come and gone while they were read.
    this.#refreshedNs = Number.NEGATIVE_INFINITY;
    const fate = this.#program.readFate();
    if (fate === 'goes-on') return undefined;
    return fate === 'ended' ? 'target-ended' : 'target-replaced';
  }

  /** Looks at all GILs, and at some of the threads; `false` when a GIL is gone. */
  #look(nowNs: number): boolean {
    if (nowNs - this.#refreshedNs >= THREADS_LAST_NS) this.#refresh(nowNs);
    if (!this.#gils.sweep()) return false;
    this.#looks += 1;
    for (const [at, { holder, switchNumber }] of this.#gils.gils.entries()) {
      const gil = this.#interpreterIds[at] ?? 0;
      const thread = holder === 0 ? NOBODY : this.#indexOf(holder, nowNs);
      const over = this.#ledger.seeHolder(gil, nowNs, thread, switchNumber);
      if (over !== undefined) {
        this.#long.end(over, nowNs, []);
        this.#waiting.hurry(over.thread);
      }
      const hold = this.#ledger.holdOf(gil);
      if (hold !== undefined) this.#watchSpell('hold', hold, nowNs);
      if (thread !== NOBODY) this.#seeDoing({ thread, gil }, nowNs, 'none');
    }
    this.#waiting.look((thread, doing) => this.#seeDoing(this.#seenOf(thread), nowNs, doing));
    return true;
  }

  #seenOf({ index: thread, interpreter }: FollowedThread): Seen {
    return { thread, gil: this.#isShared ? 0 : interpreter.id };
  }

  #seeDoing(seen: Seen, nowNs: number, doing: GilDoing): void {
    const over = this.#ledger.seeDoing(seen, nowNs, doing);
    if (over !== undefined && this.#long.has(over)) this.#long.end(over, nowNs, this.#heldDuring(over));
    const wait = this.#ledger.waitOf(seen.thread);
    if (wait !== undefined) this.#watchSpell('wait', wait, nowNs);
  }

  /** Takes up a spell that has become long, and reads what its thread runs. */
  #watchSpell(kind: GilEvent['kind'], spell: Spell, nowNs: number): void {
    const thresholdNs = kind === 'hold' ? this.#plan.longHoldNs : this.#plan.longWaitNs;
    if (nowNs - spell.sinceNs < thresholdNs) return;
    if (!this.#long.has(spell)) {
      const startedAt = this.#epochMs + spell.sinceNs / 1e6;
      const thread = this.#threadAt(spell.thread);
      this.#long.begin(spell, { kind, thread, startedAt, thresholdNs, stack: undefined });
    }
    if (nowNs < this.#nextStackNs || !this.#long.wantsStack(spell)) return;
    this.#nextStackNs = nowNs + STACK_EVERY_NS;
    this.#long.addStack(spell, this.#threads.readStack(spell.thread, nowNs));
  }

  #indexOf(holder: number, nowNs: number): number {
    const known = this.#threads.indexOf(holder);
    if (known !== undefined) return known;
    this.#refresh(nowNs);
    return this.#threads.indexOf(holder) ?? NOBODY;
  }

  #refresh(nowNs: number): void {
    this.#refreshedNs = nowNs;
    if (!this.#threads.refresh(nowNs)) return;
    const { interpreters, followed } = this.#threads;
    this.#noteEnded(followed, nowNs);
    this.#gils.follow(interpreters.map(({ address }) => address));
    this.#isShared = this.#gils.gils.length < interpreters.length;
    this.#interpreterIds = this.#isShared ? [0] : interpreters.map(({ id }) => id);
    this.#waiting.follow(followed);
    this.#exact?.follow(followed);
  }

  /** A thread that has ended waits no more, and what it did is a part of the next report still. */
  #noteEnded(followed: readonly FollowedThread[], nowNs: number): void {
    const indices = new Set(followed.map(({ index }) => index));
    for (const thread of this.#followed) {
      if (indices.has(thread.index)) continue;
      this.#seeDoing(this.#seenOf(thread), nowNs, 'none');
      this.#ended.push(thread);
    }
    this.#followed = followed;
  }

  #end(nowNs: number, reason: GilEndReason): GilEndReason {
    this.#report(nowNs);
    return reason;
  }

  #report(nowNs: number): void {
    const { missed } = this.#schedule;
    this.#tell({
      startedAt: this.#epochMs + this.#intervalBeganNs / 1e6,
      durationNs: nowNs - this.#intervalBeganNs,
      looks: this.#looks,
      missedLooks: missed - this.#missedBefore,
      isExact: this.#exact !== undefined,
      gils: this.#gils.gils.map(({ isInUse }, at) => this.#useOfGil(this.#interpreterIds[at] ?? 0, isInUse)),
      threads: [...this.#followed, ...this.#ended].map((thread) => this.#useByThread(thread, nowNs)),
      ...this.#long.take(nowNs, (spell) => this.#heldDuring(spell)),
    });
    for (const { index } of this.#ended.splice(0)) {
      this.#ledger.forgetThread(index);
      this.#threads.forget(index);
    }
    this.#looks = 0;
    this.#missedBefore = missed;
    this.#intervalBeganNs = nowNs;
  }

  #useOfGil(interpreterId: number, isInUse: boolean): GilUse {
    return { interpreterId, isInUse, ...this.#ledger.takeGil(interpreterId) };
  }

  #useByThread({ index, osThreadId, interpreter }: FollowedThread, nowNs: number): GilThreadUse {
    const { waited, dropping, ...sums } = this.#ledger.takeThread(index, nowNs);
    const isKnown = osThreadId !== undefined && interpreter.gilWaits !== undefined;
    return {
      thread: this.#threadAt(index),
      ...sums,
      ...this.#exact?.take(index),
      waited: isKnown ? waited : undefined,
      dropping: isKnown ? dropping : undefined,
    };
  }

  #heldDuring(spell: Spell | WaitSpell): GilEvent['heldBy'] {
    if (!('heldBefore' in spell)) return [];
    return this.#ledger
      .heldSince(spell)
      .filter(({ thread }) => thread !== spell.thread)
      .slice(0, MOST_HOLDERS)
      .map(({ thread, ns }) => ({ thread: this.#threadAt(thread), ns }));
  }

  #threadAt(index: number): ProfiledThread {
    const thread = this.#threads.threads[index];
    if (thread === undefined) throw new RangeError(`Cannot find thread ${index} of those that were seen`);
    return thread;
  }
}
