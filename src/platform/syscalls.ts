import { syscallName, syscallNumber } from './proc/syscall-names.ts';

/** Finds what a system call of this machine is called; `undefined` for one that we have no name for. */
export function nameOfSyscall(number: number): string | undefined {
  return syscallName(process.arch, number);
}

/** Finds the number that a system call has on this machine; `undefined` for one that it has not. */
export function numberOfSyscall(name: string): number | undefined {
  return syscallNumber(process.arch, name);
}
