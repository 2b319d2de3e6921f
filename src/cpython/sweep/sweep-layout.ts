import { WORD_BYTES } from '../../base/address.ts';
import type { Layout } from '../layouts/layout.ts';

/**
 * What a sweep reads of each thread and frame, as plain numbers: the rows of a {@link Layout} without their groups, since a
 * sweep looks at thousands of frames in a millisecond. An offset of -1 is that of a member that the version lacks.
 */
export interface SweepLayout {
  /** The part of a thread state that has all that is read of it. */
  readonly state: {
    readonly from: number;
    readonly sizeBytes: number;
    readonly next: number;
    readonly interpreter: number;
    /** Of the current frame, or of the `_PyCFrame` that has it. */
    readonly frame: number;
    /** Offset of the current frame in a `_PyCFrame` (3.11 and 3.12), else -1. */
    readonly inCframe: number;
    readonly raisedException: number;
    /** What is being handled, as far as the thread state itself has it: an exception or its class, None or NULL. */
    readonly handledException: number;
    /** Of the pointer to the innermost `_PyErr_StackItem`, and of the one that lies in the thread state; 3.7+. */
    readonly exceptionInfo: number;
    readonly exceptionState: number;
    readonly threadId: number;
    /** What tells it from a thread whose state lay there before: the kernel's id (3.11+) or the state's own (3.7 to 3.10), else -1. */
    readonly ownId: number;
  };
  /** `_PyErr_StackItem`, 3.7+. */
  readonly exceptionItem: { readonly exception: number; readonly previous: number };
  readonly frame: {
    readonly previous: number;
    readonly code: number;
    readonly lastInstruction: number;
    /** 0 where the last instruction is an address, else how many bytes its number counts. */
    readonly unitBytes: number;
    readonly owner: number;
    /** Bit n is set for an owner n that is the interpreter itself. */
    readonly shimOwners: number;
    /** References are multiples of this and flags. */
    readonly tagModulus: number;
    readonly tlbcIndex: number;
    /** The flag of the outermost frame of an invocation of the evaluation loop (3.11). */
    readonly isEntry: number;
  };
}

const ABSENT = -1;

/** Takes what a sweep reads out of a layout. */
export function sweepLayoutOf({ threadState, exceptionItem, frame, rules }: Layout): SweepLayout {
  const frameWord = threadState.frame ?? threadState.cframe;
  if (frameWord === undefined)
    throw new RangeError('Cannot find the current frame: the layout has neither frame nor cframe');
  const ownId = threadState.nativeThreadId ?? threadState.id;
  const exceptions = exceptionOffsets({ threadState, exceptionItem });
  const words = [
    threadState.next,
    threadState.interpreter,
    frameWord,
    threadState.threadId,
    ownId ?? threadState.threadId,
    ...Object.values(exceptions).filter((offset) => offset !== ABSENT),
  ];
  const from = Math.min(...words);
  return {
    state: {
      from,
      sizeBytes: Math.max(...words) + WORD_BYTES - from,
      next: threadState.next,
      interpreter: threadState.interpreter,
      frame: frameWord,
      inCframe: threadState.frame === undefined ? (threadState.cframeCurrentFrame ?? ABSENT) : ABSENT,
      ...exceptions,
      threadId: threadState.threadId,
      ownId: ownId ?? ABSENT,
    },
    exceptionItem: exceptionItem ?? { exception: ABSENT, previous: ABSENT },
    frame: {
      previous: frame.previous,
      code: frame.code,
      lastInstruction: frame.lastInstruction,
      unitBytes: rules.lastInstructionUnitBytes,
      owner: frame.owner ?? ABSENT,
      shimOwners: rules.shimOwners.reduce((bits, shimOwner) => bits | (1 << shimOwner), 0),
      tagModulus: 2 ** rules.stackRefTagBits,
      tlbcIndex: frame.tlbcIndex ?? ABSENT,
      isEntry: frame.isEntry ?? ABSENT,
    },
  };
}

/** Where a thread state has the exceptions that are on their way or being handled. */
function exceptionOffsets({
  threadState,
  exceptionItem,
}: Pick<Layout, 'threadState' | 'exceptionItem'>): Pick<
  SweepLayout['state'],
  'raisedException' | 'handledException' | 'exceptionInfo' | 'exceptionState'
> {
  const { raisedException, handledException, exceptionInfo = ABSENT, exceptionState = ABSENT } = threadState;
  const handled = handledException ?? exceptionState + (exceptionItem?.exception ?? 0);
  return { raisedException, handledException: handled, exceptionInfo, exceptionState };
}
