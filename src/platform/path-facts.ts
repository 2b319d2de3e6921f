import { type BigIntStats, closeSync, constants, fstatSync, readlinkSync } from 'node:fs';
import { resolve } from 'node:path';
import { decodeOsString } from '../base/os-string.ts';
import { O_PATH, tryOpen } from './file-source.ts';
import { openInTargetRoot } from './rooted-path.ts';

/** What is at a path, without opening it. */
export interface PathFacts {
  readonly kind: 'file' | 'directory' | 'other';
  /** Device and inode: the same for all names of one file. */
  readonly identity: string;
  /** Without symbolic links, as we see it. */
  readonly realPath: string | undefined;
  readonly modifiedAt: Date;
  /** When its inode changed: also when it was put in place of another file. */
  readonly changedAt: Date;
}

/** What a process finds at a path; `undefined` when there is nothing, or nothing that we may see. */
export function pathFactsOfTarget(pid: number, path: string): PathFacts | undefined {
  return factsOf(openInTargetRoot(pid, path));
}

/** What we find at a path. */
export function pathFactsHere(path: string): PathFacts | undefined {
  return path.includes('\0') ? undefined : factsOf(tryOpen(path, O_PATH));
}

/** A path from the root directory on, of one that may be relative to our working directory. */
export function absolutePath(path: string): string {
  return resolve(path);
}

function factsOf(handle: number | undefined): PathFacts | undefined {
  if (handle === undefined) return undefined;
  try {
    const stat = fstatSync(handle, { bigint: true });
    return {
      kind: kindOf(stat),
      identity: `${stat.dev}:${stat.ino}`,
      realPath: realPathOf(handle),
      modifiedAt: stat.mtime,
      changedAt: stat.ctime,
    };
  } finally {
    closeSync(handle);
  }
}

function kindOf({ mode }: BigIntStats): PathFacts['kind'] {
  const type = mode & BigInt(constants.S_IFMT);
  if (type === BigInt(constants.S_IFREG)) return 'file';
  return type === BigInt(constants.S_IFDIR) ? 'directory' : 'other';
}

function realPathOf(handle: number): string | undefined {
  try {
    return decodeOsString(readlinkSync(`/proc/self/fd/${handle}`, { encoding: 'buffer' }));
  } catch {
    return undefined;
  }
}
