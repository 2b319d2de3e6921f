import { type Address, isAddress } from '../../base/address.ts';
import { ByteCursor } from '../../base/byte-cursor.ts';

/** What the kernel told the program when it began (getauxval(3)), as far as it leads to its files. */
export interface AuxiliaryVector {
  /** AT_PHDR: the program headers of the executable in memory. */
  readonly programHeaders: Address | undefined;
  /** AT_ENTRY: where the executable begins to run. */
  readonly entry: Address | undefined;
  /** AT_BASE: where the dynamic loader lies; `undefined` for a static program. */
  readonly loader: Address | undefined;
  /** AT_EXECFN: the text of the path that was executed. */
  readonly executablePath: Address | undefined;
  /** AT_SYSINFO_EHDR: the ELF header of the vDSO. */
  readonly virtualLibrary: Address | undefined;
  /** AT_PAGESZ; 4096 where it does not say. */
  readonly pageSizeBytes: number;
}

// Types of elf/elf.h of glibc and include/uapi/linux/auxvec.h.
const AT_NULL = 0n;
const AT_PHDR = 3;
const AT_PAGESZ = 6;
const AT_BASE = 7;
const AT_ENTRY = 9;
const AT_EXECFN = 31;
const AT_SYSINFO_EHDR = 33;

const ENTRY_BYTES = 16;
const DEFAULT_PAGE_BYTES = 4096;
const LARGEST_PAGE_BYTES = 65536;

/** The largest NT_AUXV that is one: the kernel has some forty entries. */
export const MAX_AUXILIARY_VECTOR_BYTES = 4096;

/** Parses an NT_AUXV up to AT_NULL, or to its end where that is missing. */
export function parseAuxiliaryVector(bytes: Uint8Array): AuxiliaryVector {
  const cursor = new ByteCursor(bytes, 'NT_AUXV');
  const values = new Map<number, Address>();
  while (bytes.length - cursor.offset >= ENTRY_BYTES) {
    const type = cursor.u64();
    const value = Number(cursor.u64());
    if (type === AT_NULL) break;
    if (isAddress(value)) values.set(Number(type), value);
  }
  const present = (type: number): Address | undefined => values.get(type) || undefined;
  return {
    programHeaders: present(AT_PHDR),
    entry: present(AT_ENTRY),
    loader: present(AT_BASE),
    executablePath: present(AT_EXECFN),
    virtualLibrary: present(AT_SYSINFO_EHDR),
    pageSizeBytes: pageSizeOf(values.get(AT_PAGESZ)),
  };
}

function pageSizeOf(value: number | undefined): number {
  const isPageSize =
    value !== undefined &&
    value >= DEFAULT_PAGE_BYTES &&
    value <= LARGEST_PAGE_BYTES &&
    Number.isInteger(Math.log2(value));
  return isPageSize ? value : DEFAULT_PAGE_BYTES;
}
