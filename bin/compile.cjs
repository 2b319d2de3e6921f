// How V8 compiles the command line: the same when it is built and when it runs, as V8 takes compiled code only then.
const { readFileSync, readdirSync, writeFileSync } = require('node:fs');
const { join } = require('node:path');
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
const compile = (filename, cachedData) =>
  new Script(readFileSync(filename, 'latin1'), { filename, cachedData });
exports.compile = compile;

/** Compiles all functions of the files in a directory, not only those that are called at once, and keeps that beside them. */
exports.keepCompiled = (directory) => {
  for (const name of readdirSync(directory)) {
    const filename = join(directory, name);
    setFlagsFromString('--no-lazy');
    const script = compile(filename);
    setFlagsFromString('--lazy');
    writeFileSync(`${filename}.compiled`, script.createCachedData());
  }
};

/** Runs a file of functions; V8 compiles it anew where the compiled code is another version's, or is not there. */
exports.open = (path) => compile(path, compiledCode(`${path}.compiled`)).runInThisContext();

function compiledCode(path) {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}
