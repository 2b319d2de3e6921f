import type { Address } from '../../base/address.ts';
import type { Memory, MemoryWrite } from '../../base/ports.ts';

/** Bits of the `eval_breaker` that each thread has, cpython/Include/internal/pycore_ceval.h, 3.13 to 3.15. */
const GIL_DROP_REQUEST = 1 << 0;
const SIGNALS_PENDING = 1 << 1;
const CALLS_TO_DO = 1 << 2;
const ASYNC_EXCEPTION = 1 << 3;

/** `_PY_EVAL_PLEASE_STOP_BIT`, 3.14 and 3.15: where PEP 768 has a thread look up. */
export const PLEASE_STOP = 1 << 5;

/** What other threads may set at any moment: to look once more for what is not there does nothing. */
const HARMLESS = SIGNALS_PENDING | CALLS_TO_DO | ASYNC_EXCEPTION;

/**
 * What to write to have a thread look up, for pending calls at least. CPython changes single bits of the word by atomic
 * instructions, which cannot be done from outside; so only its lowest byte is written, with the events, and not the version
 * of the instrumentation above. An event that was set meanwhile is not lost, as it is set in any case; garbage is
 * collected at the next allocation, and a request to give up the GIL is made again at the next switch interval.
 * @param isStill whether the thread is stopped. One that wakes may have given the GIL up meanwhile: asked for that again,
 * it would wait for another thread that takes it.
 */
export function lookUpWrite(
  memory: Memory,
  breaker: Address,
  { isStill, event = 0 }: { readonly isStill: boolean; readonly event?: number },
): MemoryWrite {
  const [events = 0] = memory.read(breaker, 1);
  const kept = isStill ? events : events & ~GIL_DROP_REQUEST;
  return { address: breaker, bytes: Uint8Array.of(kept | HARMLESS | event) };
}
