import type { Deadlock, LockReport } from '../model/lock-report.ts';
import { overdueLine } from './loop-words.ts';
import type { Style } from './style.ts';
import { countWords } from './wait-words.ts';
import { WaitingParties } from './waiting-parties.ts';

/**
 * Renders who waits for whom: deadlocks first, each as a chain, then the threads and tasks that hold others up, the
 * longest chains of waits first, then every other blocked thread in a line.
 */
export function* locksLines(report: LockReport, style: Style): Generator<string> {
  const page = new LockPage(report, style);
  yield* page.lines();
}

/** Those that wait alike for the same: one, or several tasks. */
interface Group {
  readonly places: readonly number[];
  /** What each of them waits for, or does. */
  readonly words: string;
}

/** Those that hold others up. */
interface Blocker extends Group {
  readonly behind: readonly number[];
}

interface Entry extends Group {
  /** Of one that waits for whom the heading names, 1. */
  readonly level: number;
}

/** Further in, lines are not indented further but say how deep they are. */
const MOST_LEVELS = 50;
/** More in one circle are counted. */
const MOST_IN_CIRCLE = 100;
/** How many names of tasks that wait alike are shown before the last. */
const MOST_NAMES = 3;

class LockPage {
  readonly #parties: WaitingParties;
  readonly #report: LockReport;
  readonly #style: Style;
  readonly #inDeadlock: ReadonlySet<number>;
  readonly #shown = new Set<number>();

  constructor(report: LockReport, style: Style) {
    this.#parties = new WaitingParties(report, style);
    this.#report = report;
    this.#style = style;
    this.#inDeadlock = new Set(report.deadlocks.flatMap((each) => this.#circleOf(each)));
  }

  *lines(): Generator<string> {
    const { deadlocks } = this.#report;
    for (const deadlock of deadlocks) {
      yield* this.#deadlockLines(deadlock);
      yield '';
    }
    const free = this.#parties.places.filter(
      (place) => !this.#inDeadlock.has(place) && this.#parties.blockersOf(place).length === 0,
    );
    const blocking = free.filter((place) => this.#waitersOf(place).length > 0);
    const blockers = this.#groupsOf(blocking, (place) => this.#parties.doing(place))
      .map((group) => ({ ...group, ...this.#reachBehind(group.places) }))
      .toSorted((a, b) => b.height - a.height);
    for (const blocker of blockers) {
      yield* this.#blockerLines(blocker);
      yield '';
    }
    const roots = new Set(blocking);
    const others = free.filter((place) => !roots.has(place) && this.#parties.isBlocked(place));
    yield* this.#otherLines(others);
    if (deadlocks.length + blockers.length + others.length === 0) yield 'No thread is blocked';
    const loops = [...this.#loopLines()];
    // Every other part but the last ends with an empty line.
    if (loops.length > 0 && (others.length > 0 || deadlocks.length + blockers.length === 0)) yield '';
    yield* loops;
  }

  *#deadlockLines(deadlock: Deadlock): Generator<string> {
    const circle = this.#circleOf(deadlock);
    const isOne = circle.length === 1;
    const count = `${this.#countOf(circle)} ${isOne ? 'waits for itself' : 'wait for each other'}`;
    yield deadlock.hasTimeLimit
      ? this.#style.yellow(`Not for ever: ${count}, until a time limit of one of them`)
      : this.#style.red(`Deadlock: ${count}`);
    for (const [index, place] of circle.slice(0, MOST_IN_CIRCLE).entries()) {
      const held = this.#parties.heldFrom(circle.at(index - 1) ?? place, place);
      const next = circle[(index + 1) % circle.length] ?? place;
      yield `  ${this.#parties.identity(place)}${held === undefined ? '' : ` holds ${held}`}`;
      yield `    ${held === undefined ? '' : 'and '}waits for ${this.#parties.waitingFor(place, next)}`;
    }
    const left = circle.slice(MOST_IN_CIRCLE);
    if (left.length > 0) yield `  and so on, ${this.#countOf(left)} more`;
    for (const place of circle) {
      // One that waits for several of them is shown where it was met first.
      const waiters = this.#waitersOf(place).filter((each) => !this.#shown.has(each));
      yield* this.#waiterLines(place, waiters);
    }
  }

  *#blockerLines({ places, words, behind }: Blocker): Generator<string> {
    const isOne = places.length === 1;
    yield `${this.#names(places)} ${isOne ? 'holds' : 'hold'} up ${this.#countOf(behind)}`;
    yield `    and ${isOne ? '' : 'each '}${words}`;
    const [first] = places;
    if (first !== undefined) yield* this.#waiterLines(first);
  }

  /** Those that wait for one, and below each those that wait for that; without recursion, as chains may be long. */
  *#waiterLines(place: number, waiters = this.#waitersOf(place)): Generator<string> {
    const left = this.#entriesBelow(waiters, place, 0).toReversed();
    for (let entry = left.pop(); entry !== undefined; entry = left.pop()) {
      const { places, level, words } = entry;
      const [first = place] = places;
      const isDeep = level > MOST_LEVELS;
      const indent = '  '.repeat(isDeep ? MOST_LEVELS : level) + (isDeep ? `(level ${level}) ` : '');
      yield `${indent}${this.#names(places)} ${places.length === 1 ? 'waits' : 'wait'} for ${words}`;
      if (places.every((each) => this.#shown.has(each))) continue;
      for (const each of places) this.#shown.add(each);
      left.push(...this.#entriesBelow(this.#waitersOf(first), first, level).toReversed());
    }
  }

  #entriesBelow(waiters: readonly number[], place: number, level: number): readonly Entry[] {
    const groups = this.#groupsOf(waiters, (each) => this.#parties.waitingFor(each, place, true));
    return groups.map((group) => ({ ...group, level: level + 1 }));
  }

  /** Those that wait for one, without those of a deadlock, which stand above. */
  #waitersOf(place: number): readonly number[] {
    return this.#parties.waitersOf(place).filter((each) => !this.#inDeadlock.has(each));
  }

  /** Tasks of which the same is to be said, and for which the same wait, are one group. */
  #groupsOf(places: readonly number[], wordsOf: (place: number) => string): readonly Group[] {
    const groups = new Map<string, Group & { readonly places: number[] }>();
    for (const place of places) {
      const words = wordsOf(place);
      const isTask = this.#parties.isTask(place);
      const key = isTask ? `${words} ${this.#waitersOf(place).join()}` : String(place);
      const group = groups.get(key);
      if (group === undefined) groups.set(key, { places: [place], words });
      else group.places.push(place);
    }
    return [...groups.values()];
  }

  #names(places: readonly number[]): string {
    const [first = 0] = places;
    if (places.length === 1) return this.#parties.identity(first);
    const names = places.map((place) => this.#parties.taskName(place));
    const shown =
      names.length <= MOST_NAMES + 1 ? names : [...names.slice(0, MOST_NAMES), '…', ...names.slice(-1)];
    return `${names.length} × task ${this.#style.bold(shown.join(', '))}`;
  }

  *#otherLines(others: readonly number[]): Generator<string> {
    if (others.length === 0) return;
    const hasTasks = others.some((place) => this.#parties.isTask(place));
    const who = hasTasks ? 'no thread or task' : 'no thread';
    yield this.#style.bold(`Blocked, and ${who} is known to hold them up:`);
    const groups = this.#groupsOf(others, (place) => this.#parties.waitingFor(place));
    for (const { places, words } of groups) yield `  ${this.#names(places)}: ${words}`;
  }

  *#loopLines(): Generator<string> {
    const lines = this.#report.loops.flatMap(({ thread, turn }) => {
      const words = overdueLine(turn);
      return words === undefined ? [] : [`  ${this.#parties.identity(thread)}: ${words}`];
    });
    if (lines.length === 0) return;
    yield this.#style.bold('Event loops that are late:');
    yield* lines;
  }

  /** Who waits for some, one behind the other too, and how many at most one behind the other. */
  #reachBehind(places: readonly number[]): { readonly behind: readonly number[]; readonly height: number } {
    const heights = new Map(places.map((place) => [place, 0]));
    // What is added while a map is gone through is gone through too.
    for (const [each, height] of heights)
      for (const waiter of this.#waitersOf(each)) if (!heights.has(waiter)) heights.set(waiter, height + 1);
    const [...behind] = heights.keys();
    let height = 0;
    for (const each of heights.values()) height = Math.max(height, each);
    return { behind: behind.slice(places.length), height };
  }

  #countOf(places: readonly number[]): string {
    const tasks = places.filter((place) => this.#parties.isTask(place)).length;
    return countWords(places.length - tasks, tasks);
  }

  #circleOf({ parties }: Deadlock): readonly number[] {
    return parties.map((party) => this.#parties.placeOf(party));
  }
}
