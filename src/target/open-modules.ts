import type { AddressSpace } from '../cpython/address-space.ts';
import { readElf } from '../elf/elf-file.ts';
import { readExecutablePath, readMaps } from '../platform/process-files.ts';
import { openMappedFile } from '../platform/target-files.ts';
import { addressSpaceOf } from './mapped-modules.ts';

/** Hands a process's address space to a question; the files that it opened to answer are closed behind it. */
export function withAddressSpace<Answer>(pid: number, ask: (space: AddressSpace) => Answer): Answer {
  const openFiles: Disposable[] = [];
  try {
    const space = addressSpaceOf(readMaps(pid), readExecutablePath(pid) ?? '', (mappings) => {
      const mapping = mappings.find((each) => each.inode !== undefined);
      const file = mapping === undefined ? undefined : openMappedFile(pid, mapping);
      if (file === undefined) return undefined;
      openFiles.push(file);
      return readElf(file);
    });
    return ask(space);
  } finally {
    for (const file of openFiles) file[Symbol.dispose]();
  }
}
