import { describe, expect, test } from 'vitest';
import { measuredLayout } from '../../../test/support/python-writer.ts';
import { TestMemory } from '../../../test/support/test-memory.ts';
import { toAddress } from '../../base/address.ts';
import { looksLikeInterpreter } from './interpreter-check.ts';

const INTERPRETER = 0x10_0000;
const THREAD = 0x20_0000;
const MODULES = 0x30_0000;
const DICT_TYPE = 0x40_0000;
const SIZE_BYTES = 0x2_0000;
const DICT_SUBCLASS = 1 << 29;

describe.each(['2.7', '3.6', '3.8', '3.11', '3.14'])('of %s', (name) => {
  const layout = measuredLayout(name);

  /** What is there when the first thread points to `back`; no thread without it. */
  function memoryWith(back: number | undefined, modules: number): TestMemory {
    const { interpreter, threadState, object, type } = layout;
    const memory = new TestMemory()
      .mapWords(INTERPRETER, SIZE_BYTES, {
        [interpreter.threadsHead]: back === undefined ? 0 : THREAD,
        [interpreter.modules]: modules,
      })
      .mapWords(MODULES, SIZE_BYTES, { [object.type]: DICT_TYPE })
      .mapWords(DICT_TYPE, SIZE_BYTES, { [type.flags]: DICT_SUBCLASS });
    if (back !== undefined && !Number.isNaN(back))
      memory.mapWords(THREAD, SIZE_BYTES, { [threadState.interpreter]: back });
    return memory;
  }

  test.each([
    ['whose first thread is its own, without modules', INTERPRETER, 0, true],
    ['without threads, but with modules', undefined, MODULES, true],
    ['whose first thread has ended a moment ago', 0, MODULES, true],
    ['whose first thread has ended and left no memory', Number.NaN, MODULES, true],
    ['with neither', undefined, 0, false],
    ['with the thread of another', THREAD, 0, false],
  ])('an interpreter %s, named by a symbol', (_, back, modules, isOne) => {
    const memory = memoryWith(back, modules);
    expect(looksLikeInterpreter(memory, layout, toAddress(INTERPRETER), 'either')).toBe(isOne);
  });

  test.each([
    ['a first thread and no modules', INTERPRETER, 0],
    ['modules and no thread', undefined, MODULES],
    ['modules without sys', INTERPRETER, MODULES],
  ])('%s are not enough where a scan came upon them', (_, back, modules) => {
    const memory = memoryWith(back, modules);
    expect(looksLikeInterpreter(memory, layout, toAddress(INTERPRETER), 'both')).toBe(false);
  });
});
