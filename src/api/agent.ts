import type { AgentSession } from '../agent/agent-session.ts';
import { type AgentOptions, findAgent as findInside } from '../agent/find-agent.ts';
import { openAgent as openInside } from '../agent/open-agent.ts';
import type { LiveTarget } from '../target/live-target.ts';
import { Tasks } from '../target/tasks.ts';

/**
 * Talks to the agent inside a process, which is brought in when there is none. An agent that is inside already is talked to
 * without a look into the process's memory.
 * @throws {InspectorError} with a code that says what is in the way
 */
export async function openAgent(pid: number, options: AgentOptions = {}): Promise<AgentSession> {
  using target = new LateTarget(pid);
  return await openInside(Tasks.of(pid), () => target.open(), options);
}

/**
 * Talks to the agent inside a process; `undefined` when there is none. Nothing is brought in.
 * @throws {InspectorError} when no agent can be in it: it runs no CPython, or cannot be looked at
 */
export async function findAgent(pid: number, options: AgentOptions = {}): Promise<AgentSession | undefined> {
  const found = await findInside(Tasks.of(pid), options);
  if (found !== undefined) return found;
  using target = new LateTarget(pid);
  const opened = await target.open();
  const { sweepLater } = await import('../agent/sweep.ts');
  sweepLater(opened)();
  return undefined;
}

/** A target that is opened when it is needed, and once. */
class LateTarget implements Disposable {
  readonly #pid: number;
  #target: LiveTarget | undefined;

  constructor(pid: number) {
    this.#pid = pid;
  }

  async open(): Promise<LiveTarget> {
    this.#target ??= (await import('../target/live-target.ts')).openTarget(this.#pid);
    return this.#target;
  }

  [Symbol.dispose](): void {
    this.#target?.[Symbol.dispose]();
  }
}
