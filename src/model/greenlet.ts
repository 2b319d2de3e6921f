import type { Address } from '../base/address.ts';
import type { Frame } from './frame.ts';
import type { Problem } from './problem.ts';

/** One greenlet that is suspended: it has begun, and another one runs in its thread. */
export interface Greenlet {
  /** `id()` of it, by which others name it as their parent. */
  readonly address: Address;
  /** `greenlet.greenlet`, `gevent.hub.Hub`; `undefined` where it could not be read. */
  readonly typeName: string | undefined;
  /** It is the stack of the thread itself, on which the first greenlet was begun. */
  readonly isMain: boolean;
  /** The greenlet that goes on when this one ends; `undefined` for a main one, and where it could not be told. */
  readonly parent: Address | undefined;
  /** From where it stands out to its function, innermost first. */
  readonly frames: readonly Frame[];
  readonly problems: readonly Problem[];
}

/** The suspended greenlets of one thread. */
export interface GreenletThread {
  /** The kernel's id of the thread; `undefined` when it has ended, or could not be told. */
  readonly osThreadId: number | undefined;
  /** `threading.get_ident()` of that thread. */
  readonly pthreadId: Address | undefined;
  /** `threading.Thread.name` of that thread. */
  readonly threadName: string | undefined;
  /** The main one first, then those of outermost stacks first. */
  readonly greenlets: readonly Greenlet[];
}
