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
    readonly threadId: number;
    readonly nativeThreadId: number;
  };
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
  };
}

const ABSENT = -1;

/** Takes what a sweep reads out of a layout. */
export function sweepLayoutOf({ threadState, frame, rules }: Layout): SweepLayout {
  const frameWord = threadState.frame ?? threadState.cframe;
  if (frameWord === undefined)
    throw new RangeError('Cannot find the current frame: the layout has neither frame nor cframe');
  const words = [
    threadState.next,
    threadState.interpreter,
    frameWord,
    threadState.raisedException,
    threadState.threadId,
    threadState.nativeThreadId ?? threadState.threadId,
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
      raisedException: threadState.raisedException,
      threadId: threadState.threadId,
      nativeThreadId: threadState.nativeThreadId ?? ABSENT,
    },
    frame: {
      previous: frame.previous,
      code: frame.code,
      lastInstruction: frame.lastInstruction,
      unitBytes: rules.lastInstructionUnitBytes,
      owner: frame.owner ?? ABSENT,
      shimOwners: rules.shimOwners.reduce((bits, shimOwner) => bits | (1 << shimOwner), 0),
      tagModulus: 2 ** rules.stackRefTagBits,
      tlbcIndex: frame.tlbcIndex ?? ABSENT,
    },
  };
}
