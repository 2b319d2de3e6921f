import { BufferSource } from '../base/buffer-source.ts';
import { type ElfFile, readElf } from '../elf/elf-file.ts';
import { decompressXz } from './xz/xz-file.ts';

/** Far above what any distribution puts there: the largest of Fedora have a few megabytes. */
const MAX_SIZE_BYTES = 2 ** 27;

/**
 * Reads `.gnu_debugdata`: an ELF file with the `.symtab` of functions that `.dynsym` has not, compressed with xz, as
 * Fedora and its relatives leave it in stripped programs. `undefined` where there is none.
 * @throws {MalformedInputError} when it does not decompress to an ELF file
 */
export function readMiniDebugInfo(elf: ElfFile): ElfFile | undefined {
  const section = elf.findSection('.gnu_debugdata');
  if (section === undefined || section.type === 'nobits') return undefined;
  const name = `.gnu_debugdata of ${elf.name}`;
  const bytes = decompressXz(elf.sectionBytes(section), { name, maxSizeBytes: MAX_SIZE_BYTES });
  return readElf(new BufferSource(bytes, name));
}
