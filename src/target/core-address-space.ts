import type { AddressRange } from '../base/address.ts';
import type { AddressSpace } from '../cpython/discovery/address-space.ts';
import type { CoreFile, CoreSegment } from '../elf/core/core-file.ts';
import { type CoreImages, isOfFile } from './core-images.ts';
import { MappedElf } from './mapped-modules.ts';

/** The address space that the process of a core had. Its heap cannot be told from other memory without a file. */
export function coreAddressSpace(core: CoreFile, images: CoreImages): AddressSpace {
  return {
    modules: images.all.map((image) => new MappedElf(image, image === images.program)),
    heap: undefined,
    anonymousRanges: core.segments
      .filter(({ isReadable, isWritable, start }) => isReadable && isWritable && !isOfFile(core, start))
      .map(rangeOf),
  };
}

function rangeOf({ start, end }: CoreSegment): AddressRange {
  return { address: start, sizeBytes: end - start };
}
