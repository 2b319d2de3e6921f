import { closeSync, constants, fstatSync, readlinkSync } from 'node:fs';
import { decodeOsString, encodeOsString } from '../base/os-string.ts';
import { errnoNameOf } from './errno.ts';
import { O_PATH, tryOpen } from './file-source.ts';

/** Limits of the kernel's own path walk (include/uapi/linux/limits.h, include/linux/namei.h). */
const MAX_PATH_CHARACTERS = 4096;
const MAX_LINKS = 40;

/**
 * Finds a file by the path that the target would use: from its root directory, or from its working directory when the
 * path is relative. Symbolic links are followed as the target would follow them, step by step on open directories:
 * A path below `/proc/PID/root` alone resolves an absolute link in *our* root, so that a container could have us read
 * and show files of the host. Answers an O_PATH handle, `undefined` when there is no such file.
 */
export function openInTargetRoot(pid: number, path: string): number | undefined {
  if (path.includes('\0') || path.length > MAX_PATH_CHARACTERS) return undefined;
  const root = tryOpen(`/proc/${pid}/root`, O_PATH | constants.O_DIRECTORY);
  if (root === undefined) return undefined;
  try {
    const base = path.startsWith('/') ? `/proc/self/fd/${root}` : `/proc/${pid}/cwd`;
    const start = tryOpen(base, O_PATH | constants.O_DIRECTORY);
    return start === undefined ? undefined : walk(root, start, path);
  } finally {
    closeSync(root);
  }
}

/** Closes `start`, and every other handle but the one that it answers. */
function walk(root: number, start: number, path: string): number | undefined {
  const rest = namesOf(path);
  let linkCount = 0;
  let current: number | undefined = start;
  while (current !== undefined && rest.length > 0) {
    const directory: number = current;
    const { handle, names } = takeStep(root, directory, rest.pop() ?? '');
    closeSync(directory);
    current = handle;
    rest.push(...names);
    if (names.length > 0) linkCount += 1;
    if (linkCount > MAX_LINKS) break;
  }
  if (current === undefined || rest.length === 0) return current;
  closeSync(current);
  return undefined;
}

/** Where one name of a path leads. */
interface Step {
  /** `undefined` when there is nothing of that name. */
  readonly handle: number | undefined;
  /** What is to be walked from there: the names of a link, the last one first. */
  readonly names: readonly string[];
}

function takeStep(root: number, directory: number, name: string): Step {
  if (name === '..' && isSameFile(directory, root)) return reopen(root, []);
  const handle = tryOpen(entryPath(directory, name), O_PATH | constants.O_NOFOLLOW);
  if (handle === undefined || !fstatSync(handle).isSymbolicLink()) return { handle, names: [] };
  closeSync(handle);
  const link = tryReadLink(directory, name);
  if (link === undefined) return { handle: undefined, names: [] };
  return reopen(link.startsWith('/') ? root : directory, namesOf(link));
}

function reopen(directory: number, names: readonly string[]): Step {
  return { handle: tryOpen(`/proc/self/fd/${directory}`, O_PATH), names };
}

/** The names of a path, the last one first. */
function namesOf(path: string): string[] {
  const names = path.split('/').filter((name) => name !== '' && name !== '.');
  return names.reverse();
}

/** `undefined` when what was a link a moment ago is none any more. */
function tryReadLink(directory: number, name: string): string | undefined {
  try {
    return decodeOsString(readlinkSync(encodeOsString(entryPath(directory, name)), { encoding: 'buffer' }));
  } catch (error) {
    if (errnoNameOf(error) === undefined) throw error;
    return undefined;
  }
}

function entryPath(directory: number, name: string): string {
  return `/proc/self/fd/${directory}/${name}`;
}

function isSameFile(one: number, other: number): boolean {
  const [a, b] = [one, other].map((fd) => fstatSync(fd, { bigint: true }));
  return a?.dev === b?.dev && a?.ino === b?.ino;
}
