import { AlreadyTracedError } from '../base/errors.ts';
import { monotonicMs } from '../platform/monotonic-clock.ts';
import type { LiveTarget } from '../target/live-target.ts';
import type { Tasks } from '../target/tasks.ts';
import type { AgentSession } from './agent-session.ts';
import { type AgentOptions, findAgent } from './find-agent.ts';
import { pauseFor } from './pause-for.ts';

/** Another pyflight that comes at the same moment holds the target for milliseconds; a debugger stays. */
const MOST_TRACED_MS = 500;
const TRACED_PAUSE_MS = 10;

/**
 * Talks to the agent in a process, which is brought in when there is none; only for that its memory is opened.
 * @throws {InspectorError} with a code that says what is in the way
 */
export async function openAgent(
  tasks: Tasks,
  open: () => LiveTarget | Promise<LiveTarget>,
  options: AgentOptions = {},
): Promise<AgentSession> {
  const deadline = monotonicMs() + MOST_TRACED_MS;
  for (;;) {
    const found = await findAgent(tasks, options);
    if (found !== undefined) return found;
    try {
      const { launchAgent } = await import('./launch-agent.ts');
      return await launchAgent(await open(), options);
    } catch (error) {
      if (!(error instanceof AlreadyTracedError) || monotonicMs() >= deadline) throw error;
    }
    await pauseFor(TRACED_PAUSE_MS);
  }
}
