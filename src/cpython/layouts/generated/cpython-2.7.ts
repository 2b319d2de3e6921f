// Made by scripts/make-layouts.ts; not to be edited.
// Headers of CPython 2.7.18, x86-64, gcc (Debian 12.2.0-14+deb12u1) 12.2.0:
// gcc -Iinclude/python2.7 -Iinclude/python2.7/internal -Iinclude/python2.7/internal/mimalloc -Iinclude
// From DWARF: xrange2.start, xrange2.step, xrange2.length, lock.semaphore, module.dict.

import type { MeasuredLayout } from '../layout.ts';

/** CPython 2.7, x86-64. */
export const CPYTHON_2_7: MeasuredLayout = {
  name: '2.7',
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
    sizeBytes: 376,
    previous: 24,
    code: 32,
    lastInstruction: 120,
    locals: 376,
    owner: undefined,
    isEntry: undefined,
    tlbcIndex: undefined,
    globals: 48,
    valueStack: 64,
    blockCount: 128,
    blocks: 132,
  },
  code: {
    sizeBytes: 128,
    filename: 80,
    name: 88,
    qualname: undefined,
    lineTable: 104,
    firstLine: 96,
    argCount: 16,
    posOnlyArgCount: undefined,
    kwOnlyArgCount: undefined,
    flags: 28,
    varNames: 56,
    cellVars: 72,
    freeVars: 64,
    localsPlusNames: undefined,
    localsPlusKinds: undefined,
    adaptiveCode: undefined,
    tlbc: undefined,
    stackSize: 24,
    bytecode: 32,
    exceptionTable: undefined,
  },
  object: {
    sizeBytes: 16,
    type: 8,
    varSize: 16,
  },
  type: {
    sizeBytes: 392,
    name: 24,
    basicSize: 32,
    itemSize: 40,
    flags: 168,
    base: 256,
    mro: 344,
    dict: 264,
    dictOffset: 288,
    htQualname: undefined,
    htCachedKeys: undefined,
    htSlots: 864,
  },
  unicode: undefined,
  unicode2: {
    length: 16,
    data: 24,
  },
  bytes: {
    size: 16,
    data: 36,
  },
  byteArray: {
    size: 16,
    start: 40,
  },
  int2: {
    value: 16,
  },
  long: {
    sizeAndSign: 16,
    digits: 24,
  },
  float: {
    value: 16,
  },
  complex: {
    real: 16,
    imaginary: 24,
  },
  tuple: {
    size: 16,
    items: 24,
  },
  list: {
    size: 16,
    items: 24,
  },
  set: {
    used: 24,
    mask: 32,
    table: 40,
    entrySize: 16,
    entryKey: 8,
    entryHash: 0,
  },
  deque: undefined,
  dict: {
    used: 24,
    keys: undefined,
    values: undefined,
    mask: 32,
    table: 40,
  },
  dictKeys: undefined,
  cell: {
    content: 16,
  },
  range: undefined,
  xrange2: {
    start: 16,
    step: 24,
    length: 32,
  },
  slice: {
    start: 16,
    stop: 24,
    step: 32,
  },
  exception: {
    dict: 16,
    args: 24,
  },
  function: {
    code: 16,
    name: 56,
    qualname: undefined,
    closure: 40,
  },
  builtinMethod: {
    definition: 16,
    self: 24,
  },
  method: {
    function: 16,
    self: 24,
  },
  descriptor: {
    name: 24,
  },
  lock: {
    semaphore: 16,
    mutex: undefined,
  },
  rlock: undefined,
  module: {
    dict: 16,
  },
  instance2: {
    class: 16,
    dict: 24,
  },
  class2: {
    name: 32,
    bases: 16,
    dict: 24,
  },
};
