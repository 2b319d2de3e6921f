import type { AddressRange } from '../../base/address.ts';
import { UnsupportedPythonError } from '../../base/errors.ts';
import { formatPythonVersion, type PythonVersion } from '../../model/python-version.ts';
import type { CPythonRuntime } from '../runtime.ts';
import type { MappedModule } from './address-space.ts';
import { readableChunks, versionIn } from './find-version.ts';
import type { RuntimeSearch } from './runtime-candidate.ts';
import { cookieIn, type SearchedPlace, scanForInterpreter, scanModules } from './scan-for-runtime.ts';

/** Of memory without a file, no more than this is read: two seconds for each 2 GiB, and some more for many pointers. */
const MOST_READ_BYTES = 4 * 2 ** 30;
const GIB = 2 ** 30;

/** More texts that look like Python's version than this are data of the program. */
const MOST_VERSIONS = 4;

/**
 * Looks for a runtime everywhere else: in the data of modules that are not called python, as a plug-in that holds one,
 * and in memory without a file, where a packed program or one that copied itself into large pages lies.
 */
export function scanEverything(
  search: RuntimeSearch,
  modules: readonly MappedModule[],
): CPythonRuntime | undefined {
  for (const module of modules) {
    const found = unlessUnsupported(search, () => scanModules(search, [module]));
    if (found !== undefined) return found;
  }
  return scanFilelessMemory(search);
}

/** Here a version that we cannot read may be no more than a text in the data of the program. */
function unlessUnsupported(
  search: RuntimeSearch,
  scan: () => CPythonRuntime | undefined,
): CPythonRuntime | undefined {
  try {
    return scan();
  } catch (error) {
    if (!(error instanceof UnsupportedPythonError)) throw error;
    search.attempts.push(error.message);
    return undefined;
  }
}

function scanFilelessMemory(search: RuntimeSearch): CPythonRuntime | undefined {
  const { anonymousRanges, heap } = search.space;
  // Small ones first: the data of a program is smaller than what it works on.
  const ranges = [...anonymousRanges, ...(heap === undefined ? [] : [heap])].toSorted(bySize);
  const place = { module: filelessModule(ranges), ranges, foundBy: 'scan of memory without a file' };
  const versions = new Map<string, VersionPlace>();
  let leftBytes = MOST_READ_BYTES;
  for (const range of ranges) {
    if (range.sizeBytes > leftBytes) {
      const skipped = (range.sizeBytes / GIB).toFixed(1);
      search.attempts.push(`${place.foundBy}: a range of ${skipped} GiB was not searched, which is too much`);
      continue;
    }
    leftBytes -= range.sizeBytes;
    for (const chunk of readableChunks(search.memory, [range])) {
      const found = cookieIn(search, place, chunk);
      if (found !== undefined) return found;
      const version = versionIn(chunk.bytes);
      if (version !== undefined) noteVersion(versions, version, range);
    }
  }
  return scanBesideVersions(search, place, [...versions.values()]);
}

function bySize(a: AddressRange, b: AddressRange): number {
  return a.sizeBytes - b.sizeBytes;
}

interface VersionPlace {
  readonly version: PythonVersion;
  /** The ranges that hold its text. */
  readonly ranges: Set<AddressRange>;
}

function noteVersion(found: Map<string, VersionPlace>, version: PythonVersion, range: AddressRange): void {
  const name = formatPythonVersion(version);
  const known = found.get(name);
  if (known !== undefined) known.ranges.add(range);
  else if (found.size < MOST_VERSIONS) found.set(name, { version, ranges: new Set([range]) });
}

/** Before 3.13 the text of the version and the pointer to the interpreters lie in the data of one file, side by side. */
function scanBesideVersions(
  search: RuntimeSearch,
  place: SearchedPlace,
  versions: readonly VersionPlace[],
): CPythonRuntime | undefined {
  for (const { version, ranges } of versions) {
    const near = place.ranges.filter((range) => [...ranges].some((known) => touches(range, known)));
    const nearby = { ...place, ranges: near };
    const found = unlessUnsupported(search, () => scanForInterpreter(search, nearby, version));
    if (found !== undefined) return found;
  }
  return undefined;
}

function touches(a: AddressRange, b: AddressRange): boolean {
  return a.address <= b.address + b.sizeBytes && b.address <= a.address + a.sizeBytes;
}

/** Stands for the file that the memory has none of. */
function filelessModule(ranges: readonly AddressRange[]): MappedModule {
  return {
    path: 'memory without a file',
    isMainProgram: false,
    findSymbol: () => undefined,
    findExportedSymbol: () => undefined,
    findSection: () => undefined,
    findFunctions: () => [],
    writableRanges: ranges,
  };
}
