// How V8 compiles the command line: the same when it is built and when it runs, as V8 takes compiled code only then.
const { readFileSync } = require('node:fs');
const { setFlagsFromString } = require('node:v8');
const { Script } = require('node:vm');

// Most of what we run is over before it would be compiled for speed: that begins 15 times later than usual, which takes
// a quarter to a third off the processor time of a first look at native stacks, and none is slower (bench/RESULTS.md).
// V8 calls it otherwise in each of these versions, and complains of what it does not know.
const SPEED = {
  20: { flag: '--interrupt-budget', later: 1_000_000, usual: 67_584 },
  22: { flag: '--invocation-count-for-turbofan', later: 45_000, usual: 3000 },
  24: { flag: '--invocation-count-for-turbofan', later: 45_000, usual: 3000 },
}[Number.parseInt(process.versions.node, 10)];

exports.setFlags = () => {
  // We run beside production: a smaller heap for new objects saves 12 MB of memory on 500 threads and costs no time.
  setFlagsFromString('--semi-space-growth-factor=1');
  if (SPEED !== undefined) setFlagsFromString(`${SPEED.flag}=${SPEED.later}`);
};

/** For what does the same for minutes. What is loaded after this is compiled anew: V8 takes compiled code of other flags for that of another version. */
exports.compileSoon = () => {
  if (SPEED !== undefined) setFlagsFromString(`${SPEED.flag}=${SPEED.usual}`);
};

/** A file of functions, not yet run. */
exports.compile = (filename, cachedData) =>
  new Script(readFileSync(filename, 'latin1'), { filename, cachedData });
