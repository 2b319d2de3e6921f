import { closeSync, constants, fstatSync, mkdirSync, openSync, statSync } from 'node:fs';
import { posix } from 'node:path';
import { errnoNameOf } from './errno.ts';

/** Where a user keeps files of one kind (XDG Base Directory Specification). */
export interface OwnPlace {
  /** `$XDG_CACHE_HOME` and its like; one that is not absolute is ignored, as the specification says. */
  readonly xdgHome: string | undefined;
  /** `$HOME`. */
  readonly home: string | undefined;
  /** The directories below the home that stand for it: `.local`, `state`. */
  readonly below: readonly string[];
}

const DIRECTORY_NAME = 'pyflight';

const PRIVATE_DIRECTORY_MODE = 0o700;
/** The mode of every file that we keep. */
export const PRIVATE_FILE_MODE = 0o600;
const WRITABLE_BY_OTHERS = 0o022;

/**
 * Opens our directory there, which is made when it is not there; `undefined` where it is not ours alone. We often run
 * as root: with the home of another user, as `sudo` may leave it, nothing is put there.
 */
export function openOwnDirectory({ xdgHome, home, below }: OwnPlace): number | undefined {
  const base = xdgHome?.startsWith('/') === true ? madeDirectory(xdgHome) : homeDirectory(home, below);
  if (base === undefined || !isOwn(base)) return undefined;
  const path = madeDirectory(posix.join(base, DIRECTORY_NAME));
  const fd = openSync(path, constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW);
  if (isOurs(fd)) return fd;
  closeSync(fd);
  return undefined;
}

/** Whether an open file or directory is ours, and nobody else may write to it. */
export function isOurs(fd: number): boolean {
  const { uid, mode } = fstatSync(fd);
  return uid === process.geteuid?.() && (mode & WRITABLE_BY_OTHERS) === 0;
}

function homeDirectory(home: string | undefined, below: readonly string[]): string | undefined {
  if (home?.startsWith('/') !== true || !isOwn(home)) return undefined;
  return below.reduce((directory, name) => madeDirectory(posix.join(directory, name)), home);
}

function madeDirectory(path: string): string {
  try {
    mkdirSync(path, { mode: PRIVATE_DIRECTORY_MODE });
  } catch (error) {
    if (errnoNameOf(error) !== 'EEXIST') throw error;
  }
  return path;
}

function isOwn(path: string): boolean {
  return statSync(path).uid === process.geteuid?.();
}
