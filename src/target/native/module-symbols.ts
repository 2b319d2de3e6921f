import { BoundedCache } from '../../dwarf/debug-info/bounded-cache.ts';
import { openDebugInfo } from '../../dwarf/debug-info/debug-info.ts';
import { debugSectionsOf } from '../../dwarf/debug-info/debug-sections.ts';
import type { ElfFile } from '../../elf/elf-file.ts';
import type { CacheFiles } from '../../platform/cache-files.ts';
import { readDemanglerCode } from '../../platform/demangler-code.ts';
import { Demangler } from '../../symbols/demangler.ts';
import { FunctionSymbols } from '../../symbols/function-symbols.ts';
import { ModuleSymbolizer } from '../../symbols/module-symbolizer.ts';
import { SymbolCache, symbolCacheName } from '../../symbols/symbol-cache.ts';
import type { LineInfo, SymbolFrame } from '../../symbols/symbol-frame.ts';
import type { CodeModule } from './code-modules.ts';
import { CythonSources } from './cython-sources.ts';
import { DebugFiles } from './debug-files.ts';
import type { NativeOrigin } from './native-origin.ts';

/** What is known of the addresses of one module. */
interface Known {
  readonly symbolizer: ModuleSymbolizer;
  readonly cython: CythonSources;
  /** What earlier runs found; `undefined` for a file without a build id, which may be another one the next time. */
  readonly kept: { readonly name: string; readonly cache: SymbolCache } | undefined;
}

/** Names the places in the modules of one process. What was found is kept for the next run by build id. */
export class ModuleSymbols implements Disposable {
  readonly #origin: NativeOrigin;
  readonly #debugFiles: DebugFiles;
  readonly #cacheFiles: CacheFiles;
  readonly #demangler = new Demangler(readDemanglerCode);
  readonly #parts = new BoundedCache();
  readonly #known = new Map<CodeModule, Known | undefined>();

  constructor(origin: NativeOrigin, cacheFiles: CacheFiles) {
    this.#origin = origin;
    this.#debugFiles = new DebugFiles(origin);
    this.#cacheFiles = cacheFiles;
  }

  /**
   * The calls that stand at each of some addresses of a module's own, innermost inlined one first; none where nothing is
   * known. Asked for all of a module at once, since what is read for one mostly tells of the others too.
   */
  framesAt(module: CodeModule, addresses: readonly number[]): ReadonlyMap<number, readonly SymbolFrame[]> {
    const known = this.#knownOf(module);
    if (known === undefined) return new Map();
    const { symbolizer, cython, kept } = known;
    const unknown = addresses.filter((address) => kept?.cache.framesAt(address) === undefined);
    const found = new Map<number, readonly SymbolFrame[]>();
    for (const [address, frames] of unknown.length === 0 ? [] : symbolizer.framesAt(unknown))
      found.set(
        address,
        frames.map((frame) => cython.located(frame)),
      );
    // What is missing because a file is damaged or was cut off may be there the next time.
    if (symbolizer.problems.length === 0)
      for (const [address, frames] of found) kept?.cache.remember(address, frames);
    return new Map(
      addresses.map((address) => [address, found.get(address) ?? kept?.cache.framesAt(address) ?? []]),
    );
  }

  /** Keeps what was found for the next run. */
  [Symbol.dispose](): void {
    const changed = [...this.#known.values()].flatMap((known) =>
      known?.kept?.cache.isChanged === true ? [known.kept] : [],
    );
    this.#cacheFiles.write(changed.map(({ name, cache }) => [name, cache.encode()]));
  }

  #knownOf(module: CodeModule): Known | undefined {
    if (!this.#known.has(module)) this.#known.set(module, this.#open(module));
    return this.#known.get(module);
  }

  #open(module: CodeModule): Known | undefined {
    const elf = module.loaded?.elf;
    if (elf === undefined) return undefined;
    const { path, buildId } = module.facts;
    const debugFile = this.#debugFiles.debugFileOf(elf, path);
    const functions = new FunctionSymbols(elf, debugFile?.elf);
    const lines = this.#linesOf(debugFile?.elf ?? elf, debugFile?.path ?? path);
    const symbolizer = new ModuleSymbolizer({ functions, lines, demangler: this.#demangler });
    const cython = new CythonSources(this.#origin, path);
    const name = buildId === undefined ? undefined : symbolCacheName(buildId);
    if (buildId === undefined || name === undefined) return { symbolizer, cython, kept: undefined };
    const bytes = this.#cacheFiles.read(name) ?? new Uint8Array();
    const cache = SymbolCache.decode(bytes, { buildId, origin: debugFile?.identity ?? '' });
    return { symbolizer, cython, kept: { name, cache } };
  }

  #linesOf(elf: ElfFile, path: string): LineInfo {
    return openDebugInfo(debugSectionsOf(elf), {
      findAlternateFile: () => this.#debugFiles.alternateOf(elf, path),
      findSplitFile: (wanted) => this.#debugFiles.splitFileOf(wanted, path),
      cache: this.#parts,
    });
  }
}
