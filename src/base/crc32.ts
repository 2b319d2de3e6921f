import { createRequire } from 'node:module';
import type * as Zlib from 'node:zlib';

/**
 * The CRC-32 of zlib, xz and `.gnu_debuglink`.
 * @param before that of the bytes before these, when they come piece by piece
 */
export function crc32(bytes: Uint8Array, before = 0): number {
  return loadZlib().crc32(bytes, before);
}

/** Loaded on demand: it takes 3 ms that every command would pay. */
function loadZlib(): typeof Zlib {
  return createRequire(import.meta.url)('node:zlib');
}
