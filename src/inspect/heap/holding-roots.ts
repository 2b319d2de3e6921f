import { type Address, WORD_BYTES } from '../../base/address.ts';
import { readIfSound } from '../../base/read-if-sound.ts';
import { StructView } from '../../base/struct-view.ts';
import { readFrameChain } from '../../cpython/frame-chain.ts';
import { readInterpreters } from '../../cpython/interpreters.ts';
import { readStackWords } from '../../cpython/locks/value-stack.ts';
import type { ChainRoot } from '../../model/holding-chain.ts';
import type { Target } from '../../target/target.ts';
import { allThreadStates, frameBindings } from '../frame-bindings.ts';
import { moduleGlobals } from '../module-globals.ts';

/** What holds objects without being held itself, and words of it that may lead to them. */
export interface Root {
  readonly root: ChainRoot;
  readonly words: readonly number[];
}

/** The dicts of the globals of all modules. */
export function moduleRoots(target: Target): readonly Root[] {
  return [...moduleGlobals(target)].map(([dict, name]) => ({
    root: { kind: 'module', name },
    words: [dict],
  }));
}

/** What holds objects besides: variables of calls that run, and states of threads. */
export function* otherRoots(target: Target): Generator<Root> {
  for (const { code, name, object } of frameBindings(target)) {
    const call = target.codeObjects.factsOf(code).name;
    yield { root: { kind: 'variable', name, call }, words: [object] };
  }
  const { layout } = target.runtime;
  for (const { address, nativeThreadId } of allThreadStates(target)) {
    const words = wordsAt(target, address, layout.threadState.sizeBytes);
    yield { root: { kind: 'thread', threadId: nativeThreadId }, words };
  }
}

/** The states of interpreters: they have caches too, which tell nothing of what something else holds. */
export function interpreterRoots(target: Target): readonly Root[] {
  const { sizeBytes } = target.runtime.layout.interpreter;
  return readInterpreters(target.memory, target.runtime, []).map(({ facts }) => ({
    root: { kind: 'interpreter', id: facts.id },
    words: wordsAt(target, facts.address, sizeBytes),
  }));
}

/** A frame that runs: to 3.10 an object, which holds more than is known of it, and things that were left over. */
export interface RunningFrame {
  readonly frame: Address;
  readonly root: ChainRoot;
  /** Its code and the places on its stack. Some are left over, so that they tell nothing of what something else holds too. */
  readonly words: readonly number[];
}

/** Reads the frames that run. */
export function runningFrames(target: Target): readonly RunningFrame[] {
  const { memory, runtime, objects, codeObjects } = target;
  return allThreadStates(target).flatMap(({ frame: innermost }) =>
    readFrameChain(memory, runtime.layout, innermost).frames.flatMap((frame) => {
      if (frame.code === undefined) return [];
      const values = readIfSound(() => readStackWords(objects, frame)) ?? [];
      const root: ChainRoot = { kind: 'call', call: codeObjects.factsOf(frame.code).name };
      return [{ frame: frame.address, root, words: [frame.code, ...values] }];
    }),
  );
}

function wordsAt({ memory }: Target, address: Address, sizeBytes: number): readonly number[] {
  const bytes = readIfSound(() => memory.read(address, sizeBytes));
  if (bytes === undefined) return [];
  const view = new StructView(bytes, 'state');
  const places = Array.from({ length: Math.floor(sizeBytes / WORD_BYTES) }, (_, at) => at * WORD_BYTES);
  return places.map((at) => view.u32(at) + view.u32(at + 4) * 2 ** 32);
}
