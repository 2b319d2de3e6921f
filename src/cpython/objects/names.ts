import { type Address, hex } from '../../base/address.ts';
import { MalformedInputError } from '../../base/errors.ts';
import type { ObjectSource } from './foreign-struct.ts';
import { type ForeignText, readBytes, readUnicode } from './text.ts';
import { hasFlag, readTypeAddress, TYPE_FLAGS, type TypeFlags } from './type-flags.ts';

/** The longest name, path or docstring-like text that is read as a whole; in code points. */
export const LONGEST_NAME = 64 * 1024;

/**
 * Reads a whole string: a name, a path. Python 2's `str` is taken for UTF-8.
 * @throws {MalformedInputError} for what is not a string, and for one longer than `maxLength`
 */
export function readName(
  source: ObjectSource,
  flags: TypeFlags,
  address: Address,
  maxLength: number = LONGEST_NAME,
): string {
  const text = readTextStart(source, flags, address, maxLength);
  if (text === undefined) throw unsound(address, 'it is not a string');
  if (text.omitted > 0)
    throw unsound(address, `it is longer than ${maxLength} characters by ${text.omitted}`);
  return text.value;
}

function unsound(address: Address, state: string): MalformedInputError {
  return new MalformedInputError(`text at ${hex(address)}`, 0, state);
}

/** Reads the first characters of a string; `undefined` when the object is none. */
export function readTextStart(
  source: ObjectSource,
  flags: TypeFlags,
  address: Address,
  maxLength: number,
): ForeignText | undefined {
  const typeFlags = flags.of(readTypeAddress(source, address));
  if (hasFlag(typeFlags, TYPE_FLAGS.unicodeSubclass)) return readUnicode(source, address, maxLength);
  const isPython2 = source.layout.unicode2 !== undefined;
  if (!isPython2 || !hasFlag(typeFlags, TYPE_FLAGS.bytesSubclass)) return undefined;
  const { value, omitted } = readBytes(source, address, maxLength);
  return { value: Buffer.from(value).toString('utf8'), omitted };
}
