import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { MalformedInputError } from '../base/errors.ts';
import { encodeOsString } from '../base/os-string.ts';
import type { ByteSource } from '../base/ports.ts';
import { errnoNameOf } from './errno.ts';

/**
 * O_PATH of include/uapi/asm-generic/fcntl.h, which node:fs does not name: to look at a file before anything happens
 * to it, as opening a device or a pipe may do.
 */
export const O_PATH = 0o10000000;

/** The bytes of an open file, read at any offset. */
export class FileSource implements ByteSource, Disposable {
  readonly name: string;
  readonly sizeBytes: number;
  readonly modifiedAt: Date;
  #fd: number;

  /** @param fd a regular file, open for reading, which is closed with this source */
  constructor(fd: number, name: string) {
    const { size, mtime } = fstatSync(fd);
    this.#fd = fd;
    this.name = name;
    this.sizeBytes = size;
    this.modifiedAt = mtime;
  }

  read(offset: number, sizeBytes: number): Uint8Array {
    if (offset < 0 || sizeBytes < 0 || offset + sizeBytes > this.sizeBytes) {
      const state = `${sizeBytes} bytes wanted, the file has ${this.sizeBytes}`;
      throw new MalformedInputError(this.name, offset, state);
    }
    // Without zeros first: each byte is written to below, or nobody gets it.
    const bytes = new Uint8Array(Buffer.allocUnsafeSlow(sizeBytes).buffer);
    let filled = 0;
    while (filled < sizeBytes) {
      const count = readSync(this.#fd, bytes, filled, sizeBytes - filled, offset + filled);
      if (count === 0) throw new MalformedInputError(this.name, offset + filled, 'the file became shorter');
      filled += count;
    }
    return bytes;
  }

  /** A path by which the kernel finds this very file, as long as it is open. */
  get openPath(): string {
    return `/proc/self/fd/${this.#fd}`;
  }

  [Symbol.dispose](): void {
    if (this.#fd >= 0) closeSync(this.#fd);
    this.#fd = -1;
  }
}

/** Opens anything, by a path of `decodeOsString`; `undefined` when the system refuses for whatever reason. */
export function tryOpen(path: string, flags: number): number | undefined {
  try {
    return openSync(encodeOsString(path), flags);
  } catch (error) {
    if (errnoNameOf(error) === undefined) throw error;
    return undefined;
  }
}

/**
 * Opens for reading the very file that an O_PATH handle stands for, which is closed in any case; `undefined` unless it
 * is a regular file that we may read.
 */
export function readThrough<T>(handle: number, make: (fd: number) => T): T | undefined {
  try {
    if (!fstatSync(handle).isFile()) return undefined;
    const fd = tryOpen(`/proc/self/fd/${handle}`, constants.O_RDONLY);
    return fd === undefined ? undefined : make(fd);
  } finally {
    closeSync(handle);
  }
}
