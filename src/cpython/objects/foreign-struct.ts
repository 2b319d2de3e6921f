import { type Address, hex, isAddress } from '../../base/address.ts';
import { MalformedInputError } from '../../base/errors.ts';
import type { Memory } from '../../base/ports.ts';
import { StructView } from '../../base/struct-view.ts';
import type { Layout } from '../layouts/layout.ts';

/** A target's memory and the table that says how to read it. */
export interface ObjectSource {
  readonly memory: Memory;
  readonly layout: Layout;
  /**
   * `sizeof(Py_UNICODE)` of a Python 2: a build option that no struct shows. Its exported symbols
   * (`PyUnicodeUCS4_…`, `PyUnicodeUCS2_…`) and `sys.maxunicode` do. 4 unless told, as in every distribution's build.
   */
  readonly python2UnicodeBytes?: 2 | 4;
}

/** No single read of ours needs more; a greater size comes from torn memory. */
const LARGEST_READ_BYTES = 16 * 1024 * 1024;

/**
 * Copies a struct of the target.
 * @throws {UnreadableMemoryError} where it is not mapped
 * @throws {MalformedInputError} for a size that no struct has
 */
export function readStruct(memory: Memory, address: Address, sizeBytes: number, name: string): StructView {
  if (!(sizeBytes >= 0 && sizeBytes <= LARGEST_READ_BYTES) || !isAddress(address + sizeBytes))
    throw new MalformedInputError(`${name} at ${hex(address)}`, 0, `a size of ${sizeBytes} bytes is absurd`);
  return (
    memory.readView?.(address, sizeBytes, name) ??
    new StructView(memory.read(address, sizeBytes), name, address)
  );
}

/**
 * Moves an address that came from the target by a distance that may also have come from there.
 * @throws {MalformedInputError} when that leaves the address space, as only torn memory makes it
 */
export function foreignOffset(address: Address, bytes: number, name: string): Address {
  const moved = address + bytes;
  if (!isAddress(moved))
    throw new MalformedInputError(`${name} at ${hex(address)}`, bytes, 'the address is outside user space');
  return moved;
}

/** Reads one pointer of the target; `undefined` for NULL. */
export function readPointer(memory: Memory, address: Address, name: string): Address | undefined {
  return readStruct(memory, address, 8, name).pointer(0);
}

const C_STRING_CHUNK_BYTES = 64;

/**
 * Reads UTF-8 text up to its NUL byte, in pieces that never reach into a page that the text does not touch.
 * @throws {MalformedInputError} when no NUL byte follows within `maxBytes`
 */
export function readCString(memory: Memory, address: Address, maxBytes: number): string {
  const bytes: number[] = [];
  while (bytes.length < maxBytes) {
    const at = foreignOffset(address, bytes.length, 'C string');
    const chunk = memory.read(at, C_STRING_CHUNK_BYTES - (at % C_STRING_CHUNK_BYTES));
    const end = chunk.indexOf(0);
    bytes.push(...(end === -1 ? chunk : chunk.subarray(0, end)));
    if (end !== -1) return Buffer.from(bytes).toString('utf8');
  }
  throw new MalformedInputError(`C string at ${hex(address)}`, maxBytes, 'text has no terminating NUL');
}
