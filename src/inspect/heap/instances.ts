import { type Address, toAddress } from '../../base/address.ts';
import { NoSuchNameError, NotKeptError } from '../../base/errors.ts';
import { findGenerations } from '../../cpython/collector/generations.ts';
import { HeapWords } from '../../cpython/collector/heap-words.ts';
import { walkTracked } from '../../cpython/collector/tracked-objects.ts';
import { isClass, isClassicClass, Subtypes } from '../../cpython/objects/subtypes.ts';
import { hasFlag, TYPE_FLAGS } from '../../cpython/objects/type-flags.ts';
import type { FoundInstance, InstanceReport } from '../../model/instance-report.ts';
import type { Problem } from '../../model/problem.ts';
import { budgetOf, type ValueExtent } from '../../model/value-extent.ts';
import type { LiveTarget } from '../../target/live-target.ts';
import type { Target } from '../../target/target.ts';
import { classNameOf, findLoadedModule, findNamed } from '../named-objects.ts';
import { askOfHeap, brokenListProblems, collectionProblems } from './heap-copy.ts';
import { findReferrers, type ReferrerSearch } from './referrers.ts';

/** Which instances are wanted, and how much of each. */
export interface InstanceOptions extends ValueExtent {
  readonly module: string;
  /** `Cart`, `Outer.Inner`. */
  readonly className: string;
  /** How many are shown; 10 when left out. They are counted all the same. */
  readonly limit?: number;
  /** Find what holds each one that is shown. */
  readonly referrers?: boolean;
  /** Stop the target's threads while its heap is copied (the default). */
  readonly pause?: boolean;
}

const DEFAULT_LIMIT = 10;

/**
 * Finds the instances of a class and of those derived from it, in the lists of the garbage collector. It is read while the
 * target runs which memory is wanted; that is copied while it stands still, and the lists are followed in the copy.
 * @throws {NoSuchNameError} when there is no such class
 * @throws {NotKeptError} for a CPython whose collector has no lists
 */
export function takeInstances(target: LiveTarget, options: InstanceOptions): InstanceReport {
  const words = new HeapWords(target.memory);
  const { pause } = options;
  return askOfHeap(target, {
    words,
    pause,
    read: (isMoving) => readInstances(target, words, { ...options, isMoving }),
  });
}

/** The same of a process that is gone, from its core file. */
export function takeCoreInstances(target: Target, options: Omit<InstanceOptions, 'pause'>): InstanceReport {
  return readInstances(target, new HeapWords(target.memory), { ...options, isMoving: false });
}

interface Reading extends InstanceOptions {
  readonly isMoving: boolean;
}

function readInstances(target: Target, words: HeapWords, options: Reading): InstanceReport {
  const { runtime } = target;
  const takenAt = target.now().toISOString();
  const module = findLoadedModule(target, options.module);
  const type = findClass(target, options);
  const generations = findGenerations(target.memory, runtime, module.interpreter);
  if (generations.kind === 'none')
    throw new NotKeptError(`the instances of ${options.className}`, generations.reason);
  const search = { words, heads: generations.heads, isMoving: options.isMoving };
  const limit = options.limit ?? DEFAULT_LIMIT;
  const seen = walkInstances(target, type, { ...search, limit });
  return {
    process: target.facts,
    takenAt,
    pauseNs: undefined,
    module: options.module,
    className: options.className,
    total: seen.counts.reduce((sum, { count }) => sum + count, 0),
    counts: seen.counts.map(({ type: each, count }) => ({ typeName: classNameOf(target, each), count })),
    instances: showInstances(target, seen.addresses, { ...options, search }),
    trackedCount: seen.trackedCount,
    untracked: untrackedOf(target, type),
    problems: [...seen.problems, ...collectionProblems(target)],
  };
}

/**
 * Finds a class by its name.
 * @throws {NoSuchNameError} when there is none
 */
export function findClass(
  target: Target,
  { module: name, className }: Pick<InstanceOptions, 'module' | 'className'>,
): Address {
  const { objects } = target;
  const module = findLoadedModule(target, name);
  const { object } = findNamed(objects, module, className.split('.'));
  if (isClass(objects, object)) return object;
  throw new NoSuchNameError(
    `class ${className} in module ${name}`,
    `it is no class, but of type ${objects.typeNameOf(object)}`,
    className,
    [],
  );
}

interface SeenInstances {
  readonly addresses: readonly Address[];
  readonly counts: readonly { readonly type: Address; readonly count: number }[];
  readonly trackedCount: number;
  readonly problems: readonly Problem[];
}

/** Tells the class of an object when that is the wanted one, or derived from it. */
export type ClassTest = (object: number, type: Address) => Address | undefined;

/** Makes the test for a class. */
export function classTest({ objects, runtime }: Target, words: HeapWords, base: Address): ClassTest {
  const subtypes = new Subtypes(objects, base);
  // Instances of Python 2's old-style classes are all of one type.
  const classicAt = isClassicClass(objects, base) ? runtime.layout.instance2?.class : undefined;
  return (object, type) => {
    const found = classicAt === undefined ? type : words.word(object + classicAt);
    if (found <= 0 || !subtypes.has(toAddress(found))) return undefined;
    const isInstance = classicAt === undefined || objects.typeFacts(type).name === 'instance';
    return isInstance ? toAddress(found) : undefined;
  };
}

function walkInstances(
  target: Target,
  base: Address,
  { words, heads, isMoving, limit }: ReferrerSearch & { readonly limit: number },
): SeenInstances {
  const { objects, runtime } = target;
  const classOf = classTest(target, words, base);
  const counts = new Map<Address, number>();
  const addresses: Address[] = [];
  const source = { words, layout: runtime.layout, flags: objects.flags, isMoving };
  const walk = walkTracked(source, heads, (object, type) => {
    const kind = classOf(object, type);
    if (kind === undefined) return;
    counts.set(kind, (counts.get(kind) ?? 0) + 1);
    if (addresses.length < limit) addresses.push(object);
  });
  return {
    addresses,
    counts: [...counts].map(([type, count]) => ({ type, count })).toSorted((a, b) => b.count - a.count),
    trackedCount: walk.count,
    problems: brokenListProblems(walk),
  };
}

function showInstances(
  target: Target,
  addresses: readonly Address[],
  options: Reading & { readonly search: ReferrerSearch },
): readonly FoundInstance[] {
  const { objects } = target;
  const budget = budgetOf({ ...options, depth: options.depth ?? 1 });
  const referrers =
    options.referrers === true && addresses.length > 0
      ? findReferrers(target, addresses, options.search)
      : undefined;
  return addresses.map((address) => {
    const value = objects.view(address, budget);
    const found = referrers?.get(address);
    return {
      // Python 2's old-style instances are all of one type.
      typeName: value.kind === 'instance' ? value.typeName : objects.typeNameOf(address),
      address,
      value,
      referrers: found?.listed,
      otherReferrers: found?.otherCount ?? 0,
    };
  });
}

/** Of these the collector tracks only those that hold something that it tracks. */
const LAZILY_TRACKED = ['tuple', 'dict', 'object'];

function untrackedOf({ objects }: Target, type: Address): InstanceReport['untracked'] {
  if (isClassicClass(objects, type)) return 'none';
  const { flags, name } = objects.typeFacts(type);
  if (LAZILY_TRACKED.includes(name) && !hasFlag(flags, TYPE_FLAGS.heapType)) return 'some';
  return hasFlag(flags, TYPE_FLAGS.haveGc) ? 'none' : 'all';
}
