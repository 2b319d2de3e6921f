/** Once, as `process` is a property with a getter: that would be a third of the time that it takes to read the clock. */
const { hrtime } = process;

/** Milliseconds since some moment. Not `performance.now()`, which loads a module of Node.js at its first use: 3 ms, maybe in a pause. */
export function monotonicMs(): number {
  return Number(hrtime.bigint()) / 1e6;
}

/** Nanoseconds of the same clock: exact to a nanosecond for a hundred days after the boot, and allocates nothing. */
export function monotonicNs(): number {
  const [seconds, nanoseconds] = hrtime();
  return seconds * 1e9 + nanoseconds;
}
