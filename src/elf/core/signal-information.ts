import { StructView } from '../../base/struct-view.ts';

/** Who sent a signal. */
export interface SignalSender {
  readonly pid: number;
  readonly uid: number;
}

/** `siginfo_t` as far as it tells why a process ended: what of its union is valid, and nothing else of it. */
export interface SignalInformation {
  readonly number: number;
  /** `si_code`: above 0 from the kernel, by the meaning that the signal gives it; else from a process. */
  readonly code: number;
  /** `si_errno`, mostly 0. */
  readonly errno: number;
  /**
   * Of a fault: the address that was accessed, or of the instruction (SIGILL, SIGFPE); of SIGSYS the place of the
   * call. All 64 bits, as a fault may have any address.
   */
  readonly address: bigint | undefined;
  readonly sender: SignalSender | undefined;
  /** Of SIGSYS: the system call that was not allowed. */
  readonly systemCall: number | undefined;
}

/** Size of `siginfo_t`, SI_MAX_SIZE of asm-generic/siginfo.h. */
export const SIGNAL_INFORMATION_BYTES = 128;

/** Members of `siginfo_t` on 64-bit Linux (asm-generic/siginfo.h); the union begins at 16. */
const OFFSETS = { number: 0, errno: 4, code: 8, address: 16, pid: 16, uid: 20, systemCall: 24 } as const;

// Signal numbers of asm-generic/signal.h, which x86-64 and aarch64 share.
const FAULTS: ReadonlySet<number> = new Set([4, 5, 7, 8, 11]);
const SIGSYS = 31;

/** si_code of a signal that the kernel sent without saying more. */
const SI_KERNEL = 0x80;
const SI_USER = 0;
const SI_TIMER = -2;
const SI_SIGIO = -5;

/**
 * Parses an NT_SIGINFO. What the union holds follows from the code and the signal, as in `siginfo_layout()` of
 * kernel/signal.c.
 * @throws {MalformedInputError} when it is too short
 */
export function parseSignalInformation(bytes: Uint8Array): SignalInformation {
  const view = new StructView(bytes, 'NT_SIGINFO');
  const number = view.i32(OFFSETS.number);
  const code = view.i32(OFFSETS.code);
  const isFromFault = code > SI_USER && code < SI_KERNEL;
  const hasAddress = isFromFault && (FAULTS.has(number) || number === SIGSYS);
  const hasSender = code <= SI_USER && code !== SI_TIMER && code !== SI_SIGIO && number !== 0;
  return {
    number,
    code,
    errno: view.i32(OFFSETS.errno),
    address: hasAddress ? view.u64(OFFSETS.address) : undefined,
    sender: hasSender ? { pid: view.i32(OFFSETS.pid), uid: view.u32(OFFSETS.uid) } : undefined,
    systemCall: isFromFault && number === SIGSYS ? view.i32(OFFSETS.systemCall) : undefined,
  };
}
