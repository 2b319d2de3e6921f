/**
 * The thread that samples a process: built as a file of its own, `dist/sampler.cjs`. It is told what to do by its data and
 * sends what it found; a screen that is slow, or a user who writes a file, never makes it late.
 */
import { InspectorError } from '../base/errors.ts';
import { readThreadLabels } from '../inspect/current-threads.ts';
import { readSearchPath } from '../inspect/search-path.ts';
import { publishProgress, sleepUntil } from '../sampling/control.ts';
import { Sampler, type SamplingClock } from '../sampling/sampler.ts';
import { openTarget } from '../target/live-target.ts';
import { monotonicNs, ownCpuNs, ownWorkerData, sendToStarter } from '../target/sampling-host.ts';
import { isSamplerTask, type SamplerTask } from './sampler-messages.ts';

function main(): void {
  const task = ownWorkerData();
  if (!isSamplerTask(task)) throw new TypeError('Cannot sample: this file is started by pyflight itself');
  try {
    sample(task);
  } catch (error) {
    if (!(error instanceof InspectorError)) throw error;
    sendToStarter({ failure: { code: error.code, message: error.message } });
  }
}

function sample({ pid, exhaustive, plan, control }: SamplerTask): void {
  const clock: SamplingClock = {
    nowNs: monotonicNs,
    cpuNs: ownCpuNs,
    epochMs: Date.now,
    sleepUntil: (ns) =>
      sleepUntil(control, ns, clock, () => sendToStarter({ profile: sampler.take(), isLast: false })),
  };
  const readers = {
    open: (id: number) => openTarget(id, { exhaustive }),
    readLabels: readThreadLabels,
    readSearchPath,
  };
  using sampler: Sampler = new Sampler(pid, readers, plan, clock);
  let isGoingOn = true;
  while (isGoingOn) {
    isGoingOn = sampler.step();
    publishProgress(control, sampler.progress);
  }
  sendToStarter({ profile: sampler.take(), isLast: true });
}

main();
