/** Milliseconds since some moment. Not `performance.now()`, which loads a module of Node.js at its first use: 3 ms, maybe in a pause. */
export function monotonicMs(): number {
  return Number(process.hrtime.bigint()) / 1e6;
}
