import { type Address, type AddressRange, hex } from '../base/address.ts';
import type { GreenletState } from '../cpython/greenlets/greenlet-state.ts';
import { outermostOf } from '../cpython/greenlets/lineage.ts';
import type { Greenlet, GreenletThread } from '../model/greenlet.ts';
import type { Problem } from '../model/problem.ts';
import type { Target } from '../target/target.ts';
import { readAllVariables } from './all-variables.ts';
import { type GreenletPass, readGreenletPass, type SuspendedGreenlet } from './greenlet-pass.ts';
import { framesOf, type Pass } from './pass.ts';
import type { SourceLines } from './source-lines.ts';
import type { LabelledThread } from './thread-labels.ts';

/** What the greenlets of a target are put together from. */
export interface GreenletLook {
  readonly interpreters: Pass['interpreters'];
  /** All threads of the target, to tell which stack a greenlet is on. */
  readonly threads: readonly LabelledThread[];
  /** Those whose greenlets are wanted; `undefined` for all, also those whose thread has ended. */
  readonly selected: readonly LabelledThread[] | undefined;
  readonly withVariables: boolean;
  readonly sources: SourceLines;
}

/** Reads the suspended greenlets of a target as they stand now, by their threads. Nothing that was read before is kept. */
export function greenletsOf(
  target: Target,
  look: GreenletLook,
  problems: Problem[],
): readonly GreenletThread[] {
  const pass = readGreenletPass(target, look, problems);
  if (pass.suspended.length === 0) return [];
  const stacks = new Stacks(target, look.threads, pass);
  const byThread = new Map<LabelledThread | undefined, Greenlet[]>();
  for (const suspended of pass.suspended.toSorted(byStackStop)) {
    const thread = stacks.threadOf(suspended.state);
    if (look.selected !== undefined && (thread === undefined || !look.selected.includes(thread))) continue;
    const parent = pass.lineage.parents.get(suspended.state.address);
    const greenlet = greenletOf(target, look, suspended, parent);
    const others = byThread.get(thread);
    if (others === undefined) byThread.set(thread, [greenlet]);
    else others.push(greenlet);
  }
  return [...byThread].map(([thread, greenlets]) => {
    const [, labels] = thread ?? [];
    return {
      osThreadId: labels?.osThreadId,
      pthreadId: labels?.pthreadId,
      threadName: labels?.pythonName,
      greenlets,
    };
  });
}

/** The main one first, which has no end, then from the outermost slice of the stack in. */
function byStackStop({ state: a }: SuspendedGreenlet, { state: b }: SuspendedGreenlet): number {
  const [left, right] = [a.stackStop ?? Number.MAX_SAFE_INTEGER, b.stackStop ?? Number.MAX_SAFE_INTEGER];
  return right - left || a.address - b.address;
}

/** Which thread's C stack each greenlet has its slice of. */
class Stacks {
  readonly #pid: number;
  readonly #threads: readonly LabelledThread[];
  readonly #lineage: GreenletPass['lineage'];
  readonly #ranges: readonly AddressRange[];
  /** A place on the stack of each main greenlet, which those that descend from it tell. */
  readonly #places = new Map<Address, number>();

  constructor(target: Target, threads: readonly LabelledThread[], { states, lineage }: GreenletPass) {
    this.#pid = target.pid;
    this.#threads = threads;
    this.#lineage = lineage;
    this.#ranges = target.filelessMemory();
    for (const { address, stackStop } of states)
      if (stackStop !== undefined) this.#places.set(outermostOf(address, lineage), stackStop);
  }

  /** `undefined` when it has ended; another thread may use its stack by now. */
  threadOf({ address, stackStop }: GreenletState): LabelledThread | undefined {
    const main = outermostOf(address, this.#lineage);
    const place = stackStop ?? this.#places.get(main);
    return place === undefined || this.#lineage.ended.has(main) ? undefined : this.#threadAt(place);
  }

  /**
   * Of a thread that was started the C library keeps what belongs to it, at the address that is its id, at the outer end
   * of its stack. The stack of the main thread is no memory that a program has asked for.
   */
  #threadAt(place: number): LabelledThread | undefined {
    const range = this.#ranges.find(
      ({ address, sizeBytes }) => address <= place && place < address + sizeBytes,
    );
    if (range === undefined) return this.#threads.find(([, { osThreadId }]) => osThreadId === this.#pid);
    const end = range.address + range.sizeBytes;
    const above = this.#threads.flatMap((thread) => {
      const { osThreadId, pthreadId } = thread[1];
      const isOther = osThreadId !== undefined && osThreadId !== this.#pid;
      return isOther && pthreadId !== undefined && pthreadId > place && pthreadId < end
        ? [{ thread, pthreadId }]
        : [];
    });
    return above.toSorted((a, b) => a.pthreadId - b.pthreadId)[0]?.thread;
  }
}

function greenletOf(
  target: Target,
  { withVariables, sources }: GreenletLook,
  { state, chain }: SuspendedGreenlet,
  parent: Address | undefined,
): Greenlet {
  const problems: Problem[] = [];
  if (chain.cutOff !== undefined)
    problems.push({
      kind: 'cut-off',
      message: `Cannot read greenlet ${hex(state.address)} beyond ${chain.frames.length} frames: ${chain.cutOff}`,
    });
  const variables = withVariables ? readAllVariables(target, chain, problems) : undefined;
  const frames = framesOf(target, { chain, variables }, sources, problems);
  const { address, typeName, isMain } = state;
  return { address, typeName, isMain, parent, frames, problems };
}
