import type { RawTask } from '../../cpython/asyncio/tasks.ts';
import type { RawFrame } from '../../cpython/frame-chain.ts';
import type { HolderEvidence } from '../../model/thread-wait.ts';
import type { PassThread } from '../pass.ts';
import type { HeldLock } from './lock-holders.ts';
import type { HoldingTask } from './task-statements.ts';

/** A thread or a task that holds something. */
export interface ReadHolder {
  /** `undefined` for a task, and for a thread that runs no Python. */
  readonly thread: PassThread | undefined;
  /** `undefined` for a thread. */
  readonly task: RawTask | undefined;
  readonly osThreadId: number | undefined;
  readonly evidence: HolderEvidence;
  readonly takenAt: { readonly frame: RawFrame; readonly instructionOffset: number } | undefined;
}

/** Makes the holder of a task that stands in the body of a `with` statement. */
export function holdingTask({ task, held }: HoldingTask): ReadHolder {
  return {
    thread: undefined,
    task,
    osThreadId: undefined,
    evidence: 'with',
    takenAt: placeOfStatement(held),
  };
}

/** Where a statement was entered, as far as its head could be told. */
export function placeOfStatement({ frame, instructionOffset }: HeldLock): ReadHolder['takenAt'] {
  return instructionOffset === undefined ? undefined : { frame, instructionOffset };
}
