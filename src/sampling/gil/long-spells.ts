import type { GilEvent, GilFrame, GilReport } from '../../model/gil-report.ts';
import type { Spell } from './gil-ledger.ts';

/** So many are kept of an interval: the longest. */
const MOST_EVENTS = 50;

/** How often a stack is tried to be read that moves meanwhile. */
const MOST_READINGS = 5;

/** What is known of a spell while it goes on. */
type LongSpell = Pick<GilEvent, 'kind' | 'thread' | 'startedAt' | 'thresholdNs' | 'stack'>;

/** Who held a GIL during a spell. */
type HeldBy = GilEvent['heldBy'];

/** Holds and waits that take longer than their thresholds. */
export class LongSpells {
  readonly #going = new Map<Spell, LongSpell & { readonly readings: number }>();
  #ended: GilEvent[] = [];
  #endedCount = 0;

  has(spell: Spell): boolean {
    return this.#going.has(spell);
  }

  /** Whether the stack of a spell is wanted still. */
  wantsStack(spell: Spell): boolean {
    const known = this.#going.get(spell);
    return known !== undefined && known.stack === undefined && known.readings < MOST_READINGS;
  }

  /** Takes up a spell that has passed its threshold. */
  begin(spell: Spell, known: LongSpell): void {
    this.#going.set(spell, { ...known, readings: 0 });
  }

  /** Adds what the thread runs, as far as it could be read. */
  addStack(spell: Spell, stack: readonly GilFrame[] | undefined): void {
    const known = this.#going.get(spell);
    if (known !== undefined) this.#going.set(spell, { ...known, stack, readings: known.readings + 1 });
  }

  /** Notes that a spell is over. */
  end(spell: Spell, untilNs: number, heldBy: HeldBy): void {
    const known = this.#going.get(spell);
    if (known === undefined) return;
    this.#going.delete(spell);
    this.#endedCount += 1;
    this.#ended.push(eventOf(known, { durationNs: untilNs - spell.sinceNs, isOver: true, heldBy }));
    if (this.#ended.length >= 2 * MOST_EVENTS) this.#ended = longestOf(this.#ended);
  }

  /** Answers the spells that ended since this was asked last, and those that go on. */
  take(
    nowNs: number,
    heldByOf: (spell: Spell) => HeldBy,
  ): { readonly events: GilReport['events']; readonly eventCount: number } {
    const going = [...this.#going].map(([spell, known]) =>
      eventOf(known, { durationNs: nowNs - spell.sinceNs, isOver: false, heldBy: heldByOf(spell) }),
    );
    const taken = {
      events: longestOf([...this.#ended, ...going]),
      eventCount: this.#endedCount + going.length,
    };
    this.#ended = [];
    this.#endedCount = 0;
    return taken;
  }
}

function eventOf(
  { kind, thread, startedAt, thresholdNs, stack }: LongSpell,
  end: Pick<GilEvent, 'durationNs' | 'isOver' | 'heldBy'>,
): GilEvent {
  return { kind, thread, startedAt, thresholdNs, stack, ...end };
}

function longestOf(events: readonly GilEvent[]): GilEvent[] {
  return events.toSorted((a, b) => b.durationNs - a.durationNs).slice(0, MOST_EVENTS);
}
