import { type Address, hex, toAddress } from '../../base/address.ts';
import { NoSuchNameError } from '../../base/errors.ts';
import { HeapWords } from '../../cpython/collector/heap-words.ts';
import { walkTracked } from '../../cpython/collector/tracked-objects.ts';
import type { HeldObject, HoldingReport, HoldingSubject } from '../../model/holding-chain.ts';
import type { LiveTarget } from '../../target/live-target.ts';
import type { Target } from '../../target/target.ts';
import { askOfHeap, brokenListProblems, collectionProblems } from './heap-copy.ts';
import { type ClassTest, classTest, findClass } from './instances.ts';
import { listHeads } from './list-heads.ts';
import { findReferrers, type ReferrerSearch } from './referrers.ts';
import { RootedReach } from './rooted-reach.ts';

/** Of what it is asked why it is alive. */
export interface HoldingOptions {
  readonly subject: HoldingSubject;
  /** How many chains are told; 3 when left out. */
  readonly limit?: number;
  /** Stop the target's threads while its heap is copied (the default). */
  readonly pause?: boolean;
}

const DEFAULT_LIMIT = 3;

/**
 * Finds the shortest chains of objects from modules, running calls and threads to an object, or to the instances of a class.
 * @throws {NoSuchNameError} when there is no such class, or no object at the address
 * @throws {NotKeptError} for a CPython whose collector has no lists
 */
export function takeHoldings(target: LiveTarget, options: HoldingOptions): HoldingReport {
  const words = new HeapWords(target.memory);
  const { pause } = options;
  return askOfHeap(target, {
    words,
    pause,
    read: (isMoving) => readHoldings(target, options, { words, isMoving }),
  });
}

/** The same of a process that is gone, from its core file. */
export function takeCoreHoldings(target: Target, options: Omit<HoldingOptions, 'pause'>): HoldingReport {
  return readHoldings(target, options, { words: new HeapWords(target.memory), isMoving: false });
}

function readHoldings(
  target: Target,
  { subject, limit = DEFAULT_LIMIT }: HoldingOptions,
  reading: Omit<ReferrerSearch, 'heads'>,
): HoldingReport {
  const takenAt = target.now().toISOString();
  const search = { ...reading, heads: listHeads(target) };
  const found = new Holdings(target, search, { limit, classOf: testOf(target, subject, search) });
  found.look();
  if (subject.kind === 'object' && found.total === 0) found.lookAt(subject.address);
  if (subject.kind === 'object' && found.total === 0) {
    const address = hex(subject.address);
    throw new NoSuchNameError(`an object at ${address}`, 'none begins there', address, []);
  }
  return {
    process: target.facts,
    takenAt,
    pauseNs: undefined,
    subject,
    total: found.total,
    unheldCount: found.unheldCount,
    objects: found.describe(),
    problems: [...brokenListProblems(found.walk), ...collectionProblems(target)],
  };
}

function testOf(target: Target, subject: HoldingSubject, { words }: ReferrerSearch): ClassTest {
  if (subject.kind === 'class') return classTest(target, words, findClass(target, subject));
  return (object, type) => (object === subject.address ? type : undefined);
}

interface Wanted {
  readonly limit: number;
  readonly classOf: ClassTest;
}

/** Further holders are told of for so many instances. */
const MOST_WATCHED = 10_000;

/** Looks for the wanted objects from all roots, and among what the collector has besides. */
class Holdings {
  readonly #target: Target;
  readonly #search: ReferrerSearch;
  readonly #limit: number;
  readonly #reach: RootedReach;
  readonly #classOf: ClassTest;
  /** In the order in which they were reached: the shortest first. */
  readonly #reached = new Map<number, ReachedObject>();
  readonly #unheld: Pick<HeldObject, 'typeName' | 'address'>[] = [];
  #shown = 0;
  #reachedCount = 0;
  unheldCount = 0;
  walk = { count: 0, brokenCount: 0 };

  constructor(target: Target, search: ReferrerSearch, { limit, classOf }: Wanted) {
    this.#target = target;
    this.#search = search;
    this.#limit = limit;
    this.#classOf = classOf;
    this.#reach = new RootedReach(target, search.words, () => ({
      onReached: (object, { type }, holder) => {
        if (classOf(object, type.address) === undefined) return false;
        this.#reachedCount += 1;
        if (this.#shown >= this.#limit) return false;
        this.#reached.set(object, { typeName: type.fullName, holders: [], otherCount: 0 });
        this.#noteHolder(object, holder);
        return this.#reached.size <= MOST_WATCHED;
      },
      onHeldAgain: (object, holder) => this.#noteHolder(object, holder),
    }));
  }

  get total(): number {
    return this.#reachedCount + this.unheldCount;
  }

  look(): void {
    this.#reach.run();
    const { objects, runtime } = this.#target;
    const source = { ...this.#search, layout: runtime.layout, flags: objects.flags };
    this.walk = walkTracked(source, this.#search.heads, (object, type) => {
      if (this.#reach.has(object) || this.#classOf(object, type) === undefined) return;
      this.#noteUnheld(object, objects.typeFacts(type).fullName);
    });
  }

  /** Takes an object that neither a root leads to nor the collector has, if there is one. */
  lookAt(address: Address): void {
    const { heap } = this.#reach;
    const kind = heap.canBegin(address) ? heap.kindAt(address) : undefined;
    if (kind !== undefined) this.#noteUnheld(address, kind.type.fullName);
  }

  /** Says of each object that is shown what holds it. */
  describe(): readonly HeldObject[] {
    const held = [...this.#reached].map(([object, { typeName, holders, otherCount }]) => ({
      typeName,
      address: toAddress(object),
      chains: holders.map((holder) => this.#reach.chainTo(object, holder)),
      otherChains: otherCount,
      referrers: [],
      otherReferrers: 0,
    }));
    return [...held, ...this.#describeUnheld()];
  }

  #describeUnheld(): readonly HeldObject[] {
    if (this.#unheld.length === 0) return [];
    const wanted = this.#unheld.map(({ address }) => address);
    const found = findReferrers(this.#target, wanted, this.#search);
    return this.#unheld.map((object) => ({
      ...object,
      chains: [],
      otherChains: 0,
      referrers: found.get(object.address)?.listed ?? [],
      otherReferrers: found.get(object.address)?.otherCount ?? 0,
    }));
  }

  #noteUnheld(address: Address, typeName: string): void {
    this.unheldCount += 1;
    if (this.#shown >= this.#limit) return;
    this.#unheld.push({ typeName, address });
    this.#shown += 1;
  }

  #noteHolder(object: number, holder: number): void {
    const known = this.#reached.get(object);
    if (known === undefined) return;
    if (this.#shown >= this.#limit) known.otherCount += 1;
    else {
      known.holders.push(holder);
      this.#shown += 1;
    }
  }
}

/** An object that a root leads to, as it was when it was reached: it may be gone when it is described. */
interface ReachedObject {
  readonly typeName: string;
  /** To each of which a way is shown. */
  readonly holders: number[];
  otherCount: number;
}
