import { syscallName } from './proc/syscall-names.ts';

/** Finds what a system call of this machine is called; `undefined` for one that we have no name for. */
export function nameOfSyscall(number: number): string | undefined {
  return syscallName(process.arch, number);
}
