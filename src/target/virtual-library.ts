import { BufferSource } from '../base/buffer-source.ts';
import type { Memory } from '../base/ports.ts';
import { readIfSound } from '../base/read-if-sound.ts';
import { readElf } from '../elf/elf-file.ts';
import type { MemoryMapping } from '../platform/proc/maps.ts';
import { loadElf, MappedImage } from './mapped-image.ts';

/** The vDSO: an ELF file that the kernel maps into every process, whole (vdso(7)). */
export const VIRTUAL_LIBRARY = '[vdso]';

/** The vDSO of a process; it is read from memory, sections and all. */
export function virtualLibraryImage(memory: Memory, mapping: MemoryMapping): MappedImage {
  return new MappedImage([mapping], () => loadElf([mapping], () => readWhole(memory, mapping)));
}

function readWhole(memory: Memory, { start, end }: MemoryMapping) {
  return readIfSound(() =>
    readElf(new BufferSource(memory.read(start, end - start).slice(), VIRTUAL_LIBRARY)),
  );
}
