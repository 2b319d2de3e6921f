// Made by scripts/make-layouts.ts; not to be edited.
// Headers of CPython 2.7.18, x86-64, gcc (Debian 12.2.0-14+deb12u1) 12.2.0:
// gcc -Iinclude/python2.7 -Iinclude/python2.7/internal -Iinclude/python2.7/internal/mimalloc -Iinclude -DPy_DEBUG
// From DWARF of a release build, those after a PyObject moved by 16: xrange2.start, xrange2.step, xrange2.length, lock.semaphore, module.dict.

import type { MeasuredLayout } from '../layout.ts';

/** CPython 2.7d, x86-64. */
export const CPYTHON_2_7D: MeasuredLayout = {
  name: '2.7d',
  runtime: undefined,
  gil: undefined,
  interpreter: {
    next: 0,
    id: undefined,
    threadsHead: 8,
    threadsMain: undefined,
    modules: 16,
    sysDict: 24,
    builtins: 32,
    gcCollecting: undefined,
    gcFrame: undefined,
    gil: undefined,
    codeObjectGeneration: undefined,
  },
  threadState: {
    sizeBytes: 168,
    next: 0,
    interpreter: 8,
    frame: 16,
    cframe: undefined,
    cframeCurrentFrame: undefined,
    threadId: 144,
    nativeThreadId: undefined,
    datastackChunk: undefined,
  },
  frame: {
    sizeBytes: 392,
    previous: 40,
    code: 48,
    lastInstruction: 136,
    locals: 392,
    owner: undefined,
    isEntry: undefined,
    tlbcIndex: undefined,
    globals: 64,
    valueStack: 80,
    blockCount: 144,
    blocks: 148,
  },
  code: {
    sizeBytes: 144,
    filename: 96,
    name: 104,
    qualname: undefined,
    lineTable: 120,
    firstLine: 112,
    argCount: 32,
    posOnlyArgCount: undefined,
    kwOnlyArgCount: undefined,
    flags: 44,
    varNames: 72,
    cellVars: 88,
    freeVars: 80,
    localsPlusNames: undefined,
    localsPlusKinds: undefined,
    adaptiveCode: undefined,
    tlbc: undefined,
    stackSize: 40,
    bytecode: 48,
    exceptionTable: undefined,
  },
  object: {
    sizeBytes: 32,
    type: 24,
    varSize: 32,
  },
  type: {
    sizeBytes: 408,
    name: 40,
    basicSize: 48,
    itemSize: 56,
    flags: 184,
    base: 272,
    mro: 360,
    dict: 280,
    dictOffset: 304,
    htQualname: undefined,
    htCachedKeys: undefined,
    htSlots: 880,
  },
  unicode: undefined,
  unicode2: {
    length: 32,
    data: 40,
  },
  bytes: {
    size: 32,
    data: 52,
  },
  byteArray: {
    size: 32,
    start: 56,
  },
  int2: {
    value: 32,
  },
  long: {
    sizeAndSign: 32,
    digits: 40,
  },
  float: {
    value: 32,
  },
  complex: {
    real: 32,
    imaginary: 40,
  },
  tuple: {
    size: 32,
    items: 40,
  },
  list: {
    size: 32,
    items: 40,
  },
  set: {
    used: 40,
    mask: 48,
    table: 56,
    entrySize: 16,
    entryKey: 8,
    entryHash: 0,
  },
  deque: undefined,
  dict: {
    used: 40,
    keys: undefined,
    values: undefined,
    mask: 48,
    table: 56,
  },
  dictKeys: undefined,
  cell: {
    content: 32,
  },
  range: undefined,
  xrange2: {
    start: 32,
    step: 40,
    length: 48,
  },
  slice: {
    start: 32,
    stop: 40,
    step: 48,
  },
  exception: {
    dict: 32,
    args: 40,
  },
  function: {
    code: 32,
    name: 72,
    qualname: undefined,
    closure: 56,
  },
  builtinMethod: {
    definition: 32,
    self: 40,
  },
  method: {
    function: 32,
    self: 40,
  },
  descriptor: {
    name: 40,
  },
  lock: {
    semaphore: 32,
    mutex: undefined,
  },
  rlock: undefined,
  module: {
    dict: 32,
  },
  instance2: {
    class: 32,
    dict: 40,
  },
  class2: {
    name: 48,
    bases: 32,
    dict: 40,
  },
};
