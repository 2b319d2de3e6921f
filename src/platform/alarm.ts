import type { Libc } from './libc.ts';
import { SIGNAL_ACTION } from './signal-action.ts';
import { readSystemText } from './system-file.ts';

// include/uapi/linux/time.h and asm-generic/siginfo.h
const CLOCK_MONOTONIC = 1;
const SIGEV_THREAD_ID = 4;

/** `struct sigevent`: a value of 8 bytes, the signal, how it is sent, and the thread that gets it. */
const SIGNAL_EVENT = { sizeBytes: 64, signal: 8, notify: 12, threadId: 16 } as const;

/** SIGRTMAX and others that nobody else has use for: the C libraries themselves take those from 32 to 34. */
const FIRST_SIGNAL = 64;
const LAST_SIGNAL = 48;

/** By its handler a signal is known to be ours. JavaScript cannot run in one: abs(3) can, and does nothing. */
const HANDLER = 'abs';

/** How often it comes: later than the scheduler's own ticks, so that to set it costs no setting of the clock. */
const EVERY_NS = 10_000_000n;

/** `struct itimerspec`: the interval and the first time, in seconds and nanoseconds each. */
const RINGING = BigInt64Array.of(0n, EVERY_NS, 0n, EVERY_NS);
const SILENT = new BigInt64Array(4);

/**
 * A signal that comes to the thread of ours that opened it, again and again while it is set: whatever system call it sleeps in
 * ends with EINTR then.
 */
export class Alarm implements Disposable {
  readonly #libc: Libc;
  readonly #timer: number;

  private constructor(libc: Libc, timer: number) {
    this.#libc = libc;
    this.#timer = timer;
  }

  /** `undefined` where there is no signal for it, or the thread would not get it. */
  static open(libc: Libc): Alarm | undefined {
    own ??= { event: findEvent(libc) };
    const timer = own.event && libc.createTimer(CLOCK_MONOTONIC, own.event);
    return timer === undefined ? undefined : new Alarm(libc, timer);
  }

  set(): void {
    this.#libc.setTimer(this.#timer, RINGING);
  }

  clear(): void {
    this.#libc.setTimer(this.#timer, SILENT);
  }

  [Symbol.dispose](): void {
    this.#libc.deleteTimer(this.#timer);
  }
}

/** To which thread which signal is sent. Each thread of ours that runs JavaScript has this module for itself. */
let own: { readonly event: Uint8Array | undefined } | undefined;

function findEvent(libc: Libc): Uint8Array | undefined {
  const status = readSystemText('/proc/thread-self/status');
  const threadId = Number(/^Pid:\s*(\d+)$/mu.exec(status)?.[1]);
  const blocked = BigInt(`0x${/^SigBlk:\s*([\da-f]+)$/mu.exec(status)?.[1] ?? 'f'.repeat(16)}`);
  for (let signal = FIRST_SIGNAL; signal >= LAST_SIGNAL; signal -= 1) {
    const isBlocked = ((blocked >> BigInt(signal - 1)) & 1n) === 1n;
    if (!isBlocked && takeSignal(libc, signal)) return eventOf(signal, threadId);
  }
  return undefined;
}

/** Has a signal do nothing but end system calls; `false` for one that somebody else has use for. */
function takeSignal(libc: Libc, signal: number): boolean {
  const handler = libc.addressOf(HANDLER);
  const action = new Uint8Array(SIGNAL_ACTION.sizeBytes);
  const handlerOf = new BigUint64Array(action.buffer, SIGNAL_ACTION.handler, 1);
  if (handler === undefined || libc.sigaction(signal, undefined, action) < 0) return false;
  if (handlerOf[0] === handler) return true;
  if (handlerOf[0] !== 0n) return false;
  handlerOf[0] = handler;
  return libc.sigaction(signal, action, undefined) === 0;
}

function eventOf(signal: number, threadId: number): Uint8Array {
  const event = new Uint8Array(SIGNAL_EVENT.sizeBytes);
  const words = new Int32Array(event.buffer);
  words[SIGNAL_EVENT.signal / 4] = signal;
  words[SIGNAL_EVENT.notify / 4] = SIGEV_THREAD_ID;
  words[SIGNAL_EVENT.threadId / 4] = threadId;
  return event;
}
