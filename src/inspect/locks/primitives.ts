import type { Address } from '../../base/address.ts';
import { readIfSound } from '../../base/read-if-sound.ts';
import type { RawPrimitive } from '../../cpython/asyncio/primitives.ts';
import { classesOf } from '../../cpython/locks/instances.ts';
import type { Target } from '../../target/target.ts';
import { integerOf, lengthOf } from './library-waits.ts';
import type { HoldingTask, TaskStatements } from './task-statements.ts';
import { attributeOf } from './waited-objects.ts';

/** A lock or queue of asyncio that tasks wait for, as it was read at one moment. */
export interface ReadPrimitive {
  readonly address: Address;
  readonly facts: PrimitiveFacts | undefined;
  /** `undefined` for what nobody can hold. */
  readonly isHeld: boolean | undefined;
  readonly holders: readonly HoldingTask[];
  /** Nobody else can hold it. */
  readonly areAllHolders: boolean;
}

/** What one says of itself, by its kind. */
export type PrimitiveFacts =
  | { readonly kind: 'lock'; readonly isLocked: boolean | undefined }
  | {
      readonly kind: 'semaphore';
      /** Permits that are left. */
      readonly value: number | undefined;
      /** All permits, where it keeps that. */
      readonly bound: number | undefined;
    }
  | { readonly kind: 'condition' | 'event' | 'barrier' }
  | {
      readonly kind: 'queue';
      readonly length: number | undefined;
      readonly maxSize: number | undefined;
      readonly unfinished: number | undefined;
    };

/** By class; a subclass is of the kind of the class that it is made of. */
const KINDS: Readonly<Record<string, PrimitiveFacts['kind']>> = {
  'asyncio.locks.Lock': 'lock',
  'asyncio.locks.Semaphore': 'semaphore',
  'asyncio.locks.Condition': 'condition',
  'asyncio.locks.Event': 'event',
  'asyncio.locks.Barrier': 'barrier',
  'asyncio.queues.Queue': 'queue',
};

/** Reads the primitives that tasks wait for, each once, and which tasks hold them. */
export function readPrimitives(
  target: Target,
  wanted: readonly RawPrimitive[],
  statements: TaskStatements,
): ReadonlyMap<Address, ReadPrimitive> {
  const found = new Map<Address, ReadPrimitive>();
  for (const { address } of wanted)
    if (!found.has(address)) found.set(address, readPrimitive(target, address, statements));
  return found;
}

function readPrimitive(target: Target, address: Address, statements: TaskStatements): ReadPrimitive {
  const facts = readFacts(target, address);
  const isHeld = facts && isHeldBy(facts);
  const candidates = isHeld === true ? statements.holdersOf(address) : [];
  const most = facts?.kind === 'semaphore' ? facts.bound : 1;
  // One of more than there can be has let go of it, and nobody knows which.
  const holders = most !== undefined && candidates.length > most ? [] : candidates;
  return { address, facts, isHeld, holders, areAllHolders: holders.length === most };
}

function isHeldBy(facts: PrimitiveFacts): boolean | undefined {
  if (facts.kind === 'lock') return facts.isLocked;
  if (facts.kind !== 'semaphore' || facts.value === undefined) return undefined;
  return facts.value <= 0;
}

function readFacts(target: Target, address: Address): PrimitiveFacts | undefined {
  const classes = readIfSound(() => classesOf(target.objects, address)) ?? [];
  const name = classes.find((each) => Object.hasOwn(KINDS, each.name))?.name;
  const kind = name === undefined ? undefined : KINDS[name];
  const integer = (attribute: string) => integerOf(target, attributeOf(target, address, attribute));
  switch (kind) {
    case undefined:
      return undefined;
    case 'lock': {
      const locked = integer('_locked');
      return { kind, isLocked: locked === undefined ? undefined : locked !== 0 };
    }
    case 'semaphore':
      return { kind, value: integer('_value'), bound: integer('_bound_value') };
    case 'queue':
      return {
        kind,
        length: lengthOf(target, attributeOf(target, address, '_queue')),
        maxSize: integer('_maxsize'),
        unfinished: integer('_unfinished_tasks'),
      };
    case 'condition':
    case 'event':
    case 'barrier':
      return { kind };
    default:
      return kind satisfies never;
  }
}
