#!/usr/bin/env node
const { setFlags, compileSoon } = require('./compile.cjs');

setFlags();
require('./load.cjs').load('main').main(compileSoon);
