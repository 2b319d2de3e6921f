import type { Address } from '../../base/address.ts';
import { readIfSound } from '../../base/read-if-sound.ts';
import type { GreenletLayout } from '../layouts/greenlet-layouts.ts';
import type { GreenletState } from './greenlet-state.ts';

/** How greenlets descend from each other. */
export interface Lineage {
  readonly parents: ReadonlyMap<Address, Address>;
  /** The main greenlets whose threads have ended, as far as greenlet tells. */
  readonly ended: ReadonlySet<Address>;
}

/**
 * Finds out how greenlets descend from each other.
 * @param threadDicts what the states of all threads have for their dicts
 */
export function readLineage(
  states: readonly GreenletState[],
  layout: GreenletLayout,
  threadDicts: ReadonlySet<number>,
): Lineage {
  const known = new Map<number, GreenletState>(states.map((state) => [state.address, state]));
  const main = layout.parent === undefined ? findMainOffset(states, known) : undefined;
  const offset = layout.parent ?? (main === undefined ? undefined : main + PARENT_BEHIND_MAIN);
  return {
    parents: offset === undefined ? new Map() : parentsOf(states, known, offset),
    ended: new Set(
      states
        .filter((state) => state.isMain && hasEnded(state, { layout, main, threadDicts }))
        .map(({ address }) => address),
    ),
  };
}

function parentsOf(
  states: readonly GreenletState[],
  known: ReadonlyMap<number, GreenletState>,
  offset: number,
): ReadonlyMap<Address, Address> {
  const parents = new Map<Address, Address>();
  for (const state of states) {
    const parent = state.isMain ? undefined : known.get(wordAt(state, offset) ?? 0);
    if (parent !== undefined) parents.set(state.address, parent.address);
  }
  return parents;
}

interface MainPlaces {
  readonly layout: GreenletLayout;
  readonly main: number | undefined;
  readonly threadDicts: ReadonlySet<number>;
}

/** greenlet 2 and later says so; before, the thread is known by its dict, which is nobody's any more. */
function hasEnded(state: GreenletState, { layout, main, threadDicts }: MainPlaces): boolean {
  if (layout.threadDict !== undefined) return !threadDicts.has(wordAt(state, layout.threadDict) ?? 0);
  return main !== undefined && wordAt(state, main + layout.threadBehindMain) === 0;
}

/** From the main greenlet, over what it runs, to its parent. */
const PARENT_BEHIND_MAIN = 16;

/**
 * `UserGreenlet` ends in a pointer to the main greenlet, one to what it runs, and one to its parent. Where they begin is
 * another place in many versions, but only there do most of all greenlets point to a main one, or as many farther on,
 * where the parents are.
 */
function findMainOffset(
  states: readonly GreenletState[],
  known: ReadonlyMap<number, GreenletState>,
): number | undefined {
  const users = states.filter(({ isMain, stackStop }) => !isMain && stackStop !== undefined);
  const [first] = users;
  if (first === undefined) return undefined;
  const { struct, offset } = first.rest;
  let best = { place: offset, count: users.length / 2 };
  for (let place = offset; place + PARENT_BEHIND_MAIN + 8 <= struct.sizeBytes; place += 8) {
    const count = users.filter((user) => known.get(wordAt(user, place) ?? 0)?.isMain === true).length;
    if (count > best.count) best = { place, count };
  }
  return best.count > users.length / 2 ? best.place : undefined;
}

function wordAt({ rest: { struct } }: GreenletState, offset: number): Address | undefined {
  return readIfSound(() => struct.word(offset));
}

/** Far more than the parents of one greenlet are. */
const MOST_PARENTS = 10_000;

/** Follows parents out to the greenlet that has none: the main one of its thread. */
export function outermostOf(greenlet: Address, { parents }: Lineage): Address {
  let outermost = greenlet;
  for (let count = 0; count < MOST_PARENTS; count += 1) {
    const parent = parents.get(outermost);
    if (parent === undefined) return outermost;
    outermost = parent;
  }
  return outermost;
}
