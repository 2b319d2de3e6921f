import { closeSync, openSync, readSync } from 'node:fs';
import { decodeOsString } from '../base/os-string.ts';

const FIRST_SIZE_BYTES = 4096;

/**
 * Reads a file whose size stat does not tell, as those of /proc. The kernel makes at most a page of it at one moment,
 * so only shorter files hold together.
 */
export function readSystemText(path: string): string {
  return decodeOsString(readSystemFile(path));
}

function readSystemFile(path: string): Buffer {
  const fd = openSync(path, 'r');
  try {
    let buffer = Buffer.allocUnsafe(FIRST_SIZE_BYTES);
    let filled = 0;
    for (;;) {
      const count = readSync(fd, buffer, filled, buffer.length - filled, null);
      if (count === 0) return buffer.subarray(0, filled);
      filled += count;
      if (filled === buffer.length) buffer = Buffer.concat([buffer], buffer.length * 4);
    }
  } finally {
    closeSync(fd);
  }
}
