/** What sampling does with the machine itself: a thread of its own, its clock, and which processes there are. */
export { listChildIds } from '../platform/child-ids.ts';
export { ignoreStopsOfChild } from '../platform/child-stops.ts';
export { goFirstInLine, leaveFirstInLine } from '../platform/first-in-line.ts';
export { releaseLeftBehind } from '../platform/left-behind.ts';
export { monotonicNs } from '../platform/monotonic-clock.ts';
export { checkSharesCpus } from '../platform/same-cpu.ts';
export {
  ownCpuNs,
  ownWorkerData,
  sendToStarter,
  startWorker,
  type WorkerThread,
  wakeOnTime,
} from '../platform/worker-thread.ts';
