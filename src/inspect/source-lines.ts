import type { Frame } from '../model/frame.ts';
import type { Problem } from '../model/problem.ts';
import type { ThreadStack } from '../model/thread-stack.ts';
import type { Target } from '../target/target.ts';

/** Adds to each frame the source line that it is on, as the target's own file system has it. */
export function addSourceLines(
  target: Target,
  threads: readonly ThreadStack[],
  problems: Problem[],
): readonly ThreadStack[] {
  const newer = new Set<string>();
  const withLine = (frame: Frame): Frame => {
    const source = target.sourceOf(frame.filename);
    if (source === undefined || frame.position === undefined) return frame;
    if (source.isNewerThanProcess) newer.add(frame.filename);
    return { ...frame, sourceLine: source.lines[frame.position.line - 1] };
  };
  const sourced = threads.map((thread) => ({ ...thread, frames: thread.frames.map(withLine) }));
  for (const filename of newer) {
    problems.push({
      kind: 'file-mismatch',
      message: `The source file ${filename} is newer than the process, so its lines may not be the ones that run`,
    });
  }
  return sourced;
}
