#!/usr/bin/env node
require('./compile.cjs').setFlags();
require('./load.cjs').load('main').main();
