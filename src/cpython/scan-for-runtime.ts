import { type Address, type AddressRange, offsetBy } from '../base/address.ts';
import { isAboutMemory } from '../base/errors.ts';
import { StructView } from '../base/struct-view.ts';
import { formatPythonVersion } from '../model/python-version.ts';
import type { AddressSpace, MappedModule } from './address-space.ts';
import { findVersion, readableChunks } from './find-version.ts';
import { looksLikeInterpreter } from './interpreter-check.ts';
import { DEBUG_OFFSETS_COOKIE } from './layouts/debug-offsets.ts';
import { layoutFor, publishesDebugOffsets } from './layouts/layout-for.ts';
import type { CPythonRuntime } from './runtime.ts';
import { hasMainInterpreter, type RuntimeSearch, rootsOf, runtimeAt } from './runtime-candidate.ts';

const WORD_BYTES = 8;

/**
 * Looks for a runtime where no section and no symbol names it: for the cookie of the debug offsets (3.13+), and for a
 * word that points to what holds together as an interpreter; in .bss, and if `exhaustive` in all writable memory.
 */
export function scanForRuntime(
  search: RuntimeSearch,
  modules: readonly MappedModule[],
  options: { readonly exhaustive: boolean },
): CPythonRuntime | undefined {
  for (const module of modules) {
    const found = scanRanges(search, module, module.writableRanges, `scan of the data of ${module.path}`);
    if (found !== undefined) return found;
  }
  const [likeliest] = modules;
  if (!options.exhaustive || likeliest === undefined) return undefined;
  const { anonymousRanges, heap } = search.space;
  return (
    scanRanges(search, likeliest, anonymousRanges, 'scan of anonymous memory') ??
    (heap === undefined ? undefined : scanRanges(search, likeliest, [heap], 'scan of the heap'))
  );
}

function scanRanges(
  search: RuntimeSearch,
  module: MappedModule,
  ranges: readonly AddressRange[],
  foundBy: string,
): CPythonRuntime | undefined {
  return (
    scanForCookie(search, module, ranges, foundBy) ?? scanForInterpreter(search, module, ranges, foundBy)
  );
}

function scanForCookie(
  search: RuntimeSearch,
  module: MappedModule,
  ranges: readonly AddressRange[],
  foundBy: string,
): CPythonRuntime | undefined {
  for (const { address, bytes } of readableChunks(search.memory, ranges)) {
    const haystack = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
    for (
      let at = haystack.indexOf(DEBUG_OFFSETS_COOKIE);
      at >= 0;
      at = haystack.indexOf(DEBUG_OFFSETS_COOKIE, at + 1)
    ) {
      if (at % WORD_BYTES !== 0) continue;
      const found = runtimeAt(search, module, offsetBy(address, at), foundBy);
      if (found !== undefined) return found;
    }
  }
  return undefined;
}

function scanForInterpreter(
  search: RuntimeSearch,
  module: MappedModule,
  ranges: readonly AddressRange[],
  foundBy: string,
): CPythonRuntime | undefined {
  const version = findVersion(search.memory, module);
  if (version === undefined) return undefined;
  if (publishesDebugOffsets(version)) {
    search.attempts.push(
      `${foundBy}: no _Py_DebugOffsets, by which CPython ${formatPythonVersion(version)} is read`,
    );
    return undefined;
  }
  const layout = layoutFor(version);
  const inDataOfTheTarget = membershipOf(search.space);
  let fallback: CPythonRuntime | undefined;
  for (const { address, bytes } of readableChunks(search.memory, ranges)) {
    for (const { at, pointer } of pointersIn(bytes, inDataOfTheTarget)) {
      if (!looksLikeInterpreter(search.memory, layout, pointer, 'both')) continue;
      const found = { version, layout, foundBy, others: [] };
      const runtime = layout.runtime && offsetBy(address, at - layout.runtime.interpretersHead);
      if (runtime !== undefined && isRuntime(search, layout, runtime)) {
        return { ...found, roots: rootsOf(layout, runtime) };
      }
      fallback ??= { ...found, roots: { ...NO_ROOTS, interpreters: { interpreter: pointer } } };
    }
  }
  if (fallback === undefined) search.attempts.push(`${foundBy}: no word of it points to an interpreter`);
  return fallback;
}

const NO_ROOTS = {
  runtime: undefined,
  currentThreadState: undefined,
  gilWaits: undefined,
  interpreterLock: undefined,
} as const;

function isRuntime(search: RuntimeSearch, layout: CPythonRuntime['layout'], runtime: Address): boolean {
  try {
    return hasMainInterpreter(search.memory, layout, runtime);
  } catch (error) {
    if (isAboutMemory(error)) return false;
    throw error;
  }
}

function* pointersIn(
  bytes: Uint8Array,
  isWanted: (address: number) => boolean,
): Generator<{ readonly at: number; readonly pointer: Address }> {
  const words = new StructView(bytes, 'scanned memory');
  for (let at = 0; at + WORD_BYTES <= bytes.length; at += WORD_BYTES) {
    const high = words.u32(at + 4);
    const value = high * 0x1_0000_0000 + words.u32(at);
    if (value % WORD_BYTES === 0 && isWanted(value)) yield { at, pointer: words.word(at) };
  }
}

/** Makes the test whether an address lies in data of the target, where an interpreter may be. */
function membershipOf(space: AddressSpace): (address: number) => boolean {
  const ranges = [
    ...space.modules.flatMap((module) => module.writableRanges),
    ...space.anonymousRanges,
    ...(space.heap === undefined ? [] : [space.heap]),
  ].sort((a, b) => a.address - b.address);
  return (address) => {
    let low = 0;
    let high = ranges.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      const range = ranges[middle];
      if (range !== undefined && range.address <= address) low = middle + 1;
      else high = middle;
    }
    const range = ranges[low - 1];
    return range !== undefined && address < range.address + range.sizeBytes;
  };
}
