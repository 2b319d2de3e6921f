/**
 * The thread that samples a process: built as a file of its own, `dist/sampler.cjs`. It is told what to do by its data and
 * sends what it found; a screen that is slow, or a user who writes a file, never makes it late.
 */
import { readThreadLabels } from '../inspect/current-threads.ts';
import { mergeUnwound } from '../inspect/native-calls.ts';
import { readSearchPath } from '../inspect/search-path.ts';
import { publishProgress, sleepUntil } from '../sampling/control.ts';
import type { MergeNative } from '../sampling/merged-stacks.ts';
import { Sampler, type SamplingClock } from '../sampling/sampler.ts';
import { type LiveTarget, openTarget } from '../target/live-target.ts';
import {
  checkSharesCpus,
  ignoreStopsOfChild,
  monotonicNs,
  ownCpuNs,
  ownWorkerData,
  sendToStarter,
  wakeOnTime,
} from '../target/sampling-host.ts';
import { isSamplerTask, type SamplerTask } from './sampler-messages.ts';
import { runWorker } from './worker-failure.ts';

async function main(): Promise<void> {
  const task = ownWorkerData();
  if (!isSamplerTask(task)) throw new TypeError('Cannot sample: this file is started by pyflight itself');
  await runWorker(() => sample(task));
}

async function sample({ pid, exhaustive, plan, control }: SamplerTask): Promise<void> {
  const support = plan.withNative ? { native: await import('../target/native/native-stacks.ts') } : {};
  if (plan.isBlocking || plan.withNative) ignoreStopsOfChild(pid);
  if (plan.sharesCpu) checkSharesCpus(pid);
  wakeOnTime();
  const clock: SamplingClock = {
    nowNs: monotonicNs,
    cpuNs: ownCpuNs,
    epochMs: Date.now,
    sleepUntil: (ns) =>
      sleepUntil(control, ns, clock, () => sendToStarter({ increment: sampler.take(), isLast: false })),
  };
  const readers = {
    open: (id: number) => openTarget(id, { exhaustive, ...support }),
    readLabels: readThreadLabels,
    readSearchPath,
    ...(plan.withNative ? { mergerOf } : {}),
  };
  using sampler: Sampler = new Sampler(pid, readers, plan, clock);
  let isGoingOn = true;
  while (isGoingOn) {
    isGoingOn = sampler.step();
    publishProgress(control, sampler.progress);
  }
  sendToStarter({ increment: sampler.take(), isLast: true });
}

function mergerOf({ runtime }: LiveTarget): MergeNative {
  const { native } = runtime.layout.rules;
  return (unwound, evaluations) => mergeUnwound(native, unwound, [{ evaluations }])?.[0];
}

void main();
