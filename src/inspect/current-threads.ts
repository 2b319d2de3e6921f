import type { Address } from '../base/address.ts';
import type { ThreadLabels } from '../model/thread-labels.ts';
import type { LiveTarget } from '../target/live-target.ts';
import { osThreadsOf } from './os-threads.ts';
import { readPass } from './pass.ts';
import { labelThreads } from './thread-labels.ts';
import { readMovingThreadingNames } from './threading-names.ts';

/** Reads what the threads of a process that runs on are called, by the addresses of their states. */
export function readThreadLabels(target: LiveTarget): ReadonlyMap<Address, ThreadLabels> {
  target.memory.clear();
  const pass = readPass(target, {
    withVariables: false,
    withNative: false,
    withAsync: false,
    withLocks: false,
  });
  const osThreads = osThreadsOf(target, pass, target.readTasks());
  const names = readMovingThreadingNames(target, pass);
  return new Map(
    labelThreads(target, { pass, osThreads, names }).map(
      ([thread, labels]) => [thread.state.address, labels] as const,
    ),
  );
}
