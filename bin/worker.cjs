// Runs the code of a thread of ours with what V8 compiled of it when it was built, as load.cjs does for the command line.
const { dirname } = require('node:path');
const { open } = require('./compile.cjs');

exports.run = (path) => open(path)({}, require, { exports: {} }, path, dirname(path));
