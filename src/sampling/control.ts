import type { SamplingClock } from './sampler.ts';

/** What the thread that samples is told; it looks whenever it would sleep. */
const Command = { sample: 0, stop: 1, take: 2 } as const;

/** How sampling goes, as far as a line on a screen tells it. */
export interface SamplingProgress {
  readonly sweeps: number;
  readonly samples: number;
  readonly torn: number;
  readonly unreadable: number;
  readonly missed: number;
  readonly elapsedNs: number;
}

/** Where each of them is. */
const AT = {
  sweeps: 0,
  samples: 1,
  torn: 2,
  unreadable: 3,
  missed: 4,
  elapsedNs: 5,
} as const satisfies Record<keyof SamplingProgress, number>;

/** Memory that the thread that samples and the one that shows what comes of it share: data to be sent along at the start. */
export interface SharedControl {
  readonly command: Int32Array;
  readonly counters: Float64Array;
}

/** Makes the memory that two threads share. */
export function makeSharedControl(): SharedControl {
  return {
    command: new Int32Array(new SharedArrayBuffer(4)),
    counters: new Float64Array(new SharedArrayBuffer(8 * Object.keys(AT).length)),
  };
}

/** Has sampling end: at once, if it sleeps. */
export function requestStop({ command }: SharedControl): void {
  Atomics.store(command, 0, Command.stop);
  Atomics.notify(command, 0);
}

/** Has what was found so far be sent. */
export function requestWindow({ command }: SharedControl): void {
  if (Atomics.compareExchange(command, 0, Command.sample, Command.take) === Command.sample)
    Atomics.notify(command, 0);
}

/** Reads how sampling goes: each number is right, though not all of the same moment. */
export function readProgress({ counters }: SharedControl): SamplingProgress {
  const at = (place: number): number => counters[place] ?? 0;
  return {
    sweeps: at(AT.sweeps),
    samples: at(AT.samples),
    torn: at(AT.torn),
    unreadable: at(AT.unreadable),
    missed: at(AT.missed),
    elapsedNs: at(AT.elapsedNs),
  };
}

/** Says how sampling goes: after each sweep, so without a loop over names. */
export function publishProgress({ counters }: SharedControl, progress: SamplingProgress): void {
  counters[AT.sweeps] = progress.sweeps;
  counters[AT.samples] = progress.samples;
  counters[AT.torn] = progress.torn;
  counters[AT.unreadable] = progress.unreadable;
  counters[AT.missed] = progress.missed;
  counters[AT.elapsedNs] = progress.elapsedNs;
}

/** To fall asleep and wake takes about as much CPU time as to wait for so long. */
const SHORT_WAIT_NS = 40_000;

/** Sleeps until a moment of a clock; `false` when sampling is to end. `take` is called when somebody wants a part. */
export function sleepUntil(
  { command }: SharedControl,
  dueNs: number,
  { nowNs }: Pick<SamplingClock, 'nowNs'>,
  take: () => void,
): boolean {
  for (;;) {
    const wanted = Atomics.load(command, 0);
    if (wanted === Command.stop) return false;
    if (wanted === Command.take) {
      take();
      // A wish to stop that came meanwhile stays.
      Atomics.compareExchange(command, 0, Command.take, Command.sample);
    }
    const leftNs = dueNs - nowNs();
    if (leftNs <= 0) return true;
    if (leftNs > SHORT_WAIT_NS) Atomics.wait(command, 0, Command.sample, leftNs / 1e6);
  }
}
