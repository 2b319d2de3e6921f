import type { Address } from '../base/address.ts';
import { readInterpreters } from '../cpython/interpreters.ts';
import { readThreadStates, type ThreadState } from '../cpython/thread-states.ts';
import type { StateLabels } from '../model/thread-labels.ts';
import type { LiveTarget } from '../target/live-target.ts';
import { osThreadsOf } from './os-threads.ts';
import { readPass } from './pass.ts';
import { labelThreads } from './thread-labels.ts';
import { readMovingThreadingNames } from './threading-names.ts';

/**
 * Reads what the threads of a process that runs on are called, by the addresses of their states. Names are found by ids that
 * threads have one after the other, so only those count that were there from the first look to the last.
 */
export function readThreadLabels(target: LiveTarget): ReadonlyMap<Address, StateLabels> {
  target.memory.clear();
  const pass = readPass(target, {
    withVariables: false,
    withNative: false,
    withAsync: false,
    withLocks: false,
  });
  const osThreads = osThreadsOf(target, pass, target.readTasks());
  const names = readMovingThreadingNames(target, pass);
  const labelled = labelThreads(target, { pass, osThreads, names });
  const states = readStates(target);
  return new Map(
    labelled.flatMap(([{ state }, labels]) => {
      const { address, threadId, ownId } = state;
      const last = states.get(address);
      if (last?.threadId !== threadId || last?.ownId !== ownId) return [];
      return [[address, { ...labels, stateIds: { threadId, ownId } }] as const];
    }),
  );
}

function readStates({ memory, runtime }: LiveTarget): ReadonlyMap<Address, ThreadState> {
  memory.clear();
  const states = readInterpreters(memory, runtime, []).flatMap((interpreter) =>
    readThreadStates(memory, runtime.layout, interpreter, []),
  );
  return new Map(states.map((state) => [state.address, state] as const));
}
