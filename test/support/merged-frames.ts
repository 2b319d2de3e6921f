import type { Frame } from '../../src/model/frame.ts';
import type { MergedFrame } from '../../src/model/native-frame.ts';
import type { Snapshot } from '../../src/model/snapshot.ts';
import type { ThreadStack } from '../../src/model/thread-stack.ts';

/** The Python frames of a merged stack. */
export function pythonFramesOf(merged: readonly MergedFrame[]): readonly Frame[] {
  return merged.flatMap((each) => (each.kind === 'python' ? [each.frame] : []));
}

/** The merged stack of a thread. */
export function mergedOf({ merged, pythonName, native }: ThreadStack): readonly MergedFrame[] {
  if (merged === undefined) throw new RangeError(`Thread ${pythonName} is not merged: ${native?.cutOff}`);
  return merged;
}

/** The native functions between a Python function and the next Python one that it leads to, innermost first. */
export function nativeCallsOf(merged: readonly MergedFrame[], name: string): readonly (string | undefined)[] {
  const caller = merged.findIndex((each) => each.kind === 'python' && each.frame.name === name);
  const inner = merged.slice(0, caller);
  const called = inner.findLastIndex(({ kind }) => kind === 'python');
  return inner.slice(called + 1).flatMap((each) => (each.kind === 'native' ? [each.frame.symbol] : []));
}

/** Why native stacks of a snapshot end too early. */
export function cutOffsOf({ threads }: Snapshot): readonly string[] {
  return threads.flatMap(({ native }) => native?.cutOff ?? []);
}
