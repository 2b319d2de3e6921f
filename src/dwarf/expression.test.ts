import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sleb, uleb, word } from '../../test/support/call-frame-writer.ts';
import { cases } from '../../test/support/fuzzing.ts';
import { TestMemory } from '../../test/support/test-memory.ts';
import { toAddress } from '../base/address.ts';
import { isAboutMemory, MalformedInputError, UnreadableMemoryError } from '../base/errors.ts';
import { type ExpressionContext, evaluateExpression } from './expression.ts';

const MASK = 2n ** 64n;

const CONTEXT: ExpressionContext = {
  memory: new TestMemory().mapWords(0x1000, 16, { 0: 0x8877_6655_4433_2211n, 8: 5 }),
  register: (number) => (number < 40 ? BigInt(number) * 0x100n : undefined),
  cfa: toAddress(0x7ffe_0000),
  bias: 0x40_0000,
};

function evaluate(...bytes: readonly (number | readonly number[])[]): bigint {
  return evaluateExpression(Uint8Array.from(bytes.flat()), CONTEXT);
}

const lit = (value: number): number => 0x30 + value;
const consts = (value: number): readonly number[] => [17, ...sleb(value)];

describe('evaluateExpression()', () => {
  test.each<[string, bigint, readonly (number | readonly number[])[]]>([
    ['lit0', 0n, [lit(0)]],
    ['lit31', 31n, [lit(31)]],
    ['addr adds the load bias', 0x40_1234n, [3, word(0x1234, 8)]],
    ['const1u', 0xffn, [8, 0xff]],
    ['const1s', MASK - 1n, [9, 0xff]],
    ['const2u', 0xfffen, [10, word(-2, 2)]],
    ['const2s', MASK - 2n, [11, word(-2, 2)]],
    ['const4u', 0xffff_fffdn, [12, word(-3, 4)]],
    ['const4s', MASK - 3n, [13, word(-3, 4)]],
    ['const8u', MASK - 4n, [14, word(-4, 8)]],
    ['const8s', MASK - 4n, [15, word(-4, 8)]],
    ['constu', 0x1_2345n, [16, uleb(0x1_2345)]],
    ['constu of 64 bits', MASK - 1n, [16, [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1]]],
    ['consts', MASK - 300n, [consts(-300)]],
    ['consts of 64 bits', 2n ** 63n, [17, [0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x80, 0x7f]]],
    ['reg0', 0n, [0x50]],
    ['reg31', 0x1f00n, [0x6f]],
    ['breg7', 0x6f8n, [0x77, sleb(-8)]],
    ['regx', 0x2100n, [144, uleb(33)]],
    ['bregx', 0x2110n, [146, uleb(33), sleb(16)]],
    ['deref', 0x8877_6655_4433_2211n, [10, word(0x1000, 2), 6]],
    ['deref_size 1', 0x11n, [10, word(0x1000, 2), 148, 1]],
    ['deref_size 4', 0x4433_2211n, [10, word(0x1000, 2), 148, 4]],
    ['call_frame_cfa', 0x7ffe_0000n, [156]],
    ['dup', 6n, [lit(3), 18, 34]],
    ['drop', 1n, [lit(1), lit(2), 19]],
    ['over', 1n, [lit(1), lit(2), 20]],
    ['pick', 1n, [lit(1), lit(2), lit(3), 21, 2]],
    ['swap', 1n, [lit(2), lit(3), 22, 28]],
    // 1 2 3 becomes 3 1 2; 3 * 16 + (1 * 4 + 2).
    ['rot', 54n, [lit(1), lit(2), lit(3), 23, 22, lit(4), 30, 34, 22, lit(16), 30, 34]],
    ['abs', 5n, [consts(-5), 25]],
    ['and', 0b100n, [lit(0b110), lit(0b101), 26]],
    ['div is signed', MASK - 3n, [consts(-7), lit(2), 27]],
    ['minus wraps', MASK - 1n, [lit(2), lit(3), 28]],
    ['mod is unsigned', 1n, [consts(-1), lit(2), 29]],
    ['mul wraps', MASK - 6n, [consts(-2), lit(3), 30]],
    ['neg', MASK - 5n, [lit(5), 31]],
    ['not', MASK - 6n, [lit(5), 32]],
    ['or', 0b111n, [lit(0b110), lit(0b101), 33]],
    ['plus wraps', 1n, [consts(-1), lit(2), 34]],
    ['plus_uconst', 305n, [lit(5), 35, uleb(300)]],
    ['shl', 40n, [lit(5), lit(3), 36]],
    ['shl by 64', 0n, [lit(5), 8, 64, 36]],
    ['shr is of zeros', 2n ** 63n - 1n, [consts(-1), lit(1), 37]],
    ['shra is of the sign', MASK - 1n, [consts(-2), lit(1), 38]],
    ['shra by a huge number', MASK - 1n, [consts(-2), consts(-1), 38]],
    ['xor', 0b011n, [lit(0b110), lit(0b101), 39]],
    ['eq', 1n, [lit(2), lit(2), 41]],
    ['ge is signed', 0n, [consts(-1), lit(2), 42]],
    ['gt', 1n, [lit(3), lit(2), 43]],
    ['le', 1n, [lit(2), lit(2), 44]],
    ['lt is signed', 1n, [consts(-1), lit(2), 45]],
    ['ne', 0n, [lit(2), lit(2), 46]],
    ['skip', 1n, [lit(1), 47, word(2, 2), lit(2), lit(3)]],
    ['bra taken', 7n, [lit(7), lit(1), 40, word(1, 2), lit(2)]],
    ['bra not taken', 2n, [lit(7), lit(0), 40, word(1, 2), lit(2)]],
    ['bra back counts down', 0n, [lit(3), lit(1), 28, 18, 40, word(-6, 2)]],
    ['nop and stack_value', 4n, [lit(4), 150, 159]],
  ])('%s', (_, value, bytes) => {
    expect(evaluate(...bytes)).toBe(value);
  });

  test('computes the CFA inside an entry of a procedure linkage table', () => {
    // breg7 8, breg16 0, lit15, and, lit11, ge, lit3, shl, plus: rsp + 8, and 8 more behind the push at offset 11.
    const bytes = Uint8Array.from([0x77, 8, 0x80, 0, lit(15), 26, lit(11), 42, lit(3), 36, 34]);
    const at = (rip: bigint) =>
      evaluateExpression(bytes, { ...CONTEXT, register: (number) => (number === 16 ? rip : 0x7ffe_0000n) });
    expect([at(0x1020n), at(0x102an), at(0x102bn)]).toEqual([0x7ffe_0008n, 0x7ffe_0008n, 0x7ffe_0010n]);
  });

  test('begins with the stack that it is given, top last', () => {
    expect(evaluateExpression(Uint8Array.of(28), CONTEXT, [10n, 3n])).toBe(7n);
  });

  test.each<[string, string, readonly (number | readonly number[])[]]>([
    ['an empty expression', 'offset 0: the stack is empty', []],
    ['too few operands', 'offset 2: the stack is empty', [lit(1), 34]],
    ['an unknown operation', 'offset 1: operation 0xff is unknown or names no value', [lit(1), 0xff]],
    ['a piece of a location', 'operation 0x93 is unknown', [lit(1), 147, 8]],
    ['a register that is not known', 'offset 2: register 60 is not known', [144, 60]],
    ['a division by zero', 'offset 3: division by zero', [lit(1), lit(0), 27]],
    ['a jump outside', 'offset 3: jump to -97 leads outside', [47, word(-100, 2)]],
    ['a loop without end', 'more than 10000 operations', [47, word(-3, 2)]],
    ['a stack without end', 'more than 1000 values on the stack', [lit(1), 47, word(-4, 2)]],
    ['an operand that is cut off', 'u64 needs 8 bytes, 1 left', [14, 1]],
    ['a pick below the stack', 'the stack has no value 3 below its top', [lit(1), 21, 3]],
    ['a read of 9 bytes', '9 bytes cannot be read as a number', [lit(1), 148, 9]],
    ['a read outside user space', 'address 0xffffffffffffffff is outside user space', [consts(-1), 6]],
  ])('refuses %s', (_, message, bytes) => {
    expect(() => evaluate(...bytes)).toThrow(MalformedInputError);
    expect(() => evaluate(...bytes)).toThrow(message);
  });

  test('names the address that it could not read', () => {
    expect(() => evaluate(lit(8), 6)).toThrow(new UnreadableMemoryError(toAddress(8), 8));
  });

  test('ends with a value or an error of ours for any bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          const value = evaluateExpression(bytes, CONTEXT, [0x1000n]);
          expect(value >= 0n && value < MASK).toBe(true);
        } catch (error) {
          if (!isAboutMemory(error)) throw error;
        }
      }),
      cases(400),
    );
  });
});
