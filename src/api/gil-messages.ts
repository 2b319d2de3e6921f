import type { GilReport } from '../model/gil-report.ts';
import type { SharedControl } from '../sampling/control.ts';
import type { GilEndReason, GilPlan } from '../sampling/gil/gil-sampler.ts';

/** What the thread that looks at GILs is started with. */
export interface GilTask {
  readonly gilPlan: GilPlan;
  readonly pid: number;
  readonly exhaustive: boolean;
  readonly control: SharedControl;
}

/** How looking at GILs came to its end. */
export interface GilAccount {
  readonly endedBecause: GilEndReason;
  readonly durationNs: number;
  /** User and system time of the thread that looked. */
  readonly samplerCpuNs: number;
}

/** What it sends: reports, and at the end an account. */
export type GilMessage = { readonly report: GilReport } | { readonly account: GilAccount };

/** Whether data is what {@link GilTask} says; it comes from our own other thread, so that its parts are not checked. */
export function isGilTask(data: unknown): data is GilTask {
  return typeof data === 'object' && data !== null && 'gilPlan' in data;
}

/** The same of a message. */
export function isGilMessage(message: unknown): message is GilMessage {
  return typeof message === 'object' && message !== null && ('report' in message || 'account' in message);
}
