/** What sampling does with the machine itself: a thread of its own, and its clock. */
export { ignoreStopsOfChild } from '../platform/child-stops.ts';
export { releaseLeftBehind } from '../platform/left-behind.ts';
export { monotonicNs } from '../platform/monotonic-clock.ts';
export {
  ownCpuNs,
  ownWorkerData,
  sendToStarter,
  startWorker,
  type WorkerThread,
} from '../platform/worker-thread.ts';
