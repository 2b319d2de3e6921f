// Loads the command line with what V8 compiled of it when it was built (docs/decisions/0012-compiled-when-built.md).
const { readFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { dirname, join } = require('node:path');
const { compile } = require('./compile.cjs');

const DIRECTORY = join(__dirname, '../dist/cli');
const modules = new Map();

/** Loads a file of the command line; V8 compiles it anew where the compiled code is another version's, or is not there. */
function load(name) {
  const known = modules.get(name);
  if (known !== undefined) return known.exports;
  const module = { exports: {} };
  modules.set(name, module);
  const filename = join(DIRECTORY, name);
  const requireThere = createRequire(filename);
  const requireOne = (id) => (id.startsWith('./') ? load(id.slice(2)) : requireThere(id));
  const run = compile(filename, compiledCode(`${filename}.compiled`)).runInThisContext();
  run.call(module.exports, module.exports, requireOne, module, filename, dirname(filename));
  return module.exports;
}

function compiledCode(path) {
  try {
    return readFileSync(path);
  } catch {
    return undefined;
  }
}

exports.load = load;
