import {
  closeSync,
  constants,
  fstatSync,
  futimesSync,
  openSync,
  readdirSync,
  readSync,
  renameSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs';
import { posix } from 'node:path';
import { silently } from './errno.ts';
import { isOurs, openOwnDirectory, PRIVATE_FILE_MODE } from './own-directory.ts';

/** Where a user keeps what can be made again (XDG Base Directory Specification). */
export interface CacheEnvironment {
  /** `$XDG_CACHE_HOME`; one that is not absolute is ignored, as the specification says. */
  readonly xdgCacheHome: string | undefined;
  /** `$HOME`. */
  readonly home: string | undefined;
}

/** How much a cache may take. */
export interface CacheLimits {
  readonly maxFileBytes: number;
  /** Of all files; those used least recently are removed. */
  readonly maxTotalBytes: number;
}

/** What names a file: a build id, or words of ours with one. */
const FILE_NAME = /^[a-z0-9][a-z0-9-]{0,127}$/u;

/** Of a file that is being written; it has a period, which no other has. */
const TEMPORARY_NAME = /^[a-z0-9-]+\.\d+$/u;

/** A file that has been in writing for as long was left behind by a run that was ended. */
const ABANDONED_MS = 3_600_000;

/**
 * Files that save work and that nobody misses: below `$XDG_CACHE_HOME/pyflight` or `~/.cache/pyflight`. Every failure
 * is silent: what cannot be read is not there, and what cannot be written is made again. We often run as root, so that
 * nothing is read, or written over, that another user could have put there.
 */
export class CacheFiles {
  readonly #environment: CacheEnvironment;
  readonly #limits: CacheLimits;

  constructor(environment: CacheEnvironment, limits: CacheLimits) {
    this.#environment = environment;
    this.#limits = limits;
  }

  /** Reads a file whole, which then counts as used; `undefined` when there is none that may be trusted. */
  read(name: string): Uint8Array | undefined {
    return this.#inDirectory([name], (directory) => {
      const fd = openSync(
        posix.join(directory, name),
        constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK,
      );
      try {
        const { size } = fstatSync(fd);
        if (!isOurs(fd) || !fstatSync(fd).isFile() || size > this.#limits.maxFileBytes) return undefined;
        const bytes = new Uint8Array(size);
        const count = readSync(fd, bytes, 0, size, 0);
        const now = new Date();
        futimesSync(fd, now, now);
        return bytes.subarray(0, count);
      } finally {
        closeSync(fd);
      }
    });
  }

  /** Writes files whole, each in one step for everybody who reads it, and removes what has become too much. */
  write(files: Iterable<readonly [name: string, bytes: Uint8Array]>): void {
    const fitting = [...files].filter(([, bytes]) => bytes.length <= this.#limits.maxFileBytes);
    if (fitting.length === 0) return;
    this.#inDirectory(
      fitting.map(([name]) => name),
      (directory) => {
        for (const [name, bytes] of fitting) writeWhole(posix.join(directory, name), bytes);
        this.#prune(directory);
      },
    );
  }

  /** Takes every path through one open directory, so that nobody can put another in its place meanwhile. */
  #inDirectory<T>(names: readonly string[], act: (directory: string) => T): T | undefined {
    const wrong = names.find((name) => !FILE_NAME.test(name));
    if (wrong !== undefined) throw new RangeError(`Cannot name a cache file ${wrong}: not of its letters`);
    return silently(() => {
      const { xdgCacheHome, home } = this.#environment;
      const fd = openOwnDirectory({ xdgHome: xdgCacheHome, home, below: ['.cache'] });
      if (fd === undefined) return undefined;
      try {
        return act(`/proc/self/fd/${fd}`);
      } finally {
        closeSync(fd);
      }
    });
  }

  #prune(directory: string): void {
    const now = Date.now();
    let total = 0;
    for (const { path, name, sizeBytes, usedMs } of filesIn(directory)) {
      const isAbandoned = TEMPORARY_NAME.test(name) && now - usedMs > ABANDONED_MS;
      if (isAbandoned || total + sizeBytes > this.#limits.maxTotalBytes) removeFile(path);
      else total += sizeBytes;
    }
  }
}

function writeWhole(path: string, bytes: Uint8Array): void {
  // By chance: process ids repeat where containers share a home.
  const temporary = `${path}.${Math.floor(Math.random() * 2 ** 48)}`;
  try {
    writeFileSync(temporary, bytes, { flag: 'wx', mode: PRIVATE_FILE_MODE });
    renameSync(temporary, path);
  } catch (error) {
    removeFile(temporary);
    throw error;
  }
}

interface CachedFile {
  readonly path: string;
  readonly name: string;
  readonly sizeBytes: number;
  readonly usedMs: number;
}

/** The files of ours, those used last first. */
function filesIn(directory: string): readonly CachedFile[] {
  const files = readdirSync(directory).flatMap((name): readonly CachedFile[] => {
    if (!FILE_NAME.test(name) && !TEMPORARY_NAME.test(name)) return [];
    const path = posix.join(directory, name);
    // Another run may have removed it.
    const found = statSync(path, { throwIfNoEntry: false });
    return found === undefined ? [] : [{ path, name, sizeBytes: found.size, usedMs: found.mtimeMs }];
  });
  return files.toSorted((one, other) => other.usedMs - one.usedMs);
}

function removeFile(path: string): void {
  silently(() => unlinkSync(path));
}
