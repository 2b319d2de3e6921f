import type { GeneratorRules } from './layout.ts';

/** YIELD_FROM of 3.6 to 3.10, cpython/Include/opcode.h. */
const YIELD_FROM = 72;

// `_PyGen_yf`, cpython/Objects/genobject.c, 3.6: the instruction behind f_lasti is YIELD_FROM, f_stacktop is not NULL.
const BY_STACK_TOP: GeneratorRules = {
  states: undefined,
  awaitingStates: undefined,
  awaitingInstruction: { opcodes: [YIELD_FROM], leastArgument: 0 },
  awaitedDepth: 1,
  stackTop: 'pointer',
};

// `enum _framestate`, cpython/Include/cpython/frameobject.h, 3.10; pycore_frame.h, 3.11 and 3.12.
const STATES = { created: -2, executing: 0, ended: 1 };

const RULES_3_10: GeneratorRules = { ...BY_STACK_TOP, states: STATES, stackTop: 'base-and-depth' };

// RESUME_QUICK 150 and RESUME 151, cpython/Include/opcode.h and pycore_opcode.h, 3.11; the argument of a RESUME is 2
// after `yield from` and 3 after `await`.
const RULES_3_11: GeneratorRules = {
  ...RULES_3_10,
  awaitingInstruction: { opcodes: [150, 151], leastArgument: 2 },
  stackTop: 'count',
};

// RESUME 151 and INSTRUMENTED_RESUME 240, cpython/Include/opcode.h, 3.12.
const RULES_3_12: GeneratorRules = {
  ...RULES_3_11,
  awaitingInstruction: { opcodes: [151, 240], leastArgument: 2 },
};

// FRAME_SUSPENDED_YIELD_FROM is -1, cpython/Include/internal/pycore_frame.h, 3.13 and 3.14.
const RULES_3_13: GeneratorRules = {
  ...RULES_3_12,
  states: { created: -3, executing: 0, ended: 1 },
  awaitingStates: [-1],
};

const RULES_3_14: GeneratorRules = { ...RULES_3_13, stackTop: 'pointer' };

// FRAME_SUSPENDED_YIELD_FROM is 2 and its locked form 3, cpython/Include/internal/pycore_frame.h, 3.15. On top of what
// it waits for lies the index that a virtual iterator would need (`_PyFrame_StackPeek`, pycore_interpframe.h).
const RULES_3_15: GeneratorRules = {
  ...RULES_3_14,
  states: { created: 0, executing: 4, ended: 5 },
  awaitingStates: [2, 3],
  awaitedDepth: 2,
};

/** By minor version. */
export const GENERATOR_RULES: Readonly<Record<string, GeneratorRules>> = {
  '2.7': BY_STACK_TOP,
  '3.6': BY_STACK_TOP,
  '3.7': BY_STACK_TOP,
  '3.8': BY_STACK_TOP,
  '3.9': BY_STACK_TOP,
  '3.10': RULES_3_10,
  '3.11': RULES_3_11,
  '3.12': RULES_3_12,
  '3.13': RULES_3_13,
  '3.14': RULES_3_14,
  '3.15': RULES_3_15,
};
