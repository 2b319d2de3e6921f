import { isAddress, offsetBy } from '../../base/address.ts';
import { isAboutMemory } from '../../base/errors.ts';
import type { Memory } from '../../base/ports.ts';
import { StructView } from '../../base/struct-view.ts';
import type { LoadedElf } from '../mapped-image.ts';

/** `d_tag` and `d_un` (gABI, Dynamic Section). */
const ENTRY_BYTES = 16;

/** The loader writes an address of its own there. */
const DT_DEBUG = 21n;

const DYNAMIC = 'dynamic section';

/** More entries than any linker makes. */
const MAX_BYTES = 4096;

/**
 * Tells whether a file still is what the loader found when it mapped it. One that was written over in place has its new
 * bytes in memory too, but for the pages that the process has written to, and the dynamic section lies in one: the
 * loader of glibc adds the load bias to its addresses, that of musl writes to what lies beside it.
 * A file without one, and memory that cannot be read, tell nothing against it.
 */
export function isAsLoaded(memory: Pick<Memory, 'read'>, { elf, bias }: LoadedElf): boolean {
  const segment = elf.segments.find(({ type }) => type === 'dynamic');
  if (segment === undefined || !isAddress(segment.virtualAddress)) return true;
  const { fileOffset, virtualAddress } = segment;
  const sizeBytes = Math.min(segment.fileSize, MAX_BYTES);
  const inFile = new StructView(elf.rangeBytes({ fileOffset, sizeBytes }, DYNAMIC), DYNAMIC);
  try {
    const address = offsetBy(virtualAddress, bias);
    const inMemory = new StructView(memory.read(address, sizeBytes), `${DYNAMIC} in memory`);
    return areSame(inFile, inMemory, { sizeBytes, bias: BigInt(bias) });
  } catch (error) {
    if (isAboutMemory(error)) return true;
    throw error;
  }
}

function areSame(
  inFile: StructView,
  inMemory: StructView,
  { sizeBytes, bias }: { readonly sizeBytes: number; readonly bias: bigint },
): boolean {
  for (let at = 0; at + ENTRY_BYTES <= sizeBytes; at += ENTRY_BYTES) {
    const tag = inFile.u64(at);
    if (inMemory.u64(at) !== tag) return false;
    if (tag === 0n) break;
    const difference = inMemory.u64(at + 8) - inFile.u64(at + 8);
    if (tag !== DT_DEBUG && difference !== 0n && difference !== bias) return false;
  }
  return true;
}
