import type { AddressRange } from '../base/address.ts';
import type { AddressSpace } from '../cpython/discovery/address-space.ts';
import type { CoreFile, CoreSegment } from '../elf/core/core-file.ts';
import type { CoreImage, CoreImageModule } from '../elf/core/core-image.ts';
import type { CoreFileMapping } from '../elf/core/file-mappings.ts';
import type { MemoryMapping } from '../platform/proc/maps.ts';
import { MappedImage, type ModuleMappings } from './mapped-image.ts';
import { MappedElf } from './mapped-modules.ts';

/** The address space that the process of a core had. Its heap cannot be told from other memory without a file. */
export function coreAddressSpace(core: CoreFile, { modules }: CoreImage): AddressSpace {
  return {
    modules: modules.map((module) => {
      const image = new MappedImage(mappingsOf(core, module), () => module.file);
      return new MappedElf(image, module.isMainProgram);
    }),
    heap: undefined,
    anonymousRanges: core.segments
      .filter(({ isReadable, isWritable, start }) => isReadable && isWritable && !isOfFile(core, start))
      .map(rangeOf),
  };
}

/** The mappings of a module and the part of its .bss behind them, which has no file. */
function mappingsOf(core: CoreFile, { path, mappings }: CoreImageModule): ModuleMappings {
  const [first, ...others] = mappings;
  // Any inode will do: what counts is that there is a file.
  const known = { isShared: false, device: '', inode: 1n };
  const ofFile = (each: CoreFileMapping): MemoryMapping => ({
    ...accessAt(core, each.start),
    ...each,
    ...known,
  });
  const end = (mappings.at(-1) ?? first).end;
  const behind = core.segments.find(({ start, isWritable }) => start === end && isWritable);
  const bss: readonly MemoryMapping[] =
    behind === undefined || isOfFile(core, behind.start)
      ? []
      : [{ ...behind, ...known, fileOffset: 0, inode: undefined, path: undefined, isDeleted: false }];
  return [{ ...ofFile(first), path }, ...others.map(ofFile), ...bss];
}

/** gdb leaves out what can be read from the file: code, and data that nobody writes to. */
function accessAt(
  { segments }: CoreFile,
  address: number,
): Pick<MemoryMapping, 'isReadable' | 'isWritable' | 'isExecutable'> {
  const segment = segments.find(({ start, end }) => start <= address && address < end);
  return segment ?? { isReadable: true, isWritable: false, isExecutable: true };
}

function isOfFile({ notes }: CoreFile, address: number): boolean {
  return (notes.fileMappings ?? []).some(({ start, end }) => start <= address && address < end);
}

function rangeOf({ start, end }: CoreSegment): AddressRange {
  return { address: start, sizeBytes: end - start };
}
