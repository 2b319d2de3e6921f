import type { Address } from '../base/address.ts';
import { type FrameChain, isBaseFrame, isEntryFrame } from '../cpython/frame-chain.ts';
import type { Layout } from '../cpython/layouts/layout.ts';
import type { Frame } from '../model/frame.ts';

/** One invocation of the evaluation loop: Python frames that called each other without C in between, innermost first. */
export interface Evaluation<PythonFrame> {
  /** Where in the C stack of the loop the interpreter keeps its shim; `undefined` to 3.11, which has none. */
  readonly anchor: Address | undefined;
  readonly frames: readonly PythonFrame[];
}

/**
 * Divides the frames of a thread by the invocations of the evaluation loop that run them, innermost first.
 * @param shown the frames of the chain that could be read
 */
export function evaluationsOf(
  layout: Layout,
  chain: FrameChain,
  shown: readonly Frame[],
): readonly Evaluation<Frame>[] {
  const byAddress = new Map(shown.map((frame) => [frame.address, frame]));
  const evaluations: Evaluation<Frame>[] = [];
  let frames: Frame[] = [];
  const hasShims = layout.rules.shimOwners.length > 0;
  for (const [at, raw] of chain.frames.entries()) {
    const frame = byAddress.get(raw.address);
    if (frame !== undefined) frames.push(frame);
    const ends = hasShims ? raw.isShim : isEntryFrame(layout, chain.frames, at);
    if (!ends || isBaseFrame(layout, chain.frames, at)) continue;
    evaluations.push({ anchor: hasShims ? raw.address : undefined, frames });
    frames = [];
  }
  // The chain was cut off before the outermost frame of the last invocation.
  if (frames.length > 0) evaluations.push({ anchor: undefined, frames });
  return evaluations;
}
