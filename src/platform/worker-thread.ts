import { existsSync, readlinkSync, writeFileSync } from 'node:fs';
import { basename } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parentPort, Worker, workerData } from 'node:worker_threads';
import { silently } from './errno.ts';
import { readSystemText } from './system-file.ts';

/** Where a built file may lie, seen from this module: as a part of `dist/index.js`, of `dist/cli`, or in a source tree. */
const PLACES = ['./', '../', '../../dist/'];

/** A thread of ours that runs a file of the built package. */
export interface WorkerThread {
  /** Settles with what the thread sends as its last word. */
  readonly ended: Promise<unknown>;
  /** Calls with each message that comes. */
  onMessage(listener: (message: unknown) => void): void;
}

/**
 * Starts a thread that runs a file of the package with this data.
 * @throws {RangeError} when the package is incomplete
 */
export function startWorker(fileName: string, data: object): WorkerThread {
  const file = PLACES.map((place) => new URL(`${place}${fileName}`, import.meta.url)).find((url) =>
    existsSync(url),
  );
  if (file === undefined) throw new RangeError(`Cannot find ${fileName}: the package is incomplete`);
  // It closes what it opens, also descriptors that Node.js has not opened and would complain of.
  const worker = new Worker(fileURLToPath(file), { workerData: data, trackUnmanagedFds: false });
  let last: unknown;
  worker.on('message', (message) => {
    last = message;
  });
  return {
    ended: new Promise((resolve, reject) => {
      worker.once('error', reject);
      worker.once('exit', () => resolve(last));
    }),
    onMessage: (listener) => {
      worker.on('message', listener);
    },
  };
}

/** What the thread that runs this was started with. */
export function ownWorkerData(): unknown {
  return workerData;
}

/** Sends a message to the thread that started this one. */
export function sendToStarter(message: object): void {
  parentPort?.postMessage(message);
}

/** User and system time of the thread that asks, in nanoseconds; 0 where the kernel does not keep it. */
export function ownCpuNs(): number {
  return Number(/^\d+/u.exec(readSystemText('/proc/thread-self/schedstat'))?.[0] ?? 0);
}

/**
 * Has the kernel wake the thread that asks when it wanted to be woken, and not up to 50 µs later so that it can be woken
 * together with others (PR_SET_TIMERSLACK of prctl(2)).
 */
export function wakeOnTime(): void {
  silently(() => writeFileSync(`/proc/${basename(readlinkSync('/proc/thread-self'))}/timerslack_ns`, '1'));
}
