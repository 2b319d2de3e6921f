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
  /** Of `co_flags` in a code object. */
  readonly codeFlags: number;
  readonly frame: {
    readonly previous: number;
    readonly code: number;
    readonly lastInstruction: number;
    /** 0 where the last instruction is an address, else how many bytes its number counts. */
    readonly unitBytes: number;
    readonly owner: number;
    /** Bit n is set for an owner n that is the interpreter itself. */
    readonly shimOwners: number;
    /** The owner that is a generator, and the greatest that there is; 0 to 3.10. */
    readonly generatorOwner: number;
    readonly lastOwner: number;
    /** References are multiples of this and flags. */
    readonly tagModulus: number;
    readonly tlbcIndex: number;
    /** The flag of the outermost frame of an invocation of the evaluation loop (3.11). */
    readonly isEntry: number;
    /** A byte, 3.6 to 3.10; bit n of `runningStates` is set for a value n of a frame that runs. */
    readonly state: number;
    readonly runningStates: number;
    /** Words that are not 0 in a frame that runs (2.7). */
    readonly runningWords: readonly number[];
    /** Of a frame that belongs to a generator where its state is, and which it has while the generator runs (3.11). */
    readonly generatorState: number;
    readonly executing: number;
    /** What is `idle` in a frame of which none of Python is called, and in few others (3.11+): of so many bytes. */
    readonly callMark: number;
    readonly callMarkBytes: 2 | 4;
    readonly idle: number;
  };
}

const ABSENT = -1;

/** Takes what a sweep reads out of a layout. */
export function sweepLayoutOf(layout: Layout): SweepLayout {
  const { threadState, exceptionItem, frame, code, rules } = layout;
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
    codeFlags: code.flags,
    frame: {
      previous: frame.previous,
      code: frame.code,
      lastInstruction: frame.lastInstruction,
      unitBytes: rules.lastInstructionUnitBytes,
      owner: frame.owner ?? ABSENT,
      shimOwners: rules.shimOwners.reduce((bits, shimOwner) => bits | (1 << shimOwner), 0),
      generatorOwner: rules.frameOwners?.generator ?? 0,
      lastOwner: rules.frameOwners?.last ?? 0,
      tagModulus: 2 ** rules.stackRefTagBits,
      tlbcIndex: frame.tlbcIndex ?? ABSENT,
      isEntry: frame.isEntry ?? ABSENT,
      ...runningMarks(layout),
      ...callMarks(layout),
    },
  };
}

type RunningMarks = 'state' | 'runningStates' | 'runningWords' | 'generatorState' | 'executing';

/** What tells a frame that runs from one that has ended or is suspended, where a suspended or ended one may seem to be outermost. */
function runningMarks({ frame, generator, object, rules }: Layout): Pick<SweepLayout['frame'], RunningMarks> {
  const { frameState = ABSENT, inlineFrame = ABSENT } = generator;
  const endsWithEntry = frame.isEntry !== undefined;
  return {
    state: frame.executing ?? frame.state ?? ABSENT,
    runningStates: rules.runningFrameStates.reduce((bits, state) => bits | (1 << state), 0),
    runningWords: frame.threadState === undefined ? [] : [object.type - WORD_BYTES, frame.threadState],
    generatorState: endsWithEntry ? frameState - inlineFrame : 0,
    executing: rules.generators.states?.executing ?? ABSENT,
  };
}

/** `_PyFrame_GetStackPointer`, cpython/Include/internal/pycore_frame.h, 3.11 to 3.13: a frame that runs has -1 for a stack top. */
function callMarks({ frame }: Layout): Pick<SweepLayout['frame'], 'callMark' | 'callMarkBytes' | 'idle'> {
  if (frame.returnOffset !== undefined) return { callMark: frame.returnOffset, callMarkBytes: 2, idle: 0 };
  const callMark = frame.owner === undefined ? ABSENT : (frame.stackTop ?? ABSENT);
  return { callMark, callMarkBytes: 4, idle: 0xffff_ffff };
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
