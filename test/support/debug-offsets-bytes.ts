/** What a `_Py_DebugOffsets` is made of. */
export interface DebugOffsetsParts {
  readonly cookie?: string;
  readonly hexVersion: number;
  readonly freeThreaded?: number;
  /** Everything after free_threaded, in the order of cpython/Include/internal/pycore_debug_offsets.h. */
  readonly words: readonly number[];
}

/** Writes a `_Py_DebugOffsets` as it stands at the beginning of `_PyRuntime`. */
export function debugOffsetsBytes(parts: DebugOffsetsParts): Uint8Array {
  const { cookie = 'xdebugpy', hexVersion, freeThreaded = 0, words } = parts;
  const bytes = Buffer.alloc(24 + words.length * 8);
  bytes.write(cookie, 'latin1');
  for (const [index, word] of [hexVersion, freeThreaded, ...words].entries())
    bytes.writeBigUInt64LE(BigInt(word), 8 + index * 8);
  return bytes;
}

/** What three x86-64 builds publish, read with readelf from .PyRuntime of the binary named above each. */
export const PUBLISHED_WORDS: Readonly<Record<'3.13.0' | '3.14.10' | '3.15.2', DebugOffsetsParts>> = {
  // libpython3.13.so.1.0, built from the release by pyenv.
  '3.13.0': {
    hexVersion: 0x03_0d_00_f0,
    words: [
      283320, 608, 632, 194968, 7272, 7264, 7344, 7400, 7656, 7640, 7648, 16, 7752, 0, 7768, 7760, 304, 0, 8,
      16, 72, 152, 160, 232, 32, 80, 8, 0, 56, 72, 70, 208, 112, 120, 128, 136, 68, 52, 96, 104, 200, 16, 8,
      416, 24, 88, 168, 32, 24, 16, 40, 24, 16, 48, 32, 40, 24, 16, 32, 16, 24, 40, 16, 32, 64, 32, 16, 40,
      240, 200,
    ],
  },
  // /usr/bin/python3.14 of Debian's python3.14-minimal 3.14.10-1.
  '3.14.10': {
    hexVersion: 0x03_0e_0a_f0,
    words: [
      316616, 784, 808, 225864, 7280, 7272, 7344, 7360, 7408, 7688, 7672, 7680, 16, 7784, 0, 7800, 7792, 7992,
      0, 832, 0, 8, 16, 72, 152, 160, 232, 32, 88, 8, 0, 56, 80, 74, 64, 0, 216, 112, 120, 128, 136, 68, 52,
      96, 104, 208, 0, 16, 8, 416, 24, 88, 168, 40, 32, 16, 40, 24, 16, 200, 24, 40, 32, 48, 32, 40, 24, 16,
      32, 16, 24, 40, 16, 32, 64, 32, 16, 40, 264, 192, 160, 24, 72, 67, 0, 8, 24, 304, 8076, 0, 4, 512,
    ],
  },
  // /usr/bin/python3.15 of Debian's python3.15-minimal 3.15.2-1.
  '3.15.2': {
    hexVersion: 0x03_0f_02_f0,
    words: [
      346568, 912, 936, 226240, 7272, 7264, 7336, 7352, 7400, 7592, 7576, 7584, 16, 7736, 0, 7752, 7744, 7944,
      0, 888, 0, 8, 16, 72, 80, 88, 96, 176, 184, 256, 32, 36, 40, 136, 288, 0, 88, 8, 0, 56, 80, 74, 64, 0,
      216, 112, 120, 128, 136, 68, 52, 96, 104, 208, 0, 16, 8, 424, 24, 88, 168, 32, 288, 944, 888, 40, 32,
      16, 40, 24, 16, 200, 24, 40, 32, 48, 32, 40, 24, 16, 32, 16, 24, 40, 16, 32, 64, 32, 16, 40, 56, 176,
      112, 120, 1120, 104, 160, 24, 72, 67, 0, 8, 24, 344, 8028, 0, 4, 512,
    ],
  },
};
