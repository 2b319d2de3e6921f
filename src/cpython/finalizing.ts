import { offsetBy } from '../base/address.ts';
import type { Memory } from '../base/ports.ts';
import { readIfSound } from '../base/read-if-sound.ts';
import { StructView } from '../base/struct-view.ts';
import type { CPythonRuntime } from './runtime.ts';

/** Tells whether the interpreter has begun to shut down; `false` where the version does not tell (before 3.7). */
export function isFinalizing(memory: Memory, { layout, roots }: CPythonRuntime): boolean {
  if (layout.runtime === undefined || roots.runtime === undefined) return false;
  const place = offsetBy(roots.runtime, layout.runtime.finalizing);
  const word = readIfSound(() => memory.read(place, 8));
  return word !== undefined && new StructView(word, '_PyRuntime.finalizing').u64(0) !== 0n;
}
