import { hex } from '../base/address.ts';
import type { CoreFacts, CoreSignal } from '../model/core-signal.ts';
import { signalAddressKind, signalCodeWords, signalName } from './signal-words.ts';

const SIGTRAP = 5;
const SIGSEGV = 11;
const SI_KERNEL = 0x80;

/** Signals whose default action is a core (signal(7)): with these a process that a debugger held had come to its end. */
const FATAL: ReadonlySet<number> = new Set([3, 4, 6, 7, 8, 11, 24, 25, 31]);

/** A pointer into a small object at NULL lies here; the kernel maps nothing below 64 KiB (vm.mmap_min_addr). */
const NEAR_NULL_BYTES = 0x1_0000n;

/**
 * Tells why a process ended, in one sentence without a full stop. It begins as PyStack's does, which scripts match:
 *
 *     The process died due a segmentation fault accessing address: 0x0 (a NULL pointer, nothing is mapped there)
 *     The process died due receiving signal SIGFPE (integer division by zero, at instruction 0x7f12)
 *     The process died due receiving signal SIGABRT (sent with tgkill, as raise and abort do) sent by pid 7 (itself)
 *
 * A core that a debugger wrote of a running process has the signal that the debugger stopped it with, or none: that is
 * no death.
 * @returns `undefined` when the core does not say
 */
export function deathCause(facts: CoreFacts): string | undefined {
  const { signal, writer } = facts;
  if (signal === undefined) return undefined;
  if (signal.number === 0 || (writer === 'debugger' && !FATAL.has(signal.number))) return ON_DEMAND;
  const details = detailsOf(signal).join(', ');
  const remark = details === '' ? '' : ` (${details})`;
  if (signal.number === SIGSEGV && signal.address !== undefined) {
    return `${SEGMENTATION_FAULT} ${hex(signal.address)}${remark}`;
  }
  return `${RECEIVED} ${signalName(signal.number)}${remark}${senderOf(signal, facts)}`;
}

const ON_DEMAND = 'The core file seems to have been generated on demand (the process did not crash)';
const SEGMENTATION_FAULT = 'The process died due a segmentation fault accessing address:';
const RECEIVED = 'The process died due receiving signal';

function detailsOf(signal: CoreSignal): readonly string[] {
  const { number, code, address, systemCall } = signal;
  const details: string[] = [];
  if (number === SIGSEGV && address !== undefined) details.push(...nullWords(address));
  const words = code === undefined ? undefined : codeWords(signal, code);
  if (words !== undefined) details.push(words);
  if (address !== undefined && number !== SIGSEGV) {
    details.push(
      `${signalAddressKind(number) === 'instruction' ? 'at instruction' : 'accessing address'} ${hex(address)}`,
    );
  }
  if (systemCall !== undefined) details.push(`system call ${systemCall}`);
  return details;
}

function nullWords(address: bigint): readonly string[] {
  if (address === 0n) return ['a NULL pointer'];
  return address < NEAR_NULL_BYTES ? ['close to a NULL pointer'] : [];
}

function codeWords({ number }: CoreSignal, code: number): string | undefined {
  // What the processor refuses without naming an address: mostly one that no process can have.
  if (number === SIGSEGV && code === SI_KERNEL) return 'a general protection fault, the address is not known';
  if (number === SIGTRAP && code === SI_KERNEL) return 'a breakpoint instruction';
  return signalCodeWords(number, code) ?? `code ${code}`;
}

function senderOf({ sender }: CoreSignal, { process }: CoreFacts): string {
  if (sender === undefined) return '';
  const isItself = process !== undefined && sender.pid === process.pid;
  // Pid 0 stands for a sender in a pid namespace that the process does not see (kill(2) of another container).
  if (sender.pid === 0) return ' sent by a process that it could not see';
  return ` sent by pid ${sender.pid} (${isItself ? 'itself' : `uid ${sender.uid}`})`;
}
