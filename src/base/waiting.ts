import type { CancelSignal } from './cancellation.ts';

/** Lets time pass, or less when it is called off. Unlike a race with what calls it off, it leaves nothing behind there. */
export function waitOrLess(ms: number, signal: CancelSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) {
      resolve();
      return;
    }
    const end = (): void => {
      clearTimeout(timer);
      signal.removeEventListener('abort', end);
      resolve();
    };
    const timer = setTimeout(end, ms);
    signal.addEventListener('abort', end);
  });
}
