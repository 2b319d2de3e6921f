import type { ByteSource, Memory } from '../../base/ports.ts';
import type { CoreFile } from './core-file.ts';
import { CoreMemory } from './core-memory.ts';
import { type CoreModule, findCoreModules } from './core-modules.ts';
import type { CoreFileMapping } from './file-mappings.ts';
import { type LibrarySearch, moduleFileCandidates } from './library-search.ts';
import { type CoreModuleFile, findModuleFile, type LackingModuleFile } from './module-file.ts';

/** Where the files of a core are looked for. */
export interface CoreImageOptions {
  readonly search: LibrarySearch;
  /** The program that the user named; `undefined` to take the one that the core names. */
  readonly programPath: string | undefined;
  /** Opens a file; `undefined` when there is none that we may read. Who opens it closes it. */
  readonly open: (path: string) => ByteSource | undefined;
}

/** A module of a core with its file, when that is at hand. */
export interface CoreImageModule extends CoreModule {
  readonly file: CoreModuleFile | undefined;
}

/** A core put together with the files that were mapped. */
export interface CoreImage {
  readonly memory: Memory;
  /** In address order. */
  readonly modules: readonly CoreImageModule[];
  /** Each once. */
  readonly lacking: readonly LackingModuleFile[];
}

/** Finds the files of all modules of a core, and reads the memory that the core leaves out from them. */
export function openCoreImage(core: CoreFile, { search, programPath, open }: CoreImageOptions): CoreImage {
  const sources = new Map<CoreFileMapping, ByteSource>();
  const lacking = new Map<string, LackingModuleFile>();
  const modules = findCoreModules(core).map((module): CoreImageModule => {
    const named = module.isMainProgram && programPath !== undefined ? [programPath] : [];
    const found = findModuleFile(module, [...named, ...moduleFileCandidates(module.path, search)], open);
    if (found.lacking !== undefined) {
      lacking.set(`${module.path}\0${module.buildId ?? ''}`, found.lacking);
    }
    for (const mapping of module.mappings) {
      if (found.file !== undefined) sources.set(mapping, found.file.source);
    }
    return { ...module, file: found.file };
  });
  const memory = new CoreMemory(core, (mapping) => sources.get(mapping));
  return { memory, modules, lacking: [...lacking.values()] };
}
