import type { EstimatedTime } from '../../model/gil-report.ts';
import { TimeEstimate } from './time-estimate.ts';

/** In the place of the index of a thread: nobody. */
export const NOBODY = -1;

/** What a thread was seen to do about its GIL: to sleep as it waits for it or has let go of it, to run, to do something else. */
export type GilDoing = 'waits' | 'drops' | 'runs' | 'none' | 'unknown';

/** A thread, and the GIL that it may want. */
export interface Seen {
  readonly thread: number;
  readonly gil: number;
}

/** A thread holds the GIL, or waits for it, without a break. */
export interface Spell {
  readonly thread: number;
  readonly sinceNs: number;
}

/** A thread that waits, and for how long each thread had held the GIL in all when it began. */
export interface WaitSpell extends Spell {
  readonly heldBefore: Float64Array;
}

/** What came together of a thread since it was asked last. */
export interface ThreadSums {
  readonly takes: number;
  readonly drops: number;
  readonly held: EstimatedTime;
  readonly waited: EstimatedTime;
  readonly dropping: EstimatedTime;
  readonly longestHoldNs: number;
  readonly longestWaitNs: number;
}

/** The same of a GIL. */
export interface GilSums {
  readonly held: EstimatedTime;
  /** `undefined` where nothing counts them. */
  readonly switches: number | undefined;
  readonly seenSwitches: number;
}

/** Tells whether a thread may have had a GIL unseen between two looks at it. */
interface GilMark {
  /** How often the thread was seen to take it. */
  readonly takes: number;
  /** How many times the GIL went to another thread, without those that were seen. */
  readonly unseen: number;
}

/** Who waits has a thread give up the GIL that has had it for 5 ms (`sys.getswitchinterval()`), which looks find out a little late or soon. */
const LEAST_FORCED_NS = 4_500_000;

const NO_MARK: GilMark = { takes: Number.NaN, unseen: Number.NaN };

/** What the looks at one thread have come to. */
class ThreadTally {
  readonly held = new TimeEstimate();
  readonly waited = new TimeEstimate();
  readonly dropping = new TimeEstimate();
  takes = 0;
  /** Never set back. */
  allTakes = 0;
  drops = 0;
  longestHoldNs = 0;
  longestWaitNs = 0;
  doing: GilDoing = 'unknown';
  /** When that was seen. */
  doingNs = Number.NaN;
  /** What was known of its GIL then. */
  mark = NO_MARK;
  wait: WaitSpell | undefined;
  /** It gave up the GIL since others wanted it, and so wants it again. */
  wasForced = false;

  take(nowNs: number, holdSinceNs: number): ThreadSums {
    const { takes, drops } = this;
    const longestHoldNs = Math.max(this.longestHoldNs, nowNs - holdSinceNs);
    const longestWaitNs = Math.max(this.longestWaitNs, nowNs - (this.wait?.sinceNs ?? nowNs));
    this.takes = 0;
    this.drops = 0;
    this.longestHoldNs = 0;
    this.longestWaitNs = 0;
    const [held, waited, dropping] = [this.held.take(), this.waited.take(), this.dropping.take()];
    return { takes, drops, held, waited, dropping, longestHoldNs, longestWaitNs };
  }
}

/** What the looks at one GIL have come to. */
class GilTally {
  readonly held = new TimeEstimate();
  lookedNs = Number.NaN;
  holder = NOBODY;
  /** Who held it last, also when nobody does now. */
  lastHolder = NOBODY;
  switchNumber = Number.NaN;
  /** Of the last report. */
  reportedNumber = Number.NaN;
  seenSwitches = 0;
  /** Never set back. */
  allSeenSwitches = 0;
  hold: Spell | undefined;

  take(): GilSums {
    const switches = this.switchNumber - this.reportedNumber;
    const sums = {
      held: this.held.take(),
      switches: Number.isNaN(switches) ? undefined : switches,
      seenSwitches: this.seenSwitches,
    };
    this.reportedNumber = this.switchNumber;
    this.seenSwitches = 0;
    return sums;
  }
}

/**
 * Keeps account of who holds GILs and who waits for them, from looks at moments that chance picks. Threads and GILs are numbers that
 * count from 0. What lies between two looks that differ is shared by halves, so that times are right on average, and spells begin and end in the middle.
 */
export class GilLedger {
  readonly #gils: GilTally[] = [];
  readonly #threads: ThreadTally[] = [];
  /** How long each thread has held a GIL in all. */
  #heldNs = new Float64Array(64);

  /** Notes who holds a GIL; answers the hold that is over with that. */
  seeHolder(gil: number, nowNs: number, holder: number, switchNumber: number): Spell | undefined {
    this.#gils[gil] ??= new GilTally();
    const tally = this.#gils[gil];
    const { lookedNs, holder: before } = tally;
    if (holder !== before && holder !== NOBODY) this.#waitUntil(lookedNs, holder, gil);
    const isOthers = switchNumber !== tally.switchNumber && !Number.isNaN(tally.switchNumber);
    const isFirst = Number.isNaN(lookedNs);
    if (isFirst) tally.reportedNumber = switchNumber;
    else this.#share(tally, nowNs - lookedNs, holder);
    tally.lookedNs = nowNs;
    tally.holder = holder;
    tally.switchNumber = switchNumber;
    if (holder === before && !isOthers) return undefined;
    return this.#change(tally, isFirst ? nowNs : (lookedNs + nowNs) / 2, before);
  }

  /** Notes what a thread does about its GIL; answers the wait that is over with that. */
  seeDoing({ thread, gil }: Seen, nowNs: number, seen: GilDoing): WaitSpell | undefined {
    const tally = this.#thread(thread);
    const { doing: before, doingNs } = tally;
    const mark = this.#markOf(tally, gil);
    const doing = seen === 'runs' ? whileRunning(tally, mark) : seen;
    tally.mark = mark;
    if (seen !== 'runs') tally.wasForced = false;
    const elapsedNs = nowNs - doingNs;
    if (!Number.isNaN(elapsedNs)) {
      tally.waited.add(elapsedNs, before === 'waits', doing === 'waits');
      tally.dropping.add(elapsedNs, before === 'drops', doing === 'drops');
    }
    tally.doing = doing;
    tally.doingNs = nowNs;
    const { wait } = tally;
    if ((doing === 'waits') === (wait !== undefined)) return undefined;
    const changedNs = Number.isNaN(doingNs) ? nowNs : nowNs - elapsedNs / 2;
    tally.wait =
      doing === 'waits' ? { thread, sinceNs: changedNs, heldBefore: this.#heldNs.slice() } : undefined;
    if (wait !== undefined) tally.longestWaitNs = Math.max(tally.longestWaitNs, changedNs - wait.sinceNs);
    return wait;
  }

  /** The hold of a GIL that goes on. */
  holdOf(gil: number): Spell | undefined {
    return this.#gils[gil]?.hold;
  }

  /** The wait of a thread that goes on. */
  waitOf(thread: number): WaitSpell | undefined {
    return this.#threads[thread]?.wait;
  }

  /** Which threads have held a GIL since a wait began, and for how long, the longest first. */
  heldSince({ heldBefore }: WaitSpell): readonly { readonly thread: number; readonly ns: number }[] {
    return this.#threads
      .map((_, thread) => ({ thread, ns: (this.#heldNs[thread] ?? 0) - (heldBefore[thread] ?? 0) }))
      .filter(({ ns }) => ns > 0)
      .toSorted((a, b) => b.ns - a.ns);
  }

  /** Answers what came together of a thread, and begins anew. */
  takeThread(thread: number, nowNs: number): ThreadSums {
    const hold = this.#gils.find((gil) => gil.hold?.thread === thread)?.hold;
    return this.#thread(thread).take(nowNs, hold?.sinceNs ?? nowNs);
  }

  /** Lets go of a thread that has ended: its number is another's from now on, who has had nothing while others waited. */
  forgetThread(thread: number): void {
    this.#threads[thread] = new ThreadTally();
    this.#heldNs[thread] = 0;
    for (const tally of this.#threads) tally?.wait?.heldBefore.fill(0, thread, thread + 1);
  }

  /** The same of a GIL. */
  takeGil(gil: number): GilSums {
    this.#gils[gil] ??= new GilTally();
    return this.#gils[gil].take();
  }

  /** Who waited when it was seen last, and has not had the GIL since, waited until the look before the one that finds it with it. */
  #waitUntil(lookedNs: number, thread: number, gil: number): void {
    const tally = this.#thread(thread);
    if (tally.doing !== 'waits' || !(lookedNs > tally.doingNs)) return;
    if (!cannotHaveHadIt(tally, this.#markOf(tally, gil))) return;
    tally.waited.add(lookedNs - tally.doingNs, true, true);
    tally.doingNs = lookedNs;
  }

  #share(tally: GilTally, elapsedNs: number, holder: number): void {
    const { holder: before } = tally;
    tally.held.add(elapsedNs, before !== NOBODY, holder !== NOBODY);
    const parts = before === holder ? [holder] : [before, holder];
    for (const thread of parts) {
      if (thread === NOBODY) continue;
      this.#thread(thread).held.add(elapsedNs, before === thread, holder === thread);
      this.#heldNs[thread] = (this.#heldNs[thread] ?? 0) + elapsedNs / parts.length;
    }
  }

  #change(tally: GilTally, changedNs: number, before: number): Spell | undefined {
    const { hold, holder } = tally;
    if (hold !== undefined) {
      const thread = this.#thread(hold.thread);
      thread.longestHoldNs = Math.max(thread.longestHoldNs, changedNs - hold.sinceNs);
      thread.drops += 1;
      thread.wasForced = changedNs - hold.sinceNs >= LEAST_FORCED_NS && this.#isAwaited();
    }
    tally.hold = undefined;
    if (holder === NOBODY) return hold;
    const thread = this.#thread(holder);
    thread.takes += 1;
    thread.allTakes += 1;
    const switches = switchesTo(holder, before, tally.lastHolder);
    tally.seenSwitches += switches;
    tally.allSeenSwitches += switches;
    tally.lastHolder = holder;
    tally.hold = { thread: holder, sinceNs: changedNs };
    return hold;
  }

  #isAwaited(): boolean {
    return this.#threads.some((thread) => thread?.wait !== undefined);
  }

  #markOf({ allTakes: takes }: ThreadTally, gil: number): GilMark {
    const tally = this.#gils[gil];
    const number = tally?.switchNumber ?? Number.NaN;
    // Where nothing counts the switches, all are taken to have been seen.
    const unseen = Number.isNaN(number) ? 0 : number - (tally?.allSeenSwitches ?? 0);
    return { takes, unseen };
  }

  #thread(thread: number): ThreadTally {
    if (thread >= this.#heldNs.length) {
      const larger = new Float64Array(2 * thread);
      larger.set(this.#heldNs);
      this.#heldNs = larger;
    }
    this.#threads[thread] ??= new ThreadTally();
    return this.#threads[thread];
  }
}

/** How often a GIL must have gone from one thread to another for one to hold it now. */
function switchesTo(holder: number, before: number, lastHolder: number): number {
  // It has it as before, though it went to another meanwhile: there and back.
  if (holder === before) return 2;
  return holder === lastHolder || lastHolder === NOBODY ? 0 : 1;
}

/**
 * What a thread does that runs: who waits for the GIL wakes every 5 ms, and goes on waiting until it has it. So one that waited, or had to
 * give it up, and cannot have had the GIL since, waits.
 */
function whileRunning(tally: ThreadTally, mark: GilMark): GilDoing {
  const wantsIt = tally.doing === 'waits' || tally.wasForced;
  return wantsIt && cannotHaveHadIt(tally, mark) ? 'waits' : 'none';
}

/** Whether a thread has not had the GIL since it was last seen, not even unseen. */
function cannotHaveHadIt({ mark }: ThreadTally, { takes, unseen }: GilMark): boolean {
  return mark.takes === takes && mark.unseen === unseen;
}
