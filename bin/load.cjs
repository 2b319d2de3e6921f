// Loads the command line with what V8 compiled of it when it was built (docs/decisions/0012-compiled-when-built.md).
const { readFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { join } = require('node:path');
const { compile } = require('./compile.cjs');

const DIRECTORY = join(__dirname, '../dist/cli');
const modules = new Map();
const requireThere = createRequire(join(DIRECTORY, 'start.cjs'));

/** The modules that every run needs, as functions by their names. */
let together = {};

/** Loads a module of the command line. */
function load(name) {
  const known = modules.get(name);
  if (known !== undefined) return known.exports;
  const module = { exports: {} };
  modules.set(name, module);
  const run = together[name] ?? open(name);
  const requireOne = (id) => (id.startsWith('./') ? load(id.slice(2)) : requireThere(id));
  run.call(module.exports, module.exports, requireOne, module, join(DIRECTORY, name), DIRECTORY);
  return module.exports;
}

/** Opens a file; V8 compiles it anew where the compiled code is another version's, or is not there. */
function open(name) {
  const filename = join(DIRECTORY, name);
  return compile(filename, compiledCode(`${filename}.compiled`)).runInThisContext();
}

function compiledCode(path) {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

together = load('start.cjs');

exports.load = load;
