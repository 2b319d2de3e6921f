import { expect, test } from 'vitest';
import { measuredLayout, WritableStruct } from '../../../test/support/python-writer.ts';
import { toAddress } from '../../base/address.ts';
import { StructView } from '../../base/struct-view.ts';
import type { BytecodeRules } from '../layouts/layout.ts';
import { RULES } from '../layouts/rules.ts';
import { findSetupWith, readOpenBlocks, sizeThroughBlocks } from './block-stack.ts';

function bytecodeRules(name: string): BytecodeRules {
  const rules = RULES[name]?.bytecode;
  if (rules === undefined) throw new RangeError(`${name} has no block stack`);
  return rules;
}

for (const [name, unitBytes] of [
  ['2.7', 1],
  ['3.8', 1],
  ['3.10', 2],
] as const) {
  test(`readOpenBlocks() reads handler and level of the open blocks of a ${name} frame`, () => {
    const layout = measuredLayout(name);
    const bytes = new Uint8Array(sizeThroughBlocks(layout));
    const { blocks = 0, blockCount = 0 } = layout.frame;
    new WritableStruct(toAddress(0x1000), bytes)
      .u32(blockCount, 2)
      .u32(blocks + 4, 40)
      .u32(blocks + 8, 1)
      .u32(blocks + 12 + 4, 20)
      .u32(blocks + 12 + 8, 3);
    expect(readOpenBlocks(new StructView(bytes, 'frame'), layout)).toEqual([
      { handler: 40 * unitBytes, level: 1 },
      { handler: 20 * unitBytes, level: 3 },
    ]);
  });
}

test('readOpenBlocks() refuses a count that no frame has', () => {
  const layout = measuredLayout('3.8');
  const bytes = new Uint8Array(sizeThroughBlocks(layout));
  new WritableStruct(toAddress(0x1000), bytes).u32(layout.frame.blockCount ?? 0, 21);
  expect(() => readOpenBlocks(new StructView(bytes, 'frame'), layout)).toThrow('21 blocks are absurd');
});

test('findSetupWith() finds the instruction whose argument leads to the handler', () => {
  // LOAD_FAST 0, SETUP_WITH to 24, POP_TOP, as 3.8 has them.
  const bytecode = Uint8Array.of(124, 0, 143, 20, 1, 0);
  expect(findSetupWith(bytecode, bytecodeRules('3.8'), { handler: 24, unitBytes: 1 })).toBe(2);
  expect(findSetupWith(bytecode, bytecodeRules('3.8'), { handler: 22, unitBytes: 1 })).toBeUndefined();
  expect(findSetupWith(bytecode, bytecodeRules('3.10'), { handler: 44, unitBytes: 2 })).toBe(2);
});

test('findSetupWith() adds what EXTENDED_ARG brings, and knows the arguments of Python 2', () => {
  const words = Uint8Array.of(144, 1, 143, 4);
  expect(findSetupWith(words, bytecodeRules('3.8'), { handler: 4 + 260, unitBytes: 1 })).toBe(2);
  // LOAD_FAST 0, SETUP_WITH to 6 + 258, POP_TOP without an argument.
  const python2 = Uint8Array.of(124, 0, 0, 143, 2, 1, 1);
  expect(findSetupWith(python2, bytecodeRules('2.7'), { handler: 6 + 258, unitBytes: 1 })).toBe(3);
});
