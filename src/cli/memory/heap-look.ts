import type { CoreInspection, HeapSummary, Inspection } from '../../api/index.ts';
import { BadArgumentError } from '../../base/errors.ts';
import { agentOptionsOf } from '../agent/agent-options.ts';
import type { Level } from '../command.ts';
import type { Context } from '../context.ts';
import { levelOfLook } from '../json-output.ts';
import { lookThrough, type MemoryPause } from './memory-question.ts';

/** Who counts the objects of a process. */
export interface HeapLookWords {
  readonly agent: boolean;
  readonly how: string;
  readonly timeout: string | undefined;
}

/** Counts the objects of what was opened: from outside, or by the interpreter itself; Ctrl-C calls that off. */
export async function lookAtHeap(
  opened: { readonly inspection: Inspection | CoreInspection; readonly pause: MemoryPause },
  words: HeapLookWords,
  context: Context,
): Promise<HeapSummary> {
  const { inspection, pause } = opened;
  if (!words.agent) return await lookThrough(context, () => inspection.heapSummary(pause));
  if (!('heapSummaryInside' in inspection))
    throw new BadArgumentError('Cannot use --agent with --core: there is no process to count in');
  const abort = new AbortController();
  const forget = context.onInterrupt(() => abort.abort());
  try {
    return await inspection.heapSummaryInside({ ...agentOptionsOf(words, context), signal: abort.signal });
  } finally {
    forget();
  }
}

/** What was done to the process for it. */
export function levelOfHeapLook(summary: { readonly pauseNs: bigint | undefined }, agent: boolean): Level {
  return agent ? 'L2' : levelOfLook(summary);
}
