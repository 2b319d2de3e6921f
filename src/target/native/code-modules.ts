import type { Address } from '../../base/address.ts';
import { BufferSource } from '../../base/buffer-source.ts';
import { isAboutMemory } from '../../base/errors.ts';
import type { Memory } from '../../base/ports.ts';
import type { CallFrames } from '../../dwarf/call-frame/call-frames.ts';
import { openCallFrames } from '../../dwarf/call-frame/open-call-frames.ts';
import { readElf } from '../../elf/elf-file.ts';
import type { NativeModule } from '../../model/native-frame.ts';
import type { MemoryMapping } from '../../platform/proc/maps.ts';
import { readMaps } from '../../platform/process-files.ts';
import type { UnwindModule, UnwindModules } from '../../unwind/walk.ts';
import { groupByModule, type LoadedElf, loadElf, MappedImage } from '../mapped-image.ts';
import type { OpenElfFiles } from '../open-modules.ts';
import { isAsLoaded } from './loaded-image.ts';

/**
 * What is left of a module's file. `whole`: it is there. `memory`: it cannot be opened, and what of it is mapped is read
 * from there. `changed`: it was written over in place. `none`: nothing of it can be read.
 */
export type ModuleState = 'whole' | 'memory' | 'changed' | 'none';

/** A file whose code is mapped into the target, or the kernel's own library of it. */
export class CodeModule implements UnwindModule {
  readonly image: MappedImage;
  readonly #memory: Memory;
  readonly #files: Pick<OpenElfFiles, 'isImage'>;
  #state: ModuleState | undefined;
  #facts: NativeModule | undefined;
  #callFrames: CallFrames | undefined | 'not opened' = 'not opened';

  constructor(image: MappedImage, memory: Memory, files: Pick<OpenElfFiles, 'isImage'>) {
    this.image = image;
    this.#memory = memory;
    this.#files = files;
  }

  get state(): ModuleState {
    this.#state ??= this.#findState();
    return this.#state;
  }

  get facts(): NativeModule {
    const buildId = this.state === 'changed' ? undefined : this.image.ask(({ elf }) => elf.buildId);
    this.#facts ??= { path: this.image.path, buildId };
    return this.#facts;
  }

  /** 0 for a file that cannot be had, of which nothing is asked by address. */
  get bias(): number {
    return this.loaded?.bias ?? 0;
  }

  get callFrames(): CallFrames | undefined {
    if (this.#callFrames === 'not opened') {
      const { loaded } = this;
      this.#callFrames = loaded === undefined ? undefined : openCallFrames(loaded.elf);
    }
    return this.#callFrames;
  }

  /** `undefined` also for a file that is another one by now, of which nothing would be true. */
  get loaded(): LoadedElf | undefined {
    return this.state === 'changed' ? undefined : this.image.ask((loaded) => loaded);
  }

  #findState(): ModuleState {
    const found = this.image.ask((loaded): ModuleState => {
      if (this.#files.isImage(loaded.elf)) return 'memory';
      return isAsLoaded(this.#memory, loaded) ? 'whole' : 'changed';
    });
    return found ?? 'none';
  }
}

/** The modules of a process by the addresses of their code. */
export class CodeModules implements UnwindModules {
  readonly #pid: number;
  readonly #memory: Memory;
  readonly #files: OpenElfFiles;
  readonly #ranges: readonly CodeRange[];

  constructor(pid: number, memory: Memory, files: OpenElfFiles) {
    this.#pid = pid;
    this.#memory = memory;
    this.#files = files;
    this.#ranges = this.#readRanges();
  }

  /** Some module; `undefined` when none is mapped. */
  any(): CodeModule | undefined {
    return this.#ranges[0]?.module;
  }

  /** Finds the module whose executable mapping holds an address. */
  moduleAt(address: Address): CodeModule | undefined {
    let low = 0;
    let high = this.#ranges.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const range = this.#ranges[middle];
      if (range !== undefined && range.end <= address) low = middle + 1;
      else high = middle;
    }
    const found = this.#ranges[low];
    return found !== undefined && found.start <= address ? found.module : undefined;
  }

  #readRanges(): readonly CodeRange[] {
    const mappings = readMaps(this.#pid);
    const modules = groupByModule(mappings).map((group) =>
      this.#moduleOf(new MappedImage(group, () => loadElf(group, (each) => this.#files.open(each)))),
    );
    const virtual = mappings
      .filter(({ path }) => path === VIRTUAL_LIBRARY)
      .map((mapping) =>
        this.#moduleOf(
          new MappedImage([mapping], () => loadElf([mapping], () => this.#openVirtual(mapping))),
        ),
      );
    return [...modules, ...virtual]
      .flatMap((module) =>
        module.image.mappings
          // Code that was made behind a file's .bss looks like a part of that in the maps.
          .filter(
            ({ isExecutable, inode, path }) => isExecutable && (inode !== undefined || path !== undefined),
          )
          .map(({ start, end }) => ({ start, end, module })),
      )
      .sort((a, b) => a.start - b.start);
  }

  #moduleOf(image: MappedImage): CodeModule {
    return new CodeModule(image, this.#memory, this.#files);
  }

  #openVirtual(mapping: MemoryMapping) {
    try {
      const { start, end } = mapping;
      return readElf(new BufferSource(this.#memory.read(start, end - start).slice(), VIRTUAL_LIBRARY));
    } catch (error) {
      if (isAboutMemory(error)) return undefined;
      throw error;
    }
  }
}

/** The vDSO: an ELF file that the kernel maps into every process, whole (vdso(7)). */
const VIRTUAL_LIBRARY = '[vdso]';

interface CodeRange {
  readonly start: Address;
  readonly end: Address;
  readonly module: CodeModule;
}
