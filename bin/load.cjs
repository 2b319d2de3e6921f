// Loads the command line with what V8 compiled of it when it was built (docs/decisions/0012-compiled-when-built.md).
const { join } = require('node:path');
const { open } = require('./compile.cjs');

const DIRECTORY = join(__dirname, '../dist/cli');
const modules = new Map();
/** The functions of each file that was opened, by the names of their modules. */
const files = new Map();

/** Loads a module of the command line. */
function load(name) {
  const known = modules.get(name);
  if (known !== undefined) return known.exports;
  const module = { exports: {} };
  modules.set(name, module);
  const run = functionsOf(places[name])[name];
  const requireOne = (id) => (id.startsWith('./') ? load(id.slice(2)) : require(id));
  requireOne.resolve = require.resolve;
  run.call(module.exports, module.exports, requireOne, module, join(DIRECTORY, name), DIRECTORY);
  return module.exports;
}

function functionsOf(file) {
  const known = files.get(file);
  if (known !== undefined) return known;
  const functions = open(join(DIRECTORY, `${file}.cjs`));
  files.set(file, functions);
  return functions;
}

/** In which file each module is. */
const { places } = functionsOf('start');

exports.load = load;
