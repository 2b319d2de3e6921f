import { inModule, rowX86 } from './native-stack-writer.ts';

/** Where the stack pointer of the innermost call stands. */
export const STACK = 0x7ffe_0000_1000;

/** The function that runs. */
export const INNER = { start: inModule(0x1000), sizeBytes: 0x100, row: rowX86(16) };
/** The one that calls it. */
export const OUTER = { start: inModule(0x2000), sizeBytes: 0x100, row: rowX86(32) };
const MAIN = { start: inModule(0x3000), sizeBytes: 0x100, row: rowX86(8) };
/** The outermost one. */
export const START = {
  start: inModule(0x4000),
  sizeBytes: 0x100,
  row: rowX86(8, { registers: { 16: { kind: 'undefined' } } }),
};

/** A thread in which main() calls outer(), which calls inner(); start() calls main() and has no caller. */
export const NESTED_CALLS = {
  functions: [INNER, OUTER, MAIN, START],
  registers: { rip: inModule(0x1010), rsp: STACK },
  stack: {
    [STACK + 8]: inModule(0x2020),
    [STACK + 40]: inModule(0x3030),
    [STACK + 48]: inModule(0x4040),
    [STACK + 4096]: 0,
  },
};
