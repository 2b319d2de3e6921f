import type { AsyncioLayout } from './layout.ts';

// `FutureObj_HEAD` and `TaskObj`, cpython/Modules/_asynciomodule.c. No header declares them: taken from the DWARF of
// `_asyncio.cpython-3….so` (gdb, `ptype /o TaskObj`) of 3.6.15, 3.7.16, 3.8.18, 3.9.18, 3.10.13, 3.11.7, 3.12.1, 3.13.0
// and 3.14.10, which test/live/async-layouts.test.ts does again. Those of 3.15 are in the target's own `.AsyncioDebug`.
// A target whose types have other sizes is told apart when it is read.

const PYTHON_3_6: AsyncioLayout = {
  futureSizeBytes: 88,
  taskSizeBytes: 112,
  loop: 16,
  callback0: undefined,
  callbacks: 24,
  exception: 32,
  sourceTraceback: 48,
  state: 56,
  awaitedBy: undefined,
  isAwaitedBySet: undefined,
  waiter: 88,
  coroutine: 96,
  name: undefined,
};

const PYTHON_3_7: AsyncioLayout = {
  ...PYTHON_3_6,
  futureSizeBytes: 104,
  taskSizeBytes: 136,
  callback0: 24,
  callbacks: 40,
  exception: 48,
  sourceTraceback: 64,
  state: 72,
  waiter: 104,
  coroutine: 112,
};

const PYTHON_3_8: AsyncioLayout = { ...PYTHON_3_7, taskSizeBytes: 144, name: 120 };

const PYTHON_3_9: AsyncioLayout = {
  ...PYTHON_3_8,
  futureSizeBytes: 144,
  taskSizeBytes: 184,
  state: 80,
  waiter: 144,
  coroutine: 152,
  name: 160,
};

const PYTHON_3_10: AsyncioLayout = {
  ...PYTHON_3_9,
  futureSizeBytes: 152,
  taskSizeBytes: 192,
  sourceTraceback: 72,
  state: 88,
  waiter: 152,
  coroutine: 160,
  name: 168,
};

const PYTHON_3_11: AsyncioLayout = {
  ...PYTHON_3_10,
  futureSizeBytes: 128,
  taskSizeBytes: 176,
  waiter: 128,
  coroutine: 136,
  name: 144,
};

const PYTHON_3_13: AsyncioLayout = {
  ...PYTHON_3_11,
  futureSizeBytes: 104,
  taskSizeBytes: 144,
  state: 96,
  waiter: 112,
  coroutine: 120,
  name: 128,
};

const PYTHON_3_14: AsyncioLayout = {
  ...PYTHON_3_13,
  futureSizeBytes: 112,
  taskSizeBytes: 168,
  state: 104,
  awaitedBy: 96,
  isAwaitedBySet: 109,
  waiter: 120,
  coroutine: 128,
  name: 136,
};

/** By minor version; of a release build. */
export const ASYNCIO_LAYOUTS: Readonly<Record<string, AsyncioLayout>> = {
  '3.6': PYTHON_3_6,
  '3.7': PYTHON_3_7,
  '3.8': PYTHON_3_8,
  '3.9': PYTHON_3_9,
  '3.10': PYTHON_3_10,
  '3.11': PYTHON_3_11,
  '3.12': PYTHON_3_11,
  '3.13': PYTHON_3_13,
  '3.14': PYTHON_3_14,
  '3.15': PYTHON_3_14,
};
