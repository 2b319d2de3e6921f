import { StructView } from '../../base/struct-view.ts';
import { StructWriter } from '../../base/struct-writer.ts';
import { HeldThread } from '../../platform/held-thread.ts';
import { REGISTERS, syscallOfRegisters } from '../../platform/register-set.ts';
import { readThreadSyscall } from '../../platform/thread-files.ts';
import { type BlockedCall, isRetriedByPython, isUntouched } from './blocked-calls.ts';
import type { InjectionRun } from './injection-run.ts';
import type { PythonThread } from './python-threads.ts';

const EINTR = 4n;

/**
 * Has the system call answer EINTR that a thread sleeps in, where CPython tries it again with the time that remains
 * (PEP 475), after it has looked whether there is something to do. To the program that is as if nothing had been.
 * @returns `false` when the thread does something else, and nothing was changed
 */
export function nudge(run: InjectionRun, seen: PythonThread): boolean {
  // A pause since then has made another call of one with a time limit.
  const thread = { ...seen, syscall: readThreadSyscall(run.pid, seen.id) };
  if (!canBeNudged(run, thread)) return false;
  using held = HeldThread.hold(run.pid, thread.id);
  const registers = held?.registers;
  if (held === undefined || registers === undefined || !isStillIn(thread.syscall, registers)) return false;
  const changed = new StructWriter(registers.length)
    .copy(0, registers)
    .u64(REGISTERS.result, -EINTR)
    .u64(REGISTERS.number, -1n);
  return held.writeRegisters(changed.bytes);
}

/** Tells whether a thread sleeps in a call that it can be woken from. */
export function canBeNudged(run: InjectionRun, thread: PythonThread): boolean {
  const { syscall } = thread;
  if (syscall?.kind !== 'inside') return false;
  return isRetriedByPython({ call: syscall, isOwn: run.isOwnCall(thread), result: undefined });
}

/** Tells whether a thread that was stopped is in the call that it was seen in, and has done nothing of it. */
export function isStillIn(seen: PythonThread['syscall'], registers: Uint8Array): boolean {
  const now = syscallOfRegisters(registers);
  if (seen?.kind !== 'inside' || now?.kind !== 'inside') return false;
  const isSame =
    now.number === seen.number && now.stackPointer === seen.stackPointer && haveSameArguments(seen, now);
  return isSame && isUntouched(new StructView(registers, 'user_regs_struct').i64(REGISTERS.result));
}

function haveSameArguments({ args: before }: BlockedCall, { args: after }: BlockedCall): boolean {
  return before.every((value, index) => after[index] === value);
}
