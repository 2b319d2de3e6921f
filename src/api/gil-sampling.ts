import { SamplerFailedError } from '../base/errors.ts';
import type { GilReport } from '../model/gil-report.ts';
import { makeSharedControl, requestStop } from '../sampling/control.ts';
import type { GilPlan } from '../sampling/gil/gil-sampler.ts';
import { startWorker, type WorkerThread } from '../target/sampling-host.ts';
import { type GilAccount, type GilTask, isGilMessage } from './gil-messages.ts';
import { lastWordOf } from './worker-failure.ts';

/** How the GILs of a process are looked at. */
export interface GilOptions {
  /** Looks per second; 10,000 when left out. */
  readonly rateHz?: number;
  /** Left out, until `stop()` or the end of the process. */
  readonly durationSeconds?: number;
  /** What lies between two reports; 5 s when left out. */
  readonly intervalSeconds?: number;
  /** Holds and waits that take longer are told of; 10 ms when left out. */
  readonly longHoldMs?: number;
  readonly longWaitMs?: number;
  /** Count each take and drop of the GIL by breakpoints, which slow each of them down. */
  readonly exact?: boolean;
  /** Search all memory of the process for the interpreter when nothing else leads there. */
  readonly exhaustive?: boolean;
}

/** A process whose GILs are being looked at, by a thread of its own. */
export interface GilSampling {
  /** Settles when looking has ended, after the last report. */
  readonly ended: Promise<GilAccount>;
  /** Has it end; `ended` tells how. */
  stop(): void;
}

/** Starts to look at the GILs of a process, which must be one that can be inspected. */
export function startGilSampling(
  pid: number,
  options: GilOptions,
  onReport: (report: GilReport) => void,
): GilSampling {
  const control = makeSharedControl();
  const task: GilTask = { pid, exhaustive: options.exhaustive === true, gilPlan: planOf(options), control };
  const worker = startWorker('gil-sampler.cjs', task);
  worker.onMessage((message) => {
    if (isGilMessage(message) && 'report' in message) onReport(message.report);
  });
  return { ended: accountOf(worker), stop: () => requestStop(control) };
}

const DEFAULT_RATE_HZ = 10_000;
const DEFAULT_INTERVAL_SECONDS = 5;
const DEFAULT_LONG_MS = 10;

function planOf(options: GilOptions): GilPlan {
  const { durationSeconds } = options;
  return {
    rateHz: options.rateHz ?? DEFAULT_RATE_HZ,
    durationNs: durationSeconds === undefined ? undefined : durationSeconds * 1e9,
    intervalNs: (options.intervalSeconds ?? DEFAULT_INTERVAL_SECONDS) * 1e9,
    longHoldNs: (options.longHoldMs ?? DEFAULT_LONG_MS) * 1e6,
    isExact: options.exact === true,
    longWaitNs: (options.longWaitMs ?? DEFAULT_LONG_MS) * 1e6,
  };
}

async function accountOf(worker: WorkerThread): Promise<GilAccount> {
  const last = await lastWordOf(worker);
  if (isGilMessage(last) && 'account' in last) return last.account;
  throw new SamplerFailedError('its thread ended without a word');
}
