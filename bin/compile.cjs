// How V8 compiles the command line: the same when it is built and when it runs, as V8 takes compiled code only then.
const { readFileSync } = require('node:fs');
const { setFlagsFromString } = require('node:v8');
const { Script } = require('node:vm');

// Most of what we run is over before it would be compiled for speed: that begins 15 times later than usual, which takes
// a quarter to a third off the processor time of a first look at native stacks, and none is slower (bench/RESULTS.md).
// V8 calls it otherwise in each of these versions, and complains of what it does not know.
const LATER = {
  20: '--interrupt-budget=1000000',
  22: '--invocation-count-for-turbofan=45000',
  24: '--invocation-count-for-turbofan=45000',
};

exports.setFlags = () => {
  // We run beside production: a smaller heap for new objects saves 12 MB of memory on 500 threads and costs no time.
  setFlagsFromString('--semi-space-growth-factor=1');
  const later = LATER[Number.parseInt(process.versions.node, 10)];
  if (later !== undefined) setFlagsFromString(later);
};

/** A file of functions, not yet run. */
exports.compile = (filename, cachedData) =>
  new Script(readFileSync(filename, 'latin1'), { filename, cachedData });
