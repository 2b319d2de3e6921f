import { type Address, offsetBy } from '../../base/address.ts';
import { isAboutMemory } from '../../base/errors.ts';
import type { Memory } from '../../base/ports.ts';
import type { MemoryMapping } from '../../platform/proc/maps.ts';

const CHUNK_BYTES = 256 << 10;
/** More than any form has, and a multiple of every alignment. */
const OVERLAP_BYTES = 16;

/** Instructions that are looked for. */
export interface CodePatterns {
  /** The same in each form that is used. */
  readonly forms: readonly Uint8Array[];
  /** Instructions begin at multiples of that. */
  readonly alignment: number;
}

/** Finds instructions in code that is mapped; the first of the forms that is there, in the first mapping that has it. */
export function findCode(
  memory: Memory,
  mappings: readonly MemoryMapping[],
  patterns: CodePatterns,
): Address | undefined {
  for (const mapping of mappings.filter(({ isExecutable, isReadable }) => isExecutable && isReadable)) {
    const found = findIn(memory, mapping, patterns);
    if (found !== undefined) return found;
  }
  return undefined;
}

function findIn(
  memory: Memory,
  { start, end }: MemoryMapping,
  { forms, alignment }: CodePatterns,
): Address | undefined {
  for (let at = 0; at < end - start; at += CHUNK_BYTES - OVERLAP_BYTES) {
    const address = offsetBy(start, at);
    const bytes = readCode(memory, address, Math.min(CHUNK_BYTES, end - address));
    for (const form of forms) {
      const offset = indexOf(bytes, form, alignment);
      if (offset >= 0) return offsetBy(address, offset);
    }
  }
  return undefined;
}

function indexOf(bytes: Buffer, form: Uint8Array, alignment: number): number {
  let offset = bytes.indexOf(form);
  while (offset % alignment > 0) offset = bytes.indexOf(form, offset + 1);
  return offset;
}

function readCode(memory: Memory, address: Address, sizeBytes: number): Buffer {
  try {
    const bytes = memory.read(address, sizeBytes);
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  } catch (error) {
    if (isAboutMemory(error)) return Buffer.alloc(0);
    throw error;
  }
}
