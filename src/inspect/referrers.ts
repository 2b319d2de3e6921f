import { type Address, offsetBy } from '../base/address.ts';
import { isAboutMemory } from '../base/errors.ts';
import type { HeapWords } from '../cpython/collector/heap-words.ts';
import { HeldObjects } from '../cpython/collector/held-objects.ts';
import { walkTracked } from '../cpython/collector/tracked-objects.ts';
import { readFrameChain } from '../cpython/frame-chain.ts';
import { readInterpreters } from '../cpython/interpreters.ts';
import { moduleNames } from '../cpython/modules.ts';
import { readBoundNames } from '../cpython/objects/frame-variables.ts';
import { readPointer } from '../cpython/runtime.ts';
import { readThreadStates } from '../cpython/thread-states.ts';
import type { HolderOwner, Referrer } from '../model/instance-report.ts';
import type { Problem } from '../model/problem.ts';
import type { Target } from '../target/target.ts';
import { placeIn } from './referrer-places.ts';

/** Where referrers are looked for. */
export interface ReferrerSearch {
  readonly words: HeapWords;
  readonly heads: readonly Address[];
  readonly isMoving: boolean;
}

/** Who holds one object. */
export interface FoundReferrers {
  readonly listed: readonly Referrer[];
  readonly otherCount: number;
}

/** Referrers that are described; an object may have a million. */
const MOST_LISTED = 20;

/** A place that holds one of the objects. */
interface Hit {
  readonly holder: Address;
  readonly type: Address;
}

/**
 * Finds which objects that the collector tracks hold each of some objects directly, and which variables of running frames do.
 * What holds them for a dict or a cell, an instance or a module or a function, is named too.
 */
export function findReferrers(
  target: Target,
  wanted: readonly Address[],
  search: ReferrerSearch,
): ReadonlyMap<Address, FoundReferrers> {
  const hits = findHits(target, new Set(wanted), search);
  const inner = [...hits.values()].flatMap(({ listed }) =>
    listed.filter(({ type }) => needsOwner(target, type)).map(({ holder }) => holder),
  );
  const owners = inner.length === 0 ? new Map() : findHits(target, new Set(inner), search);
  const globals = globalsOf(target);
  const frames = findInFrames(target, new Set(wanted));
  return new Map(
    wanted.map((object) => {
      const { listed, count } = hits.get(object) ?? { listed: [], count: 0 };
      const inFrames = frames.get(object) ?? [];
      // To 3.10 the frames that run are among what the collector tracks too.
      const running = new Set(inFrames.map(({ address }) => address));
      const others = listed.filter(({ holder }) => !running.has(holder));
      const described = others.map((hit) =>
        describe(target, { object, hit, globals, owners: owners.get(hit.holder)?.listed ?? [] }),
      );
      return [object, { listed: [...inFrames, ...described], otherCount: count - listed.length }] as const;
    }),
  );
}

interface Hits {
  readonly listed: Hit[];
  count: number;
}

function findHits(
  { objects, runtime }: Target,
  wanted: ReadonlySet<number>,
  { words, heads, isMoving }: ReferrerSearch,
): Map<number, Hits> {
  const held = new HeldObjects(objects, words, wanted);
  const hits = new Map<number, Hits>();
  const source = { words, layout: runtime.layout, flags: objects.flags, isMoving };
  walkTracked(source, heads, (holder, type) => {
    for (const object of held.in(holder, type)) {
      const known = hits.get(object) ?? { listed: [], count: 0 };
      known.count += 1;
      if (known.listed.length < MOST_LISTED) known.listed.push({ holder, type });
      hits.set(object, known);
    }
  });
  return hits;
}

/** A dict or a cell says little by itself. */
function needsOwner({ objects }: Target, type: Address): boolean {
  return ['dict', 'cell'].includes(objects.typeFacts(type).name);
}

interface Subject {
  readonly object: Address;
  readonly hit: Hit;
  readonly globals: ReadonlyMap<number, string>;
  readonly owners: readonly Hit[];
}

function describe(target: Target, { object, hit, globals, owners }: Subject): Referrer {
  const { holder, type } = hit;
  const typeName = target.objects.typeFacts(type).fullName;
  const module = globals.get(holder);
  const owner: HolderOwner | undefined =
    module === undefined ? ownerOf(target, hit, owners) : { kind: 'module', name: module };
  return { typeName, address: holder, place: placeIn(target, holder, object), owner };
}

/** The object whose `__dict__` it is, or the function that has the cell among those of its closure. */
function ownerOf(
  { objects }: Target,
  { holder, type }: Hit,
  owners: readonly Hit[],
): HolderOwner | undefined {
  const isDict = objects.typeFacts(type).name === 'dict';
  for (const owner of owners) {
    const facts = objects.typeFacts(owner.type);
    if (isDict && (facts.isHeapType || facts.dictOffset !== 0) && !isKeptAsItem(objects, owner, holder))
      return { kind: 'instance', typeName: facts.fullName, address: owner.holder };
    if (!isDict && facts.name === 'tuple') return { kind: 'closure', address: owner.holder };
  }
  return undefined;
}

/** An instance that has the dict as one of its attributes is not the one whose attributes are in it. */
function isKeptAsItem(objects: Target['objects'], owner: Hit, dict: Address): boolean {
  try {
    return objects.attributeName(owner.holder, dict) !== undefined;
  } catch (error) {
    if (isAboutMemory(error)) return true;
    throw error;
  }
}

/** The modules by the dicts of their globals. */
function globalsOf({ memory, runtime, objects }: Target): ReadonlyMap<number, string> {
  const found = new Map<number, string>();
  const { dict } = runtime.layout.module;
  for (const { facts } of readInterpreters(memory, runtime, [])) {
    for (const { name, object } of moduleNames(objects, facts.address)) {
      if (!objects.typeOf(object).builtInTypes.includes('module')) continue;
      const globals = readPointer(memory, offsetBy(object, dict));
      if (globals !== undefined && !found.has(globals)) found.set(globals, name);
    }
  }
  return found;
}

/** The variables of frames that run: from 3.11 on no list of the collector has them. */
function findInFrames(
  { memory, runtime, objects, codeObjects }: Target,
  wanted: ReadonlySet<number>,
): ReadonlyMap<number, readonly Referrer[]> {
  const found = new Map<number, Referrer[]>();
  const problems: Problem[] = [];
  const states = readInterpreters(memory, runtime, problems).flatMap((interpreter) =>
    readThreadStates(memory, runtime.layout, interpreter, problems),
  );
  for (const { frame } of states) {
    for (const { address, code } of readFrameChain(memory, runtime.layout, frame).frames) {
      if (code === undefined) continue;
      for (const { name, object } of boundNames(objects, address, code)) {
        if (!wanted.has(object)) continue;
        const known = found.get(object) ?? [];
        const owner: HolderOwner = { kind: 'call', name: codeObjects.factsOf(code).name };
        known.push({ typeName: 'frame', address, place: { kind: 'variable', name }, owner });
        found.set(object, known);
      }
    }
  }
  return found;
}

function boundNames(objects: Target['objects'], frameAddress: Address, codeAddress: Address) {
  try {
    return readBoundNames(objects, { frameAddress, codeAddress });
  } catch (error) {
    if (isAboutMemory(error)) return [];
    throw error;
  }
}
