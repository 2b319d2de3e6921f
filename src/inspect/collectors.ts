import { type AddressRange, offsetBy, WORD_BYTES } from '../base/address.ts';
import { StructView } from '../base/struct-view.ts';
import type { InterpreterState } from '../cpython/interpreters.ts';
import type { ThreadStack } from '../model/thread-stack.ts';
import type { Target } from '../target/target.ts';
import type { OsThread } from './os-threads.ts';
import type { Pass, PassThread } from './pass.ts';

/** The innermost part of a thread's C stack, as it was at the moment of the pass. */
export interface StackCopy {
  readonly threadId: number;
  readonly bytes: Uint8Array;
}

/** A finalizer is seldom further from the collector that called it. */
const MOST_STACK_BYTES = 256 << 10;
const MOST_TOTAL_BYTES = 16 << 20;

/**
 * Copies what may show which thread collects garbage: the stacks of the threads, when an interpreter is collecting and
 * does not say itself for which frame.
 */
export function copyStacksOfCollecting(
  target: Target,
  { threads }: Pass,
  osThreads: ReadonlyMap<PassThread, OsThread>,
): readonly StackCopy[] {
  const suspects = threads.filter(({ interpreter }) => isUnattributed(interpreter));
  const ids = new Set(suspects.flatMap((thread) => osThreads.get(thread)?.id ?? []));
  if (ids.size === 0) return [];
  const stacks = target.readLiveStacks([...ids]);
  const share = Math.floor(MOST_TOTAL_BYTES / Math.max(stacks.length, 1) / WORD_BYTES) * WORD_BYTES;
  const sizeOf = (room: number) => Math.min(room, share, MOST_STACK_BYTES);
  const copies = target.memory.readMany(
    stacks.map(({ from, to }) => ({ address: from, sizeBytes: sizeOf(to - from) })),
  );
  return stacks.flatMap(({ threadId }, at) => {
    const bytes = copies[at];
    return bytes === undefined ? [] : [{ threadId, bytes }];
  });
}

/** Whether a pass can be told of only by the C stacks of the threads: who runs an interpreter, who collects garbage. */
export function needsLiveStacks({ interpreters }: Pass): boolean {
  return interpreters.length > 1 || interpreters.some(isUnattributed);
}

function isUnattributed({ isCollectingGarbage, collectingFrame }: InterpreterState): boolean {
  return isCollectingGarbage === true && collectingFrame === undefined;
}

/** The threads of a pass, and the stacks that may tell. */
interface SeenStacks {
  readonly pass: Pass;
  readonly osThreads: ReadonlyMap<PassThread, OsThread>;
  readonly stacks: readonly StackCopy[];
}

/** Which threads collect garbage, as far as that can be told. */
export interface Collectors {
  isCollecting(thread: PassThread, gil: ThreadStack['gil']): boolean | undefined;
}

/**
 * Tells which thread of each interpreter collects garbage: the one that runs the frame which 3.15 names, else the only
 * one whose stack returns into the collector. Where no symbol names the collector it is the holder of the GIL, which is
 * wrong only while a finalizer has let go of it.
 */
export function findCollectors(
  target: Target,
  { pass: { threads }, osThreads, stacks }: SeenStacks,
): Collectors {
  const code = stacks.length === 0 ? [] : target.collectorCode();
  const examined = new Set(code.length === 0 ? [] : stacks.map(({ threadId }) => threadId));
  const inCollector = new Set(
    stacks.filter(({ bytes }) => pointsInto(bytes, code)).map(({ threadId }) => threadId),
  );
  const idOf = (thread: PassThread): number => osThreads.get(thread)?.id ?? Number.NaN;
  const shows = (thread: PassThread): boolean => {
    const { collectingFrame } = thread.interpreter;
    if (collectingFrame === undefined) return inCollector.has(idOf(thread));
    return thread.chain.frames.some(({ address }) => address === collectingFrame);
  };
  const found = new Map<InterpreterState, PassThread | undefined>();
  for (const thread of threads.filter(shows)) {
    // Two that show it: a stack may keep a return address of a collection that is over.
    found.set(thread.interpreter, found.has(thread.interpreter) ? undefined : thread);
  }
  return {
    isCollecting(thread, gil) {
      const { isCollectingGarbage } = thread.interpreter;
      if (isCollectingGarbage !== true) return isCollectingGarbage;
      const collector = found.get(thread.interpreter);
      if (collector !== undefined) return collector === thread;
      return gil === 'holds' && !examined.has(idOf(thread)) ? true : undefined;
    },
  };
}

/** Whether a word of a stack points into code, as a return address does. */
function pointsInto(stack: Uint8Array, code: readonly AddressRange[]): boolean {
  const words = new StructView(stack, 'stack');
  const ranges = code.map(({ address, sizeBytes }) => ({ from: address, to: offsetBy(address, sizeBytes) }));
  for (let at = 0; at + WORD_BYTES <= stack.length; at += WORD_BYTES) {
    const word = words.u32(at) + words.u32(at + 4) * 0x1_0000_0000;
    // A call is never the first instruction, so a pointer to the start is a pointer to the function.
    if (ranges.some(({ from, to }) => word > from && word <= to)) return true;
  }
  return false;
}
