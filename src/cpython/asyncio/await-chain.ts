import { type Address, hex } from '../../base/address.ts';
import { isAboutMemory } from '../../base/errors.ts';
import type { RawFrame } from '../frame-chain.ts';
import { foreignOffset, readPointer } from '../objects/foreign-struct.ts';
import type { TypeFacts } from '../objects/type-table.ts';
import type { AsyncioSource } from './asyncio-source.ts';
import { readGenerator } from './generators.ts';

/** From a coroutine to what the innermost of those that it awaits waits for. */
export interface AwaitChain {
  /** `undefined` when nothing of it can be read. */
  readonly outermost: OutermostCoroutine | undefined;
  /** Of the generators and coroutines that are suspended, innermost first. */
  readonly frames: readonly RawFrame[];
  /** Where these frames have what they await. */
  readonly links: readonly Address[];
  /** The frame of the first that runs: a thread's stack holds it and what it has called. */
  readonly executing: Address | undefined;
  /** What the chain ends at: a future, an iterator of Python code; `undefined` when nothing is awaited. */
  readonly awaited: Address | undefined;
  /** Why the chain ends before that. */
  readonly cutOff: string | undefined;
}

/** What a task runs, without the wrapper that debug mode puts around it. */
export interface OutermostCoroutine {
  readonly typeName: string;
  /** Where its qualified name is; `undefined` for what is no coroutine of CPython, as one of Cython. */
  readonly qualifiedName: Address | undefined;
}

/** How many frames may still be read, of all chains together. */
export interface FrameBudget {
  left: number;
}

/** Kinds of awaitables by the names that C code gives them. */
const KINDS: Readonly<Record<string, 'generator' | 'wrapper' | 'future-iterator'>> = {
  coroutine: 'generator',
  generator: 'generator',
  async_generator: 'generator',
  // Each keeps what it wraps first (cpython/Objects/genobject.c and iterobject.c, 3.6 to 3.15).
  coroutine_wrapper: 'wrapper',
  async_generator_asend: 'wrapper',
  async_generator_athrow: 'wrapper',
  anext_awaitable: 'wrapper',
  // What awaiting a future of the C module makes (cpython/Modules/_asynciomodule.c).
  '_asyncio.FutureIter': 'future-iterator',
};

/** Follows a chain of awaits from its outermost coroutine in, without recursion. */
export function readAwaitChain(source: AsyncioSource, outermost: Address, budget: FrameBudget): AwaitChain {
  const path: SuspendedPath = { frames: [], links: [] };
  const seen = new Set<Address>();
  let end: ChainEnd = { next: outermost };
  let first: OutermostCoroutine | undefined;
  try {
    while (end.next !== undefined) {
      if (seen.has(end.next)) end = { cutOff: `its awaits run in a circle at ${hex(end.next)}` };
      else if (budget.left <= 0) end = { cutOff: 'the frames of all tasks are too many' };
      else {
        seen.add(end.next);
        end = follow(source, end.next, path);
        first ??= end.coroutine;
        budget.left -= 1;
      }
    }
  } catch (error) {
    if (!isAboutMemory(error)) throw error;
    end = { cutOff: error.message };
  }
  const { executing, awaited, cutOff } = end;
  const { frames, links } = path;
  return { outermost: first, frames: frames.toReversed(), links, executing, awaited, cutOff };
}

/** Where to go on, or how the chain ends. */
type ChainEnd = Partial<Pick<AwaitChain, 'executing' | 'awaited' | 'cutOff'>> & {
  readonly next?: Address | undefined;
  /** What the step was taken in, but for a wrapper. */
  readonly coroutine?: OutermostCoroutine;
};

/** What a chain goes by, outermost first. */
interface SuspendedPath {
  readonly frames: RawFrame[];
  readonly links: Address[];
}

/** Takes one step in, and notes the frame that it went by. */
function follow(source: AsyncioSource, object: Address, { frames, links }: SuspendedPath): ChainEnd {
  const type = source.typeOf(object);
  const typeName = type.fullName;
  const kind = kindOf(type);
  switch (kind) {
    case 'generator': {
      const { status, frame, suspendedFrame, awaited, awaitedPlace, qualifiedName } = readGenerator(
        source,
        object,
      );
      const coroutine = { typeName, qualifiedName };
      if (status === 'executing') return { coroutine, executing: frame };
      if (suspendedFrame !== undefined) frames.push(suspendedFrame);
      if (awaitedPlace !== undefined) links.push(awaitedPlace);
      return { coroutine, next: awaited };
    }
    case 'wrapper':
      return { coroutine: { typeName, qualifiedName: undefined }, next: wrappedBy(source, object) };
    case 'future-iterator':
      return { awaited: wrappedBy(source, object) };
    case undefined: {
      const wrapped = typeName === DEBUG_WRAPPER ? wrappedByPython(source, object) : undefined;
      if (wrapped !== undefined) return { next: wrapped };
      return { coroutine: { typeName, qualifiedName: undefined }, awaited: object };
    }
    default:
      return kind satisfies never;
  }
}

/** What debug mode puts around coroutines, to 3.7. */
const DEBUG_WRAPPER = 'asyncio.coroutines.CoroWrapper';

function wrappedByPython(source: AsyncioSource, object: Address): Address | undefined {
  return source.findAttributes(object, ['gen']).get('gen');
}

function kindOf({ isBuiltIn, name }: TypeFacts): (typeof KINDS)[string] | undefined {
  return isBuiltIn && Object.hasOwn(KINDS, name) ? KINDS[name] : undefined;
}

function wrappedBy({ memory, layout }: AsyncioSource, wrapper: Address): Address | undefined {
  const place = foreignOffset(wrapper, layout.object.sizeBytes, 'awaitable');
  return readPointer(memory, place, 'awaitable');
}
