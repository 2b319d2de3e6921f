import { StructView } from '../base/struct-view.ts';
import { StructWriter } from '../base/struct-writer.ts';
import { isRepeatableCall } from './interrupted-calls.ts';
import { INTERRUPTED_REGISTERS, type Interruption, type StandingPoint } from './interruption.ts';
import type { Libc, NativeBuffer } from './libc.ts';
import type { BlockedCall, SyscallState } from './proc/syscall.ts';
import { REGISTER_SET_BYTES, REGISTERS, syscallOfPtRegisters, syscallOfRegisters } from './register-set.ts';
import { readThreadStat, readThreadSyscall } from './thread-files.ts';
import { SIGINFO, WAIT } from './waitid.ts';

// include/uapi/linux/ptrace.h
const PTRACE_DETACH = 17;
const PTRACE_SEIZE = 0x4206;
const PTRACE_GETREGSET = 0x4204;
const PTRACE_SETREGSET = 0x4205;
const PTRACE_INTERRUPT = 0x4207;
const PTRACE_GETSIGMASK = 0x420a;
const PTRACE_SECCOMP_GET_FILTER = 0x420c;

// include/uapi/linux/elf.h
const NT_PRSTATUS = 1;
const NT_PRFPREG = 2;
const NT_X86_XSTATE = 0x202;
const NT_ARM_TLS = 0x401;
const NT_ARM_ZA = 0x40c;
const NT_ARM_GCS = 0x410;

/** `struct iovec`. */
const IOVEC = { length: 8, sizeBytes: 16 } as const;

/** `sizeof` of the kernel's `sigset_t`, and of a pointer. */
const SIGSET_BYTES = 8;
const POINTER_BYTES = 8;
/** Of an instruction of aarch64. */
const INSTRUCTION_BYTES = 4;

/** `struct user_fpsimd_state` of aarch64 (arch/arm64/include/uapi/asm/ptrace.h). */
const FPSIMD_STATE_BYTES = 528;
/** `struct user_za_header`: all there is of a matrix that is switched off; and `struct user_gcs`, which begins with what is on. */
const ZA_HEADER_BYTES = 16;
const GCS_BYTES = 24;
const PR_SHADOW_STACK_ENABLE = 1n;

/** More than any processor has of them: AMX's tiles alone are 8 KiB (`XSAVE`, Intel SDM volume 1, 13.4). */
const EXTENDED_STATE_BYTES = 64 << 10;

const { WNOHANG, WSTOPPED, WEXITED, WNOWAIT, WALL } = WAIT;

/** si_code of a tracee that stopped: CLD_TRAPPED. */
const CLD_TRAPPED = 4;

const EPERM = 1;
const EINTR = 4;
const ECHILD = 10;
const ENOENT = 2;

/** `sizeof(struct sock_filter)`, and more filters than the kernel lets a thread have of the shortest. */
const FILTER_STEP_BYTES = 8;
const MOST_FILTERS = 10_000;

/**
 * How a seized thread stands: still on its way to a stop; stopped; ended; or no tracee of ours any more, since an
 * execve(2) of this very thread gave it the id of its process.
 */
export type TraceeState = 'stopping' | 'stopped' | 'ended' | 'renamed';

const isX86 = process.arch === REGISTERS.architecture;

/**
 * Tells whether an interrupted system call can be made to begin again on this machine: where the kernel looks at the
 * result after the stop, as arch/x86/kernel/signal.c does; arch/arm64/kernel/signal.c has looked before.
 */
export function canRepeatCalls(): boolean {
  return isX86;
}

/** What came of the attempt to seize a thread: `refused` is EPERM, `gone` means that no such thread is there. */
export type SeizeOutcome = 'seized' | 'refused' | 'gone';

/**
 * A thread that we trace. Seized, never attached: whatever becomes of us, the kernel lets it run on then, and no
 * SIGSTOP of ours can be left behind.
 */
export class Tracee {
  readonly processId: number;
  readonly threadId: number;
  readonly #libc: Libc;
  readonly #role: 'paused' | 'borrowed';
  readonly #siginfo = new Uint8Array(SIGINFO.sizeBytes);
  /** A signal that stopped the thread before our interrupt did, to be delivered when we let it go. */
  #heldSignal = 0;
  #isNoted = false;
  /** As they were when the thread came to its stop; `undefined` before, and where they cannot be read. */
  #registers: StructView | undefined;
  /** `TPIDR_EL0`, which aarch64 has in a set of its own. */
  #tls: StructView | undefined;
  /** What the stopped thread does where more than its registers is needed to tell. */
  #syscall: SyscallState | undefined;

  /** @param role a `borrowed` one is stopped for its own sake: its system call is left as the interrupt left it */
  constructor(libc: Libc, processId: number, threadId: number, role: 'paused' | 'borrowed' = 'paused') {
    this.#libc = libc;
    this.#role = role;
    this.processId = processId;
    this.threadId = threadId;
  }

  seize(): SeizeOutcome {
    const result = this.#libc.ptrace(PTRACE_SEIZE, this.threadId, 0);
    if (result === 0) return 'seized';
    return result === -EPERM ? 'refused' : 'gone';
  }

  /** Asks the thread to stop before it next runs in user mode. One that has ended meanwhile says so in `poll`. */
  interrupt(): void {
    this.#libc.ptrace(PTRACE_INTERRUPT, this.threadId, 0);
  }

  /**
   * Looks how the thread stands, without waiting. WNOWAIT leaves the stop as it is: consuming it would make the kernel
   * forget the signal of a signal-delivery-stop, which were lost then if we died before the detach
   * (kernel/exit.c, `wait_task_stopped`).
   */
  poll(): TraceeState {
    const result = this.#libc.waitid(
      this.threadId,
      this.#siginfo,
      WSTOPPED | WEXITED | WNOHANG | WNOWAIT | WALL,
    );
    if (result === -ECHILD) return 'renamed';
    if (result < 0) throw new RangeError(`waitid failed with errno ${-result}`);
    const siginfo = new StructView(this.#siginfo, 'siginfo_t');
    if (siginfo.i32(SIGINFO.pid) === 0) return 'stopping';
    if (siginfo.i32(SIGINFO.code) !== CLD_TRAPPED) {
      this.#reap();
      return 'ended';
    }
    // The status is the signal, and above it the event: PTRACE_EVENT_STOP for our interrupt and for a group-stop,
    // which the kernel resumes after the detach by itself; none for the delivery of a signal, which waits for us.
    const status = siginfo.i32(SIGINFO.status);
    this.#heldSignal = status >> 8 === 0 ? status : 0;
    if (!this.#isNoted) this.#note();
    return 'stopped';
  }

  /**
   * Sleeps until the thread has stopped or ended; `false` when a signal came before. A thread in an uninterruptible sleep does
   * neither: only an {@link Alarm} ends the wait for it.
   */
  sleepUntilStop(): boolean {
    return this.#libc.waitid(this.threadId, this.#siginfo, WSTOPPED | WEXITED | WNOWAIT | WALL) !== -EINTR;
  }

  /** Lets the thread go; `false` while that cannot be done, since it has neither stopped nor ended yet. */
  release(): boolean {
    if (this.#detach()) return true;
    const state = this.poll();
    return state === 'stopped' ? this.#detach() : state !== 'stopping';
  }

  /**
   * Has a system call that our interrupt ended with EINTR begun again when the thread runs on. It can only have begun
   * in the moment before, since a thread that was seen sleeping in it is not interrupted (docs/decisions/0008). A signal
   * that is on its way makes it EINTR after all on x86-64, as it would have without us.
   * @param seen the call that the thread was seen in, which the registers of aarch64 do not tell when it has answered
   */
  repeatInterruptedCall(seen?: BlockedCall): void {
    const set = this.registers;
    const call = this.#callInRegisters ?? seen;
    if (call === undefined || set === undefined || !isRepeatableCall(call.number)) return;
    if (this.interruptionOf(call) !== 'answers') return;
    this.writeRegisters(INTERRUPTED_REGISTERS?.beginningAgain(call, set) ?? set);
  }

  /** What became of a call that the thread was seen in before it was stopped; see {@link Interruption}. */
  interruptionOf(seen: BlockedCall): Interruption | undefined {
    const set = this.registers;
    return set === undefined ? undefined : INTERRUPTED_REGISTERS?.interruptionOf(seen, set);
  }

  /** Has the call answer EINTR in which {@link interruptionOf} finds the thread; `false` when that cannot be done. */
  endCall(seen: BlockedCall): boolean {
    const set = this.registers;
    const changed = set === undefined ? undefined : INTERRUPTED_REGISTERS?.answering(seen, set);
    return changed !== undefined && this.writeRegisters(changed);
  }

  /**
   * Tells what the thread did when it came to its stop, also after it was let go; `undefined` before. Its registers
   * tell the same as its syscall file in /proc, for a tenth of the time.
   */
  get syscall(): SyscallState | undefined {
    const registers = isX86 ? this.#registers : undefined;
    return registers === undefined ? this.#syscall : syscallOfRegisters(registers.bytes);
  }

  /** The general registers as they were when the thread came to its stop; `undefined` where they cannot be read. */
  get registers(): Uint8Array | undefined {
    return this.#registers?.bytes;
  }

  /** Where the thread came to its stop; `undefined` before, and where the registers cannot be read. */
  get point(): StandingPoint | undefined {
    return this.registers === undefined ? undefined : INTERRUPTED_REGISTERS?.pointOf(this.registers);
  }

  /** `undefined` before the stop, and where the registers cannot be read. */
  get threadPointer(): bigint | undefined {
    if (isX86) return this.#registers?.u64(REGISTERS.threadPointer);
    return this.#tls?.u64(0);
  }

  /** Whether a signal that is to be delivered stopped the thread, before our interrupt did. */
  get holdsSignal(): boolean {
    return this.#heldSignal !== 0;
  }

  /** Gives a stopped thread other general registers, all at once: one system call, so that there is no halfway. */
  writeRegisters(registers: Uint8Array): boolean {
    const buffer = this.#libc.allocate(registers.length);
    buffer.bytes.set(registers);
    return this.#libc.ptraceTransfer(PTRACE_SETREGSET, this.threadId, vectorOf(buffer), NT_PRSTATUS) === 0;
  }

  /** Which signals a stopped thread blocks, those aside that its system call blocks meanwhile. */
  readSignalMask(): bigint | undefined {
    const bytes = new Uint8Array(SIGSET_BYTES);
    const result = this.#libc.ptraceTransfer(PTRACE_GETSIGMASK, this.threadId, bytes, SIGSET_BYTES);
    return result === 0 ? new StructView(bytes, 'sigset_t').u64(0) : undefined;
  }

  /**
   * The seccomp filters of a stopped thread, as arrays of `struct sock_filter`; `undefined` where the kernel does not
   * show them, as to all who lack CAP_SYS_ADMIN.
   */
  readFilters(): readonly Uint8Array[] | undefined {
    const filters: Uint8Array[] = [];
    for (; filters.length < MOST_FILTERS; ) {
      const at = filters.length;
      const length = this.#libc.ptrace(PTRACE_SECCOMP_GET_FILTER, this.threadId, 0, at);
      if (length < 0) return length === -ENOENT && at > 0 ? filters : undefined;
      const bytes = new Uint8Array(length * FILTER_STEP_BYTES);
      const read = this.#libc.ptraceTransfer(PTRACE_SECCOMP_GET_FILTER, this.threadId, bytes, at);
      if (read !== length) return undefined;
      filters.push(bytes);
    }
    return undefined;
  }

  /**
   * The registers of a stopped thread beside the general ones: as XSAVE stores them in its standard format; of aarch64 `struct
   * user_fpsimd_state`. `undefined` where that is not all there is: a matrix of SME, a stack of return addresses.
   */
  readExtendedState(): Uint8Array | undefined {
    if (isX86) return this.#readRegisterSet(NT_X86_XSTATE, EXTENDED_STATE_BYTES)?.bytes;
    // Those of SVE are lost in a system call (Documentation/arch/arm64/sve.rst), but for what they share with these.
    const matrix = this.#readRegisterSet(NT_ARM_ZA, ZA_HEADER_BYTES);
    const guarded = this.#readRegisterSet(NT_ARM_GCS, GCS_BYTES);
    if (matrix !== undefined && matrix.u32(0) > ZA_HEADER_BYTES) return undefined;
    if (guarded !== undefined && (guarded.u64(0) & PR_SHADOW_STACK_ENABLE) !== 0n) return undefined;
    return this.#readRegisterSet(NT_PRFPREG, FPSIMD_STATE_BYTES)?.bytes;
  }

  get #callInRegisters(): BlockedCall | undefined {
    const { syscall } = this;
    return syscall?.kind === 'inside' ? syscall : undefined;
  }

  /** Keeps what the thread did when it came to its stop. */
  #note(): void {
    this.#isNoted = true;
    const setBytes = REGISTER_SET_BYTES[process.arch] ?? 0;
    const registers = this.#readRegisterSet(NT_PRSTATUS, setBytes);
    // Of a thread in code of 32 bits the kernel gives a shorter set, which has other registers.
    this.#registers = registers?.bytes.length === setBytes ? registers : undefined;
    if (this.#registers === undefined) {
      this.#syscall = readThreadSyscall(this.processId, this.threadId);
    } else if (!isX86) {
      this.#tls = this.#readRegisterSet(NT_ARM_TLS, POINTER_BYTES);
      this.#syscall = syscallOfPtRegisters(this.#registers, (address) => this.#instructionAt(address));
    }
    if (this.#role === 'paused') this.repeatInterruptedCall();
  }

  #readRegisterSet(type: number, mostBytes: number): StructView | undefined {
    const buffer = this.#libc.allocate(mostBytes);
    const vector = vectorOf(buffer);
    const result = this.#libc.ptraceTransfer(PTRACE_GETREGSET, this.threadId, vector, type);
    const readBytes = Number(new StructView(vector, 'iovec').u64(IOVEC.length));
    return result === 0 && readBytes > 0
      ? new StructView(buffer.bytes.subarray(0, readBytes), 'register set')
      : undefined;
  }

  #instructionAt(address: bigint): number | undefined {
    const buffer = this.#libc.allocate(INSTRUCTION_BYTES);
    const local = new BigUint64Array([buffer.address, BigInt(INSTRUCTION_BYTES)]);
    const remote = new BigUint64Array([address, BigInt(INSTRUCTION_BYTES)]);
    const came = this.#libc.processVmReadv(this.processId, local, remote, 1);
    return came === INSTRUCTION_BYTES ? new StructView(buffer.bytes, 'instruction').u32(0) : undefined;
  }

  #detach(): boolean {
    return this.#libc.ptrace(PTRACE_DETACH, this.threadId, this.#heldSignal) === 0;
  }

  /** A thread that ended under a tracer stays until its tracer has seen it; a child of ours is its own parent's, libuv's. */
  #reap(): void {
    const isProcess = this.threadId === this.processId;
    if (isProcess && readThreadStat(this.processId, this.threadId)?.parentId === process.pid) return;
    this.#libc.waitid(this.threadId, this.#siginfo, WEXITED | WNOHANG | WALL);
  }
}

/** A `struct iovec` that stands for a whole buffer. */
function vectorOf({ address, bytes }: NativeBuffer): Uint8Array {
  return new StructWriter(IOVEC.sizeBytes).u64(0, address).u64(IOVEC.length, bytes.length).bytes;
}
