import type { Deadlock, LockReport } from '../../model/lock-report.ts';
import { type WaitEdge, WaitGraph } from '../../model/wait-graph.ts';

/** Whom each place of the row waits for. */
type Ways = readonly (readonly number[])[];

/**
 * Finds the circles among threads and tasks of which each goes on only when the next does. Of those that all wait for
 * each other in many ways one circle is found, a shortest one; it begins with the one that stands first in the row.
 * Those that last for ever come first.
 */
export function findDeadlocks(report: Pick<LockReport, 'threads' | 'tasks'>): readonly Deadlock[] {
  const graph = new WaitGraph(report);
  const edges = Array.from({ length: graph.size }, (_, place) =>
    graph.edgesFrom(place).filter(({ isSure }) => isSure),
  );
  const lasting = circlesAmong(waysOf(edges.map((all) => all.filter(({ hasTimeLimit }) => !hasTimeLimit))));
  const known = new Set(lasting.flat());
  const limited = circlesAmong(waysOf(edges), known);
  const found = [
    ...lasting.map((circle) => ({ circle, hasTimeLimit: false })),
    ...limited.map((circle) => ({ circle, hasTimeLimit: true })),
  ];
  return found.map(({ circle, hasTimeLimit }) => ({
    parties: circle.map((place) => graph.partyAt(place)),
    hasTimeLimit,
  }));
}

function waysOf(edges: readonly (readonly WaitEdge[])[]): Ways {
  return edges.map((all) => all.map(({ to }) => to));
}

/** One circle of each group whose members all lead to each other, without groups that one of `known` is in. */
function circlesAmong(ways: Ways, known: ReadonlySet<number> = new Set()): readonly (readonly number[])[] {
  return groupsOf(ways).flatMap((group) => {
    if (group.some((place) => known.has(place))) return [];
    const circle = shortestCircle(Math.min(...group), new Set(group), ways);
    return circle === undefined ? [] : [circle];
  });
}

/** From a place back to itself, breadth first. */
function shortestCircle(
  start: number,
  group: ReadonlySet<number>,
  ways: Ways,
): readonly number[] | undefined {
  const cameFrom = new Map<number, number>();
  const queue = [start];
  for (const place of queue) {
    for (const next of ways[place] ?? []) {
      if (next === start) return wayTo(place, cameFrom);
      if (!group.has(next) || cameFrom.has(next)) continue;
      cameFrom.set(next, place);
      queue.push(next);
    }
  }
  return undefined;
}

function wayTo(end: number, cameFrom: ReadonlyMap<number, number>): readonly number[] {
  const way: number[] = [];
  for (let place: number | undefined = end; place !== undefined; place = cameFrom.get(place)) way.push(place);
  return way.toReversed();
}

/** Places that all lead to each other: Tarjan's strongly connected components, without recursion. */
function groupsOf(ways: Ways): readonly (readonly number[])[] {
  const walk = new GroupWalk(ways);
  for (const place of ways.keys()) walk.from(place);
  return walk.groups.toSorted((a, b) => Math.min(...a) - Math.min(...b));
}

class GroupWalk {
  readonly groups: number[][] = [];
  readonly #ways: Ways;
  /** When a place was reached first. */
  readonly #order = new Map<number, number>();
  /** The earliest place that one leads back to. */
  readonly #lowest = new Map<number, number>();
  readonly #open: number[] = [];
  readonly #isOpen = new Set<number>();

  constructor(ways: Ways) {
    this.#ways = ways;
  }

  from(start: number): void {
    if (this.#order.has(start)) return;
    const path = [this.#enter(start)];
    for (let step = path.at(-1); step !== undefined; step = path.at(-1)) {
      const next = this.#ways[step.place]?.[step.next];
      step.next += 1;
      if (next === undefined) {
        path.pop();
        this.#leave(step.place, path.at(-1)?.place);
      } else if (!this.#order.has(next)) path.push(this.#enter(next));
      else if (this.#isOpen.has(next)) this.#lower(step.place, this.#order.get(next));
    }
  }

  #enter(place: number): { readonly place: number; next: number } {
    this.#lowest.set(place, this.#order.size);
    this.#order.set(place, this.#order.size);
    this.#open.push(place);
    this.#isOpen.add(place);
    return { place, next: 0 };
  }

  #leave(place: number, above: number | undefined): void {
    const lowest = this.#lowest.get(place);
    if (above !== undefined) this.#lower(above, lowest);
    if (lowest !== this.#order.get(place)) return;
    const group = this.#open.splice(this.#open.lastIndexOf(place));
    for (const member of group) this.#isOpen.delete(member);
    this.groups.push(group);
  }

  #lower(place: number, to: number | undefined): void {
    this.#lowest.set(place, Math.min(this.#lowest.get(place) ?? 0, to ?? 0));
  }
}
