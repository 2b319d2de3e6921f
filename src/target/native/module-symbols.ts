import { BoundedCache } from '../../dwarf/debug-info/bounded-cache.ts';
import { openDebugInfo } from '../../dwarf/debug-info/debug-info.ts';
import { debugSectionsOf } from '../../dwarf/debug-info/debug-sections.ts';
import type { ElfFile } from '../../elf/elf-file.ts';
import type { CacheFiles } from '../../platform/cache-files.ts';
import { readDemanglerCode } from '../../platform/demangler-code.ts';
import { Demangler } from '../../symbols/demangler.ts';
import { FunctionSymbols } from '../../symbols/function-symbols.ts';
import { ModuleSymbolizer } from '../../symbols/module-symbolizer.ts';
import { SymbolCache } from '../../symbols/symbol-cache.ts';
import type { LineInfo, SymbolFrame } from '../../symbols/symbol-frame.ts';
import type { OpenElfFiles } from '../open-modules.ts';
import type { CodeModule } from './code-modules.ts';
import { DebugFiles } from './debug-files.ts';

/** What is known of the addresses of one module, now and from earlier runs. */
interface Known {
  readonly symbolizer: ModuleSymbolizer;
  readonly cache: SymbolCache | undefined;
  readonly cacheName: string;
}

/** Names the places in the modules of one process. What was found is kept for the next run by build id. */
export class ModuleSymbols implements Disposable {
  readonly #debugFiles: DebugFiles;
  readonly #cacheFiles: CacheFiles;
  readonly #demangler = new Demangler(readDemanglerCode);
  readonly #parts = new BoundedCache();
  readonly #known = new Map<CodeModule, Known | undefined>();

  constructor(pid: number, files: OpenElfFiles, cacheFiles: CacheFiles) {
    this.#debugFiles = new DebugFiles(pid, files);
    this.#cacheFiles = cacheFiles;
  }

  /** The calls that stand at an address of a module's own, innermost inlined one first; none where nothing is known. */
  framesAt(module: CodeModule, address: number): readonly SymbolFrame[] {
    let known = this.#known.get(module);
    if (known === undefined && !this.#known.has(module)) {
      known = this.#open(module);
      this.#known.set(module, known);
    }
    if (known === undefined) return [];
    const remembered = known.cache?.framesAt(address);
    if (remembered !== undefined) return remembered;
    const frames = known.symbolizer.framesAt(address);
    known.cache?.remember(address, frames);
    return frames;
  }

  /** Keeps what was found for the next run. */
  [Symbol.dispose](): void {
    for (const known of this.#known.values()) {
      if (known?.cache?.isChanged === true) this.#cacheFiles.write(known.cacheName, known.cache.encode());
    }
  }

  #open(module: CodeModule): Known | undefined {
    const elf = module.loaded?.elf;
    if (elf === undefined) return undefined;
    const { path, buildId } = module.facts;
    const debugFile = this.#debugFiles.debugFileOf(elf, path);
    const functions = new FunctionSymbols(elf, debugFile?.elf);
    const lines = this.#linesOf(debugFile?.elf ?? elf, debugFile?.path ?? path);
    const symbolizer = new ModuleSymbolizer({ functions, lines, demangler: this.#demangler });
    const cacheName = `symbols-${buildId ?? ''}`;
    if (buildId === undefined) return { symbolizer, cache: undefined, cacheName };
    const key = { buildId, origin: debugFile?.identity ?? '' };
    const bytes = this.#cacheFiles.read(cacheName) ?? new Uint8Array();
    return { symbolizer, cache: SymbolCache.decode(bytes, key), cacheName };
  }

  #linesOf(elf: ElfFile, path: string): LineInfo {
    const info = openDebugInfo(debugSectionsOf(elf), {
      findAlternateFile: () => this.#debugFiles.alternateOf(elf, path),
      findSplitFile: (wanted) => this.#debugFiles.splitFileOf(wanted, path),
      cache: this.#parts,
    });
    return {
      locate: (address) =>
        info.resolve(address).map(({ name, linkageName, file, line, isInlined }) => ({
          functionName: linkageName ?? name,
          file,
          line,
          isInlined,
        })),
    };
  }
}
