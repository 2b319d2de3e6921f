import type { Address } from '../base/address.ts';
import { isAboutMemory } from '../base/errors.ts';
import type { FrameChain } from '../cpython/frame-chain.ts';
import { readVariables } from '../cpython/objects/frame-variables.ts';
import type { Variable } from '../model/object-view.ts';
import type { Problem } from '../model/problem.ts';
import type { Target } from '../target/target.ts';

/** Reads the variables of frames, by the address of the frame. */
export function readAllVariables(
  target: Target,
  chain: Pick<FrameChain, 'frames'>,
  problems: Problem[],
): ReadonlyMap<Address, readonly Variable[]> {
  const variables = new Map<Address, readonly Variable[]>();
  for (const { address, code } of chain.frames) {
    if (code === undefined) continue;
    try {
      variables.set(address, readVariables(target.objects, { frameAddress: address, codeAddress: code }));
    } catch (error) {
      if (!isAboutMemory(error)) throw error;
      problems.push({
        kind: 'unreadable-object',
        message: `Cannot read the variables of a frame: ${error.message}`,
      });
    }
  }
  return variables;
}
