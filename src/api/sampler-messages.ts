import type { ProfileIncrement } from '../profile/profile-increment.ts';
import type { SharedControl } from '../sampling/control.ts';
import type { SamplingPlan } from '../sampling/sampler.ts';

/** What the thread that samples is started with. */
export interface SamplerTask {
  readonly pid: number;
  readonly exhaustive: boolean;
  readonly plan: SamplingPlan;
  readonly control: SharedControl;
}

/** What it sends: what is new since its last message. */
export interface SamplerMessage {
  readonly increment: ProfileIncrement;
  readonly isLast: boolean;
}

/** Whether data is what {@link SamplerTask} says; it comes from our own other thread, so that its parts are not checked. */
export function isSamplerTask(data: unknown): data is SamplerTask {
  return typeof data === 'object' && data !== null && 'pid' in data && 'plan' in data && 'control' in data;
}

/** The same of a message. */
export function isSamplerMessage(message: unknown): message is SamplerMessage {
  return typeof message === 'object' && message !== null && 'increment' in message && 'isLast' in message;
}
