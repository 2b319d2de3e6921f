import { describe, expect, test } from 'vitest';
import {
  AT_ENTRY,
  CFA,
  type CommonToWrite,
  word,
  writeFrames,
} from '../../../test/support/call-frame-writer.ts';
import { MalformedInputError } from '../../base/errors.ts';
import { FrameEntries } from './entries.ts';
import { rowOf } from './frame-program.ts';
import type { FrameSection } from './frame-section.ts';
import { LazyBytes } from './lazy-bytes.ts';
import type { CallFrameRow, CfaRule, RegisterRule } from './row.ts';

const START = 0x1000;

/** The row at an offset into a function with these instructions. */
function rowAfter(
  instructions: readonly (readonly number[])[],
  { at = 0, common = {} }: { readonly at?: number; readonly common?: CommonToWrite } = {},
): CallFrameRow | undefined {
  const frame = { start: START, sizeBytes: 0x10_0000, instructions: instructions.flat() };
  const { bytes, frameOffsets } = writeFrames({ commons: [common], frames: [frame], address: 0x9000 });
  const section: FrameSection = {
    kind: 'eh_frame',
    name: '.eh_frame of test.so',
    address: 0x9000,
    bytes: new LazyBytes(bytes.length, (offset, sizeBytes) => bytes.subarray(offset, offset + sizeBytes)),
    text: undefined,
    data: undefined,
  };
  return rowOf(new FrameEntries(section).frameEntryAt(frameOffsets[0] ?? 0), START + at, section);
}

function rule(register: number, instructions: readonly (readonly number[])[]): RegisterRule | undefined {
  return rowAfter(instructions)?.registers.get(register);
}

const cfaOf = (register: number, offset: number): CfaRule => ({ kind: 'register', register, offset });
const EXPRESSION = [0x77, 8, 6];

describe('rowOf()', () => {
  test('has the rules of the CIE at the entry of a function', () => {
    expect(rowAfter([])).toEqual({
      cfa: cfaOf(7, 8),
      registers: new Map([[16, { kind: 'offset', offset: -8 }]]),
      returnAddressRegister: 16,
      isSignalFrame: false,
      isReturnAddressSigned: false,
      functionStart: 0x1000,
    });
  });

  test.each<[string, RegisterRule, readonly (readonly number[])[]]>([
    ['offset', { kind: 'offset', offset: -16 }, [CFA.offset(6, 2)]],
    ['offset_extended', { kind: 'offset', offset: -24 }, [CFA.offsetExtended(6, 3)]],
    ['offset_extended_sf', { kind: 'offset', offset: 16 }, [CFA.offsetExtendedSigned(6, -2)]],
    ['GNU_negative_offset_extended', { kind: 'offset', offset: 16 }, [CFA.negativeOffset(6, 2)]],
    ['undefined', { kind: 'undefined' }, [CFA.undefinedRule(6)]],
    ['same_value', { kind: 'same-value' }, [CFA.sameValue(6)]],
    ['register', { kind: 'register', register: 3 }, [CFA.register(6, 3)]],
    ['val_offset', { kind: 'value-offset', offset: -16 }, [CFA.valueOffset(6, 2)]],
    ['val_offset_sf', { kind: 'value-offset', offset: 16 }, [CFA.valueOffsetSigned(6, -2)]],
    [
      'expression',
      { kind: 'expression', expression: Uint8Array.from(EXPRESSION) },
      [CFA.expression(6, EXPRESSION)],
    ],
    [
      'val_expression',
      { kind: 'value-expression', expression: Uint8Array.from(EXPRESSION) },
      [CFA.valueExpression(6, EXPRESSION)],
    ],
    ['the last of several', { kind: 'offset', offset: -8 }, [CFA.undefinedRule(6), CFA.offset(6, 1)]],
    [
      'what others do not change',
      { kind: 'same-value' },
      [CFA.sameValue(6), CFA.nop(), CFA.argumentsSize(300)],
    ],
  ])('takes the rule of a register from %s', (_, wanted, instructions) => {
    expect(rule(6, instructions)).toEqual(wanted);
  });

  test.each([
    ['restore', [CFA.offset(16, 5), CFA.restore(16)]],
    ['restore_extended', [CFA.offset(16, 5), CFA.restoreExtended(16)]],
  ])('goes back to the rule of the CIE at %s', (_, instructions) => {
    expect(rule(16, instructions)).toEqual({ kind: 'offset', offset: -8 });
  });

  test('has no rule for a register that is restored and has none in the CIE', () => {
    expect(rule(6, [CFA.offset(6, 2), CFA.restore(6)])).toBeUndefined();
  });

  test.each<[string, CfaRule, readonly (readonly number[])[]]>([
    ['def_cfa', cfaOf(6, 16), [CFA.defCfa(6, 16)]],
    ['def_cfa_sf', cfaOf(6, 16), [CFA.defCfaSigned(6, -2)]],
    ['def_cfa_register', cfaOf(6, 8), [CFA.defCfaRegister(6)]],
    ['def_cfa_offset', cfaOf(7, 4000), [CFA.defCfaOffset(4000)]],
    ['def_cfa_offset_sf', cfaOf(7, -80), [CFA.defCfaOffsetSigned(10)]],
    [
      'def_cfa_expression',
      { kind: 'expression', expression: Uint8Array.from(EXPRESSION) },
      [CFA.defCfaExpression(EXPRESSION)],
    ],
  ])('takes the rule of the CFA from %s', (_, wanted, instructions) => {
    expect(rowAfter(instructions)?.cfa).toEqual(wanted);
  });

  test.each([
    ['advance_loc', 5, CFA.advance(5)],
    ['advance_loc1', 200, CFA.advance1(200)],
    ['advance_loc2', 0x1234, CFA.advance2(0x1234)],
    ['advance_loc4', 0x8_0000, CFA.advance4(0x8_0000)],
  ])('stops at %s when it goes beyond the address', (_, distance, advance) => {
    const instructions = [CFA.defCfaOffset(16), advance, CFA.defCfaOffset(24)];
    expect(rowAfter(instructions, { at: distance - 1 })?.cfa).toEqual(cfaOf(7, 16));
    expect(rowAfter(instructions, { at: distance })?.cfa).toEqual(cfaOf(7, 24));
  });

  test('moves on in units of the code alignment', () => {
    const instructions = [CFA.advance(2), CFA.defCfaOffset(24)];
    const common = { codeAlignment: 4 };
    expect(rowAfter(instructions, { at: 7, common })?.cfa).toEqual(cfaOf(7, 8));
    expect(rowAfter(instructions, { at: 8, common })?.cfa).toEqual(cfaOf(7, 24));
  });

  test('moves to an address at set_loc, in the encoding of the CIE', () => {
    const common = { pointerEncoding: 4 };
    const instructions = [CFA.setLocation(word(START + 0x40, 8)), CFA.defCfaOffset(24)];
    expect(rowAfter(instructions, { at: 0x3f, common })?.cfa).toEqual(cfaOf(7, 8));
    expect(rowAfter(instructions, { at: 0x40, common })?.cfa).toEqual(cfaOf(7, 24));
  });

  test('remembers and restores the CFA and the registers, nested', () => {
    const instructions = [
      [...CFA.defCfaOffset(16), ...CFA.offset(6, 2), ...CFA.rememberState()],
      [...CFA.defCfaOffset(32), ...CFA.offset(3, 3), ...CFA.rememberState()],
      [...CFA.defCfaOffset(8), ...CFA.restore(6), ...CFA.restoreState(), ...CFA.advance(4)],
      [...CFA.restoreState()],
    ];
    const inner = rowAfter(instructions);
    expect([inner?.cfa, [...(inner?.registers.keys() ?? [])]]).toEqual([cfaOf(7, 32), [16, 6, 3]]);
    const outer = rowAfter(instructions, { at: 4 });
    expect([outer?.cfa, [...(outer?.registers.keys() ?? [])]]).toEqual([cfaOf(7, 16), [16, 6]]);
  });

  test('says whether the return address is signed (AARCH64_negate_ra_state)', () => {
    const instructions = [CFA.negateReturnAddressState(), CFA.advance(4), CFA.negateReturnAddressState()];
    expect(rowAfter(instructions)?.isReturnAddressSigned).toBe(true);
    expect(rowAfter(instructions, { at: 4 })?.isReturnAddressSigned).toBe(false);
  });

  test('has no row where nothing says what the CFA is', () => {
    expect(rowAfter([CFA.offset(6, 2)], { common: { instructions: [] } })).toBeUndefined();
  });

  test.each<[string, string, readonly (readonly number[])[]]>([
    ['an unknown instruction', 'call frame instruction 0x3f is unknown', [[0x3f]]],
    ['a restore without a state', 'no state is remembered', [CFA.restoreState()]],
    ['too many states', 'more than 64 states are remembered', Array.from({ length: 65 }, CFA.rememberState)],
    ['too many instructions', 'more than 65536 instructions', [Array.from({ length: 70_000 }, () => 0)]],
    ['a register that is none', 'register 300 is above 255', [CFA.sameValue(300)]],
    ['an offset that is none', 'offset is beyond ±2^53', [CFA.offset(6, 2 ** 52)]],
    [
      'an offset for a CFA by expression',
      'a part of the CFA rule changes, and there is no such rule',
      [CFA.defCfaExpression(EXPRESSION), CFA.defCfaOffset(8)],
    ],
    ['an instruction that is cut off', 'bytes needs 100 bytes', [[15, 100]]],
  ])('refuses %s', (_, message, instructions) => {
    expect(() => rowAfter(instructions)).toThrow(MalformedInputError);
    expect(() => rowAfter(instructions)).toThrow(message);
  });

  test('does not run what lies behind the address', () => {
    expect(rowAfter([CFA.advance(4), [0x3f]], { at: 3 })?.cfa).toEqual(cfaOf(7, 8));
  });

  test('takes nothing from a CIE that moves on', () => {
    const common = { instructions: [...AT_ENTRY, ...CFA.advance(1), ...CFA.defCfaOffset(80)] };
    expect(rowAfter([], { common })?.cfa).toEqual(cfaOf(7, 8));
  });
});
