import type { Address } from '../../base/address.ts';
import type { StructView } from '../../base/struct-view.ts';
import { foreignOffset, type ObjectSource, readStruct } from './foreign-struct.ts';
import { hasFlag, readTypeAddress, TYPE_FLAGS, type TypeFlags } from './type-flags.ts';

/** A million decimal digits, and some; writing out more would take longer than anyone waits. */
const MOST_DIGIT_BITS = 2 ** 22;

/**
 * Reads an `int` of Python 3, or an `int` or a `long` of Python 2.
 * @throws {MalformedInputError} for what is none, and for one of more than a million decimal digits
 */
export function readInteger(source: ObjectSource, flags: TypeFlags, address: Address): bigint {
  const typeFlags = flags.of(readTypeAddress(source, address));
  if (hasFlag(typeFlags, TYPE_FLAGS.longSubclass)) return readLong(source, address);
  const { int2 } = source.layout;
  const object = readStruct(source.memory, address, (int2?.value ?? 0) + 8, 'int');
  if (int2 === undefined || !hasFlag(typeFlags, TYPE_FLAGS.int2Subclass))
    throw object.fail(0, 'it is not an int');
  return object.i64(int2.value);
}

/** Reads Python 2's `int`, a C long. */
export function readInt2(source: ObjectSource, address: Address): bigint {
  const { int2 } = source.layout;
  if (int2 === undefined) throw new TypeError('a layout of Python 2 needs int2');
  return readStruct(source.memory, address, int2.value + 8, 'PyIntObject').i64(int2.value);
}

/** Reads the digits of an `int` of Python 3, or of a `long` of Python 2, least significant first. */
export function readLong(source: ObjectSource, address: Address): bigint {
  const { memory, layout } = source;
  const { sizeAndSign, digits } = layout.long;
  const head = readStruct(memory, address, sizeAndSign + 8, 'PyLongObject');
  const { count, isNegative } = readSizeAndSign(source, head);
  const digitBytes = layout.rules.longDigitBits === 30 ? 4 : 2;
  if (count * layout.rules.longDigitBits > MOST_DIGIT_BITS)
    throw head.fail(sizeAndSign, `the int has ${count} digits of ${layout.rules.longDigitBits} bits`);
  const start = foreignOffset(address, digits, 'PyLongObject');
  const magnitude = joinDigits(readStruct(memory, start, count * digitBytes, 'digits of an int'), digitBytes);
  return isNegative ? -magnitude : magnitude;
}

/** `lv_tag`: sign in the low two bits (0 positive, 1 zero, 2 negative), count from bit 3 on (3.12+). */
function readSizeAndSign(
  source: ObjectSource,
  head: StructView,
): { readonly count: number; readonly isNegative: boolean } {
  const { rules, long } = source.layout;
  if (rules.longEncoding === 'ob_size') {
    const size = head.ssize(long.sizeAndSign);
    return { count: Math.abs(size), isNegative: size < 0 };
  }
  const tag = head.ssize(long.sizeAndSign);
  const sign = head.u8(long.sizeAndSign) % 4;
  if (tag < 0 || sign === 3) throw head.fail(long.sizeAndSign, `a tag of ${tag} is absurd`);
  return { count: sign === 1 ? 0 : Math.floor(tag / 8), isNegative: sign === 2 };
}

/** Sixty bits at a time become hexadecimal text: parsing that is linear, adding digit by digit is not. */
function joinDigits(digits: StructView, digitBytes: 2 | 4): bigint {
  const perGroup = digitBytes === 4 ? 2 : 4;
  const digitBits = digitBytes === 4 ? 30n : 15n;
  const groups: string[] = [];
  for (let at = 0; at < digits.sizeBytes; at += perGroup * digitBytes) {
    let group = 0n;
    for (let index = perGroup - 1; index >= 0; index -= 1) {
      const offset = at + index * digitBytes;
      if (offset >= digits.sizeBytes) continue;
      const digit = digitBytes === 4 ? digits.u32(offset) : digits.u16(offset);
      group = (group << digitBits) | BigInt.asUintN(Number(digitBits), BigInt(digit));
    }
    groups.push(group.toString(16).padStart(15, '0'));
  }
  return groups.length === 0 ? 0n : BigInt(`0x${groups.reverse().join('')}`);
}
