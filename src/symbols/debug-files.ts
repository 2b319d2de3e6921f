import { posix } from 'node:path';
import { crc32 } from '../base/crc32.ts';
import type { ByteSource } from '../base/ports.ts';
import type { ElfFile } from '../elf/elf-file.ts';

/** Where distributions put what they strip from their programs. */
const DEBUG_DIRECTORIES: readonly string[] = ['/usr/lib/debug'];

/** What a debug file is read in to be summed up. */
const PIECE_BYTES = 2 ** 20;

/** Where a file lies, as the process that mapped it says, and where to look for debug files. */
export interface DebugFileSearch {
  /** Absolute, with symbolic links resolved. */
  readonly path: string;
  /** `/usr/lib/debug` when left out. */
  readonly debugDirectories?: readonly string[];
}

/**
 * The paths at which a separate debug file may lie, in the order in which gdb looks (Debugging with GDB, "Debugging
 * Information in Separate Files"): by build id, then by the name of `.gnu_debuglink` beside the file, in `.debug`
 * and below the debug directory. Where `/lib` is `/usr/lib` the package may have been made for the one or the other.
 * At last the name that Fedora and Alpine give it, which is found without a link too.
 */
export function debugFileCandidates(
  elf: ElfFile,
  { path, debugDirectories = DEBUG_DIRECTORIES }: DebugFileSearch,
): readonly string[] {
  const directory = posix.dirname(path);
  const below = [directory, otherUsr(directory)].flatMap((place) =>
    place === undefined ? [] : debugDirectories.map((root) => posix.join(root, place)),
  );
  const candidates = buildIdPaths(elf.buildId, debugDirectories);
  const link = plainName(elf.debugLink?.fileName);
  if (link !== undefined) {
    const places = [directory, posix.join(directory, '.debug'), ...below];
    candidates.push(...places.map((place) => posix.join(place, link)));
  }
  candidates.push(...below.map((place) => posix.join(place, `${posix.basename(path)}.debug`)));
  return [...new Set(candidates)].filter((candidate) => candidate !== path);
}

/** The paths at which the file of `.gnu_debugaltlink` may lie, which dwz moves what several debug files share to. */
export function alternateFileCandidates(
  debugElf: ElfFile,
  { path, debugDirectories = DEBUG_DIRECTORIES }: DebugFileSearch,
): readonly string[] {
  const link = debugElf.alternateDebugLink;
  if (link === undefined) return [];
  const candidates = [
    posix.resolve(posix.dirname(path), link.path),
    ...buildIdPaths(link.buildId, debugDirectories),
    ...debugDirectories.map((root) => posix.join(root, '.dwz', posix.basename(link.path))),
  ];
  return [...new Set(candidates)].filter((candidate) => candidate !== path);
}

/**
 * Tells whether a debug file belongs to a file: their build ids are equal or, where one of them has none, the whole of
 * it has the checksum of the debug link.
 * @throws {MalformedInputError} when either is malformed
 */
export function matchesDebugFile(elf: ElfFile, debugElf: ElfFile, debugSource: ByteSource): boolean {
  const { buildId } = elf;
  const debugBuildId = debugElf.buildId;
  if (buildId !== undefined && debugBuildId !== undefined) return buildId === debugBuildId;
  const link = elf.debugLink;
  return link !== undefined && crc32Of(debugSource) === link.crc32;
}

/** Piece by piece, since debug files have up to gigabytes. */
function crc32Of(source: ByteSource): number {
  let sum = 0;
  for (let offset = 0; offset < source.sizeBytes; offset += PIECE_BYTES) {
    sum = crc32(source.read(offset, Math.min(PIECE_BYTES, source.sizeBytes - offset)), sum);
  }
  return sum;
}

function buildIdPaths(buildId: string | undefined, debugDirectories: readonly string[]): string[] {
  // The first byte names the directory, so that one byte alone is none.
  if (buildId === undefined || buildId.length < 4) return [];
  const name = `.build-id/${buildId.slice(0, 2)}/${buildId.slice(2)}.debug`;
  return debugDirectories.map((root) => posix.join(root, name));
}

/** A link names a file without its directory; one that does not is not followed anywhere. */
function plainName(fileName: string | undefined): string | undefined {
  if (fileName === undefined || fileName.includes('/')) return undefined;
  return fileName === '' || fileName === '.' || fileName === '..' ? undefined : fileName;
}

/** `/usr/lib/x` for `/lib/x`, and the other way round. */
function otherUsr(directory: string): string | undefined {
  const [first] = directory.split('/').filter((part) => part !== '');
  if (first === 'usr') return directory.slice('/usr'.length) || '/';
  return first !== undefined && /^(?:bin|sbin|lib\d*|libx32)$/u.test(first) ? `/usr${directory}` : undefined;
}
