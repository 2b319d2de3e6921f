/**
 * The thread that looks at the GILs of a process: built as a file of its own, `dist/gil-sampler.cjs`. It is told what to do
 * by its data and sends what it found.
 */
import { readThreadLabels } from '../inspect/current-threads.ts';
import { sleepUntil } from '../sampling/control.ts';
import { GilSampler } from '../sampling/gil/gil-sampler.ts';
import type { SamplingClock } from '../sampling/sampler.ts';
import { openTarget } from '../target/live-target.ts';
import { monotonicNs, ownCpuNs, ownWorkerData, sendToStarter, wakeOnTime } from '../target/sampling-host.ts';
import { type GilMessage, type GilTask, isGilTask } from './gil-messages.ts';
import { runWorker } from './worker-failure.ts';

async function main(): Promise<void> {
  const task = ownWorkerData();
  if (!isGilTask(task)) throw new TypeError('Cannot look at GILs: this file is started by pyflight itself');
  await runWorker(() => look(task));
}

function look({ pid, exhaustive, gilPlan: plan, control }: GilTask): void {
  const target = openTarget(pid, { exhaustive });
  wakeOnTime();
  const clock: SamplingClock = {
    nowNs: monotonicNs,
    cpuNs: ownCpuNs,
    epochMs: Date.now,
    sleepUntil: (ns) => sleepUntil(control, ns, clock, () => undefined),
  };
  const [beganNs, beganCpuNs] = [clock.nowNs(), clock.cpuNs()];
  const send = (message: GilMessage): void => sendToStarter(message);
  using sampler = new GilSampler(
    target,
    () => readThreadLabels(target),
    { plan, clock },
    (report) => send({ report }),
  );
  let endedBecause = sampler.step();
  while (endedBecause === undefined) endedBecause = sampler.step();
  const durationNs = clock.nowNs() - beganNs;
  send({ account: { endedBecause, durationNs, samplerCpuNs: clock.cpuNs() - beganCpuNs } });
}

void main();
