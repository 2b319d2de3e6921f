import type { Address } from '../../base/address.ts';
import { readStruct } from '../objects/foreign-struct.ts';
import { readListItems } from '../objects/sequences.ts';
import { checkedLength } from '../objects/text.ts';
import type { AsyncioSource } from './asyncio-source.ts';

/** What an event loop is about to do. */
export interface RawTurn {
  /** Callbacks that it will run next. */
  readonly readyCount: number;
  /** When its first timer is due, by the monotonic clock; `undefined` without timers. */
  readonly nextTimerSeconds: number | undefined;
}

const MOST_ATTRIBUTES = 50;

/**
 * Reads the queues of an `asyncio.base_events.BaseEventLoop`; `undefined` for a loop that has none. Each turn takes from the
 * heap of timers all that are due, so that one that has been due for long shows that there was no turn since.
 */
export function readTurn(source: AsyncioSource, loop: Address): RawTurn | undefined {
  const found = source.findAttributes(loop, ['_ready', '_scheduled']);
  const ready = found.get('_ready');
  const scheduled = found.get('_scheduled');
  if (ready === undefined || scheduled === undefined) return undefined;
  const isKnown =
    source.typeOf(ready).name === 'collections.deque' && source.typeOf(scheduled).name === 'list';
  if (!isKnown) return undefined;
  const place = source.layout.object.varSize;
  const [first] = readListItems(source, scheduled, 1).items;
  return {
    readyCount: checkedLength(readStruct(source.memory, ready, place + 8, 'deque'), place),
    nextTimerSeconds: first === undefined ? undefined : dueTime(source, first),
  };
}

/** A `TimerHandle` has it in a slot; it is a float unless somebody gave an int. */
function dueTime(source: AsyncioSource, timer: Address): number | undefined {
  const { items } = source.attributes(timer, MOST_ATTRIBUTES);
  const when = items.find(({ name }) => name === '_when')?.value;
  if (when === undefined) return undefined;
  const { builtInTypes } = source.typeOf(when);
  if (builtInTypes.includes('int')) return Number(source.readInteger(when));
  if (!builtInTypes.includes('float')) return undefined;
  const { value } = source.layout.float;
  return readStruct(source.memory, when, value + 8, 'PyFloatObject').f64(value);
}
