import { type Address, offsetBy } from '../../base/address.ts';
import { readDictEntries } from '../objects/dict-entries.ts';
import { type ObjectSource, readPointer } from '../objects/foreign-struct.ts';
import type { AsyncioModules } from './asyncio-modules.ts';

/** More loops that run a task at one moment are not looked at. */
const MOST_TASKS = 64;

/**
 * The tasks that may run in a thread at this moment: that which its state names (3.14+, the C module), and those that a dict has
 * of all threads. Reads nothing but where they are named.
 */
export function readRunningTasks(
  source: ObjectSource,
  { lists, currentTasks }: Pick<AsyncioModules, 'lists' | 'currentTasks'>,
  threadState: Address,
): readonly Address[] {
  const found: Address[] = [];
  if (lists !== undefined) {
    const task = readPointer(source.memory, offsetBy(threadState, lists.threadRunningTask), 'running task');
    if (task !== undefined) found.push(task);
  }
  for (const dict of currentTasks)
    for (const { value } of readDictEntries(source, dict)) if (found.length < MOST_TASKS) found.push(value);
  return found;
}
