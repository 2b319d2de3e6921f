import { type Address, isAddress, toAddress, WORD_BYTES } from '../base/address.ts';
import { readMaps } from '../platform/process-files.ts';
import { readThreadSyscall } from '../platform/thread-files.ts';

/** The part of a thread's C stack that is in use: from its stack pointer to the end of the mapping. */
export interface LiveStack {
  readonly threadId: number;
  readonly from: Address;
  readonly to: Address;
}

/** Reads where the stacks of threads are; those of threads that run at the moment are not to be had. */
export function readLiveStacks(pid: number, threadIds: readonly number[]): readonly LiveStack[] {
  const mappings = readMaps(pid);
  return threadIds.flatMap((threadId) => {
    const state = readThreadSyscall(pid, threadId);
    if (state === undefined || state.kind === 'running') return [];
    const pointer = Number(state.stackPointer - (state.stackPointer % BigInt(WORD_BYTES)));
    if (!isAddress(pointer)) return [];
    const mapping = mappings.find(({ start, end }) => start <= pointer && pointer < end);
    return mapping === undefined ? [] : [{ threadId, from: toAddress(pointer), to: mapping.end }];
  });
}
