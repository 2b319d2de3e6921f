import { escapeForTerminal } from '../base/escaping.ts';
import type { Snapshot } from '../model/snapshot.ts';

/**
 * Renders stacks as `pyflame --dump` does: the pthread id, `*` for the one that holds the GIL, and a line
 * `file:function:line` a frame, innermost first. Threads without frames are left out, as there.
 */
export function* pyflameLines(snapshot: Snapshot): Generator<string> {
  let isFirst = true;
  for (const thread of snapshot.threads) {
    if (thread.frames.length === 0) continue;
    if (!isFirst) yield '';
    isFirst = false;
    yield `${thread.pthreadId ?? '?'}${thread.gil === 'holds' ? '*' : ''}:`;
    for (const { filename, name, position } of thread.frames)
      yield `${escapeForTerminal(filename)}:${escapeForTerminal(name)}:${position?.line ?? '?'}`;
  }
}
