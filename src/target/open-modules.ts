import { isAboutMemory } from '../base/errors.ts';
import type { Memory } from '../base/ports.ts';
import type { AddressSpace } from '../cpython/discovery/address-space.ts';
import { type ElfFile, readElf } from '../elf/elf-file.ts';
import type { MemoryMapping } from '../platform/proc/maps.ts';
import { readExecutablePath, readMaps } from '../platform/process-files.ts';
import { openMappedFile } from '../platform/target-files.ts';
import { addressSpaceOf } from './mapped-modules.ts';
import { MemoryImage } from './memory-image.ts';

/**
 * Hands a process's address space to a question; the files that it opened to answer are closed behind it. A file that
 * cannot be opened is read from the target's memory, as far as it is mapped, when that is at hand.
 */
export function withAddressSpace<Answer>(
  pid: number,
  memory: Memory | undefined,
  ask: (space: AddressSpace) => Answer,
): Answer {
  const openFiles: Disposable[] = [];
  try {
    const space = addressSpaceOf(readMaps(pid), readExecutablePath(pid) ?? '', (mappings) => {
      const mapping = mappings.find((each) => each.inode !== undefined);
      const file = mapping === undefined ? undefined : openMappedFile(pid, mapping);
      if (file === undefined) return memory === undefined ? undefined : imageOf(memory, mappings);
      openFiles.push(file);
      return readElf(file);
    });
    return ask(space);
  } finally {
    for (const file of openFiles) file[Symbol.dispose]();
  }
}

function imageOf(memory: Memory, mappings: readonly MemoryMapping[]): ElfFile | undefined {
  try {
    return readElf(new MemoryImage(memory, mappings));
  } catch (error) {
    if (isAboutMemory(error)) return undefined;
    throw error;
  }
}
