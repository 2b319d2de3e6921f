#!/usr/bin/env node
// Another name of the same program.
require('./pyflight.cjs');
