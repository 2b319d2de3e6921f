import type { Memory } from '../base/ports.ts';
import { rangeHolding } from '../base/sorted-search.ts';
import type { CoreFile } from '../elf/core/core-file.ts';
import type { CoreImage, CoreImageModule } from '../elf/core/core-image.ts';
import type { CoreFileMapping } from '../elf/core/file-mappings.ts';
import type { ElfFile } from '../elf/elf-file.ts';
import { SEGMENT_FLAGS } from '../elf/segment.ts';
import type { MemoryMapping } from '../platform/proc/maps.ts';
import { type LoadedElf, loadElf, MappedImage, type ModuleMappings } from './mapped-image.ts';
import { imageOf } from './memory-image.ts';
import { VIRTUAL_LIBRARY, virtualLibraryImage } from './virtual-library.ts';

/** The modules of a core as they were mapped. A file that is not at hand is read from the core, as far as that has it. */
export class CoreImages {
  readonly all: readonly MappedImage[];
  readonly program: MappedImage | undefined;
  readonly #inMemory = new WeakSet<ElfFile>();

  constructor(core: CoreFile, { modules, memory }: CoreImage) {
    const images = modules.map((module) => ({ module, image: this.#imageOf(core, module, memory) }));
    this.all = images.map(({ image }) => image);
    this.program = images.find(({ module }) => module.isMainProgram)?.image;
  }

  /** Whether an ELF file is not the file itself but what the core holds of it. */
  isMemoryImage(elf: ElfFile): boolean {
    return this.#inMemory.has(elf);
  }

  #imageOf(core: CoreFile, module: CoreImageModule, memory: Memory): MappedImage {
    const mappings = mappingsOf(core, module);
    return module.path === VIRTUAL_LIBRARY
      ? virtualLibraryImage(memory, mappings[0])
      : new MappedImage(mappings, () => module.file ?? this.#loadFromMemory(memory, mappings));
  }

  #loadFromMemory(memory: Memory, mappings: ModuleMappings): LoadedElf | undefined {
    const loaded = loadElf(mappings, (each) => imageOf(memory, each));
    if (loaded !== undefined) this.#inMemory.add(loaded.elf);
    return loaded;
  }
}

/** The mappings of a module and the part of its .bss behind them, which has no file. */
function mappingsOf(core: CoreFile, module: CoreImageModule): ModuleMappings {
  const [first, ...others] = module.mappings;
  // Any inode will do: what counts is that there is a file.
  const known = { isShared: false, device: '', inode: 1n };
  const ofFile = (each: CoreFileMapping): MemoryMapping => ({
    ...accessOf(core, module, each),
    ...each,
    ...known,
  });
  const end = (module.mappings.at(-1) ?? first).end;
  const behind = rangeHolding(core.segments, end);
  const bss: readonly MemoryMapping[] =
    behind?.start !== end || !behind.isWritable || isOfFile(core, end)
      ? []
      : [{ ...behind, ...known, fileOffset: 0, inode: undefined, path: undefined, isDeleted: false }];
  return [{ ...ofFile(first), path: module.path }, ...others.map(ofFile), ...bss];
}

/** gdb leaves out what can be read from the file, code and data that nobody writes to: then the file tells which it is. */
function accessOf(
  { segments }: CoreFile,
  { file }: CoreImageModule,
  { start, end }: CoreFileMapping,
): Pick<MemoryMapping, 'isReadable' | 'isWritable' | 'isExecutable'> {
  const dumped = rangeHolding(segments, start);
  if (dumped !== undefined) return dumped;
  const bias = file?.bias ?? 0;
  const loaded = file?.elf.segments.find(({ type, virtualAddress, memorySize }) => {
    const from = virtualAddress + bias;
    return type === 'load' && from < end && start < from + memorySize;
  });
  const isExecutable = loaded === undefined || (loaded.flags & SEGMENT_FLAGS.execute) !== 0;
  return { isReadable: true, isWritable: false, isExecutable };
}

/** Whether an address lies in a file that was mapped. */
export function isOfFile({ fileMappings }: CoreFile, address: number): boolean {
  return rangeHolding(fileMappings, address) !== undefined;
}
