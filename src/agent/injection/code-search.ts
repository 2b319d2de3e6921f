import { type Address, offsetBy } from '../../base/address.ts';
import { isAboutMemory } from '../../base/errors.ts';
import type { Memory } from '../../base/ports.ts';
import type { MemoryMapping } from '../../platform/proc/maps.ts';

/** `pop rdi; ret` */
export const POP_ARGUMENT: readonly Uint8Array[] = [Uint8Array.of(0x5f, 0xc3)];

/** rt_sigreturn(2), as glibc and musl call it in `__restore_rt`: `mov rax, 15` or `mov eax, 15`, then `syscall`. */
export const SIGNAL_RETURN: readonly Uint8Array[] = [
  Uint8Array.of(0x48, 0xc7, 0xc0, 0x0f, 0, 0, 0, 0x0f, 0x05),
  Uint8Array.of(0xb8, 0x0f, 0, 0, 0, 0x0f, 0x05),
];

const CHUNK_BYTES = 256 << 10;
const LONGEST_PATTERN_BYTES = 9;

/** Finds instructions in code that is mapped; the first of the patterns that is there, in the first mapping that has it. */
export function findCode(
  memory: Memory,
  mappings: readonly MemoryMapping[],
  patterns: readonly Uint8Array[],
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
  patterns: readonly Uint8Array[],
): Address | undefined {
  for (let at = 0; at < end - start; at += CHUNK_BYTES - LONGEST_PATTERN_BYTES) {
    const address = offsetBy(start, at);
    const bytes = readCode(memory, address, Math.min(CHUNK_BYTES, end - address));
    for (const pattern of patterns) {
      const offset = bytes.indexOf(pattern);
      if (offset >= 0) return offsetBy(address, offset);
    }
  }
  return undefined;
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
