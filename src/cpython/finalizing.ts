import { offsetBy } from '../base/address.ts';
import { isAboutMemory } from '../base/errors.ts';
import type { Memory } from '../base/ports.ts';
import { StructView } from '../base/struct-view.ts';
import type { CPythonRuntime } from './runtime.ts';

/** Tells whether the interpreter has begun to shut down; `false` where the version does not tell (before 3.7). */
export function isFinalizing(memory: Memory, { layout, roots }: CPythonRuntime): boolean {
  if (layout.runtime === undefined || roots.runtime === undefined) return false;
  try {
    const word = memory.read(offsetBy(roots.runtime, layout.runtime.finalizing), 8);
    return new StructView(word, '_PyRuntime.finalizing').u64(0) !== 0n;
  } catch (error) {
    if (isAboutMemory(error)) return false;
    throw error;
  }
}
