import type { CancelSignal } from '../base/cancellation.ts';
import type { ExpressionFailure, HookedFunction } from '../model/function-calls.ts';
import { parseStreamEvent } from '../wire/call-answers.ts';
import type { Fields } from '../wire/fields.ts';
import type { Request, Wish } from '../wire/protocol.ts';

/** A function, as somebody names it. */
export interface FunctionWish {
  /** `shop.cart`, `Cart`, `add`; or one word: `shop.cart:Cart.add`, `cart.py:Cart.add`, `cart.py:51`. */
  readonly words: readonly string[];
  /** Names of functions within it. */
  readonly nested?: readonly string[];
  /** Of a decorated function the one that the decorators were put around. */
  readonly wrapped?: boolean;
  /** Of an inherited method all calls, not only those through the class that was named. */
  readonly anyClass?: boolean;
  /** Waits for its module to be loaded. */
  readonly lazy?: boolean;
}

/** Which calls are told, and for how long. */
export interface StreamWish extends FunctionWish {
  /** Python about parameters, `target`, `args`, `kwargs`, `return_obj`, `cost` (ms), `exc` and `func`: calls for which it is true. */
  readonly filter?: string | undefined;
  /** Only calls that end with an exception. */
  readonly onlyErrors?: boolean;
  /** Ends after so many that were told. */
  readonly limit?: number;
  /** Ends after that time. */
  readonly seconds?: number | undefined;
  /** Tells no more than so many in a second. */
  readonly rate?: number | undefined;
  /** Percent of one CPU that it may take; without, it may take any. */
  readonly maxOverhead?: number | undefined;
  /** Ends it; its account comes nevertheless. */
  readonly signal?: CancelSignal | undefined;
}

/** Hears what a stream says before its end. */
export interface StreamListener<Call> {
  readonly onCall: (call: Call) => void;
  /** The function was found, and its calls are seen from now on. */
  readonly onOpened?: (hooked: HookedFunction) => void;
  /** Its module is not loaded yet. */
  readonly onWaiting?: (why: string) => void;
  /** A filter raised an exception; the first one is told. */
  readonly onFailure?: (failure: ExpressionFailure) => void;
}

/** Writes a wish as a request; `more` are fields of the one command. */
export function streamRequest(
  op: string,
  { signal: _, ...wish }: StreamWish,
  more: Readonly<Record<string, Wish>>,
): Request {
  return { op, ...wish, ...more };
}

/** Hands on what a stream says. */
export function hearStream<Call>(
  event: Fields,
  listener: StreamListener<Call>,
  parse: (call: Fields) => Call,
): void {
  const said = parseStreamEvent(event);
  switch (said.kind) {
    case 'opened':
      listener.onOpened?.(said.hooked);
      return;
    case 'waiting':
      listener.onWaiting?.(said.why);
      return;
    case 'failed':
      listener.onFailure?.(said.failure);
      return;
    case 'call':
      listener.onCall(parse(said.call));
  }
}
