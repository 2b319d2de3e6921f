import { type Address, type AddressRange, offsetBy } from '../../base/address.ts';
import type { Memory } from '../../base/ports.ts';
import { readIfSound } from '../../base/read-if-sound.ts';
import { StructView } from '../../base/struct-view.ts';
import type { PythonVersion } from '../../model/python-version.ts';
import { parseVersionHex, pythonVersionFromBanner } from '../layouts/python-version.ts';
import type { MappedModule } from './address-space.ts';

/**
 * Finds which CPython a module holds, for those that do not publish it beside their debug offsets (to 3.12): by
 * `Py_Version` (3.11+), or by the text that `Py_GetVersion()` left in .bss, which start-up itself asks for.
 */
export function findVersion(memory: Memory, module: MappedModule): PythonVersion | undefined {
  const version = versionFromSymbol(memory, module) ?? versionFromBanner(memory, module);
  return version === undefined ? undefined : { ...version, isDebugBuild: isDebugBuild(module) };
}

function versionFromSymbol(memory: Memory, module: MappedModule): PythonVersion | undefined {
  const address = module.findExportedSymbol('Py_Version');
  if (address === undefined) return undefined;
  return parseVersionHex(new StructView(memory.read(address, 8), 'Py_Version').u32(0));
}

/**
 * Tells whether a module was built with `--with-pydebug`: only such builds count references, and only those have the
 * function that complains of them.
 */
export function isDebugBuild(module: MappedModule): boolean {
  return module.findExportedSymbol('_Py_NegativeRefcount') !== undefined;
}

function versionFromBanner(memory: Memory, module: MappedModule): PythonVersion | undefined {
  for (const chunk of readableChunks(memory, module.writableRanges)) {
    const version = versionIn(chunk.bytes);
    if (version !== undefined) return version;
  }
  return undefined;
}

/** Finds in some memory the text that `Py_GetVersion()` made. */
export function versionIn(bytes: Uint8Array): PythonVersion | undefined {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length);
  // The text names the compiler: `3.11.7 (main, Jan  1 2024, 00:00:00) [GCC 12.2.0]`. Few megabytes hold any such name.
  if (!COMPILERS.some((compiler) => buffer.includes(compiler))) return undefined;
  // One byte is one character in latin1, so binary data around the text cannot shift or swallow it.
  return pythonVersionFromBanner(buffer.toString('latin1'));
}

/** How the compilers begin that cpython/Python/getcompiler.c names; Clang's comes after a vendor's name or none. */
const COMPILERS = ['[GCC ', 'Clang ', '[C]', '[C++]'];

const CHUNK_BYTES = 1 << 20;
/** Chunks overlap by this much, so that nothing shorter is missed at a seam. */
const SEAM_BYTES = 512;

/** Reads ranges piece by piece, leaving out what is not mapped. */
export function* readableChunks(
  memory: Memory,
  ranges: readonly AddressRange[],
): Generator<{ readonly address: Address; readonly bytes: Uint8Array }> {
  for (const range of ranges) {
    for (let at = 0; at < range.sizeBytes; at += CHUNK_BYTES) {
      const address = offsetBy(range.address, at);
      const sizeBytes = Math.min(CHUNK_BYTES + SEAM_BYTES, range.sizeBytes - at);
      const bytes = readIfSound(() => memory.read(address, sizeBytes));
      if (bytes !== undefined) yield { address, bytes };
    }
  }
}
