import type { CancelSignal } from '../../base/cancellation.ts';
import { AgentSilentError } from '../../base/errors.ts';
import type { LiveTarget } from '../../target/live-target.ts';

/** Ways to have a target run a program. */
export type InjectionMethod = 'remote-debug' | 'pending-call' | 'thread-call';

/** What shall run: a few lines, as text and as a file with the same lines as the target sees it. */
export interface InjectedProgram {
  readonly text: string;
  readonly path: string;
  readonly hasRun: () => boolean;
}

/** How it shall be made to run. */
export interface InjectionWish {
  readonly how?: InjectionMethod | undefined;
  readonly timeoutMs: number;
  readonly onStep?: (step: string) => void;
  readonly signal?: CancelSignal;
}

/** What was done for it. */
export interface Injection {
  readonly method: InjectionMethod;
  readonly nudged: boolean;
  readonly steps: readonly string[];
}

/** Has the target run a program on a thread of its own. */
export async function inject(
  target: LiveTarget,
  _program: InjectedProgram,
  _wish: InjectionWish,
): Promise<Injection> {
  throw new AgentSilentError(target.pid, 'this build brings no program into a process');
}
