import type { Address } from '../base/address.ts';
import { readIfSound } from '../base/read-if-sound.ts';
import { readFrameChain } from '../cpython/frame-chain.ts';
import { readInterpreters } from '../cpython/interpreters.ts';
import { readBoundNames } from '../cpython/objects/frame-variables.ts';
import { readThreadStates, type ThreadState } from '../cpython/thread-states.ts';
import type { Problem } from '../model/problem.ts';
import type { Target } from '../target/target.ts';

/** A variable of a frame that runs. */
export interface FrameBinding {
  readonly frame: Address;
  readonly code: Address;
  readonly name: string;
  readonly object: Address;
}

/** The states of all threads of all interpreters, as far as they can be read. */
export function allThreadStates({ memory, runtime }: Target): readonly ThreadState[] {
  const problems: Problem[] = [];
  return readInterpreters(memory, runtime, problems).flatMap((interpreter) =>
    readThreadStates(memory, runtime.layout, interpreter, problems),
  );
}

/** The variables of the frames that run: from 3.11 on no list of the collector has them. */
export function* frameBindings(target: Target): Generator<FrameBinding> {
  const { memory, runtime, objects } = target;
  for (const { frame: innermost } of allThreadStates(target))
    for (const { address, code } of readFrameChain(memory, runtime.layout, innermost).frames) {
      if (code === undefined) continue;
      for (const { name, object } of boundNames(objects, address, code))
        yield { frame: address, code, name, object };
    }
}

function boundNames(objects: Target['objects'], frameAddress: Address, codeAddress: Address) {
  return readIfSound(() => readBoundNames(objects, { frameAddress, codeAddress })) ?? [];
}
