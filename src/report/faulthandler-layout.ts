import { escapeForTerminal } from '../base/escaping.ts';
import type { Snapshot } from '../model/snapshot.ts';
import type { ThreadStack } from '../model/thread-stack.ts';

/**
 * Renders stacks as CPython's `faulthandler` does, innermost call first, with the thread's name in place of the
 * word `Thread`, as PyFlightProfiler shows them on macOS.
 */
export function* faulthandlerLines(snapshot: Snapshot): Generator<string> {
  for (const [index, thread] of snapshot.threads.entries()) {
    if (index > 0) yield '';
    yield `(${formatName(thread)}) ${formatPthreadId(thread)} (most recent call first):`;
    if (thread.frames.length === 0) yield '  <no Python frame>';
    for (const { filename, name, position } of thread.frames)
      yield `  File "${escapeForTerminal(filename)}", line ${position?.line ?? '???'} in ${escapeForTerminal(name)}`;
  }
}

function formatName({ pythonName, kernelName, osThreadId }: ThreadStack): string {
  return escapeForTerminal(pythonName ?? kernelName ?? `Thread-${osThreadId ?? '?'}`);
}

function formatPthreadId({ pthreadId }: ThreadStack): string {
  return `0x${pthreadId?.toString(16).padStart(16, '0') ?? '?'}`;
}
