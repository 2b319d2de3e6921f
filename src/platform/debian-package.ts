import { closeSync, readdirSync } from 'node:fs';
import { posix } from 'node:path';
import { decodeOsString } from '../base/os-string.ts';
import { errnoNameOf } from './errno.ts';
import { openInTargetRoot } from './rooted-path.ts';
import { readTargetTextFile } from './target-files.ts';

/** Where dpkg keeps the lists of the files of each package (dpkg(1), Files). */
const LISTS = '/var/lib/dpkg/info';

/** A system with everything installed has less of them. */
const MAX_LISTS = 20_000;

/** Where packages put nothing. */
const NOT_PACKAGED = /^\/(?!(?:usr|lib\d*|bin|sbin|opt|etc)\/)|^\/usr\/local\//u;

/**
 * Finds the package that a file of the target's own system came with: `libssl3`. `undefined` where none did, and on
 * systems without dpkg. The lists of packages that are named like the file are read first: all of them take 50 ms.
 */
export function findDebianPackage(pid: number, path: string): string | undefined {
  if (NOT_PACKAGED.test(path)) return undefined;
  // Packages name what lies in /usr/lib as /lib, from the time when these were two directories, or as it is.
  const lines = [path, path.replace(/^\/usr(?=\/(?:lib|bin|sbin))/u, '')].map((each) => `\n${each}\n`);
  // libffi of libffi.so.8.1.2, python3 of python3.11
  const stem = posix.basename(path).split(/\.|-/u, 1)[0] ?? '';
  const names = listNames(pid);
  const likely = names.filter((name) => name.includes(stem));
  const found = [...likely, ...names.filter((name) => !likely.includes(name))].find((name) => {
    const text = readTargetTextFile(pid, posix.join(LISTS, name));
    if (text === undefined) return false;
    const bytes = Buffer.from(text.bytes.buffer, text.bytes.byteOffset, text.bytes.length);
    return lines.some((line) => bytes.includes(line));
  });
  // libc6:amd64.list
  return found?.replace(/(?::[^:]*)?\.list$/u, '');
}

/** The same for a file of our own system. */
export function findHostDebianPackage(path: string): string | undefined {
  return findDebianPackage(process.pid, path);
}

function listNames(pid: number): readonly string[] {
  const directory = openInTargetRoot(pid, LISTS);
  if (directory === undefined) return [];
  try {
    return readdirSync(`/proc/self/fd/${directory}`, { encoding: 'buffer' })
      .map(decodeOsString)
      .filter((name) => name.endsWith('.list'))
      .slice(0, MAX_LISTS);
  } catch (error) {
    if (errnoNameOf(error) === undefined) throw error;
    return [];
  } finally {
    closeSync(directory);
  }
}
