import type { Address } from '../../base/address.ts';
import type { CallFrames } from '../../dwarf/call-frame/call-frames.ts';
import { openCallFrames } from '../../dwarf/call-frame/open-call-frames.ts';
import type { NativeModule } from '../../model/native-frame.ts';
import type { MemoryMapping } from '../../platform/proc/maps.ts';
import type { UnwindModule, UnwindModules } from '../../unwind/walk.ts';
import type { LoadedElf, MappedImage } from '../mapped-image.ts';
import { isAsLoaded } from './loaded-image.ts';
import type { NativeOrigin } from './native-origin.ts';

/**
 * What is left of a module's file. `whole`: it is there. `memory`: it cannot be opened, and what of it is mapped is read
 * from there. `changed`: it was written over in place. `none`: nothing of it can be read.
 */
export type ModuleState = 'whole' | 'memory' | 'changed' | 'none';

/** A file whose code is mapped into the target, or the kernel's own library of it. */
export class CodeModule implements UnwindModule {
  readonly image: MappedImage;
  readonly #origin: Pick<NativeOrigin, 'memory' | 'isMemoryImage'>;
  #state: ModuleState | undefined;
  #facts: NativeModule | undefined;
  #callFrames: CallFrames | undefined | 'not opened' = 'not opened';

  constructor(image: MappedImage, origin: Pick<NativeOrigin, 'memory' | 'isMemoryImage'>) {
    this.image = image;
    this.#origin = origin;
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
      if (this.#origin.isMemoryImage(loaded.elf)) return 'memory';
      return isAsLoaded(this.#origin.memory, loaded) ? 'whole' : 'changed';
    });
    return found ?? 'none';
  }
}

/** The modules of a process by the addresses of their code. */
export class CodeModules implements UnwindModules {
  readonly #origin: NativeOrigin;
  readonly #modules = new Map<MappedImage, CodeModule>();
  #ranges: readonly CodeRange[];

  constructor(origin: NativeOrigin) {
    this.#origin = origin;
    this.#ranges = this.#rangesNow();
  }

  /** Takes up what the process has mapped by now; modules that are there still stay the same. */
  refresh(): void {
    this.#ranges = this.#rangesNow();
    const images = new Set(this.#origin.images);
    for (const image of this.#modules.keys()) if (!images.has(image)) this.#modules.delete(image);
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

  #rangesNow(): readonly CodeRange[] {
    return this.#origin.images
      .map((image) => this.#moduleOf(image))
      .flatMap((module) =>
        module.image.mappings.filter(isCode).map(({ start, end }) => ({ start, end, module })),
      )
      .sort((a, b) => a.start - b.start);
  }

  #moduleOf(image: MappedImage): CodeModule {
    const known = this.#modules.get(image);
    if (known !== undefined) return known;
    const module = new CodeModule(image, this.#origin);
    this.#modules.set(image, module);
    return module;
  }
}

/** Code that was made behind a file's .bss looks like a part of that in the maps. */
function isCode({ isExecutable, inode, path }: MemoryMapping): boolean {
  return isExecutable && (inode !== undefined || path !== undefined);
}

interface CodeRange {
  readonly start: Address;
  readonly end: Address;
  readonly module: CodeModule;
}
