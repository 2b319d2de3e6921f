/**
 * Fetches the CPythons that the live tests want and this machine does not have, from Debian, each into a root
 * directory of its own that is entered with chroot. What is in the cache already costs no network.
 */
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { cacheDirectory, discoverInterpreters, type Interpreter } from '../test/support/interpreters.ts';
import { ArchiveError, DebianSuite, debianMirrors, type PackageChoice, step } from './debian-archive.ts';

interface RootRow extends PackageChoice {
  /** Name of the root's directory in the cache. */
  readonly name: string;
  readonly family: string;
  readonly suite: string;
  readonly program: string;
  readonly origin: string;
  /** Whether the interpreters that were found leave a gap that this root would fill. */
  readonly isWanted: (found: readonly Interpreter[]) => boolean;
}

/** A root that is wanted and could not be had, with the reason. */
export interface MissingRoot {
  readonly name: string;
  readonly reason: string;
}

/** The interpreter, its libpython for programs that embed it, and the headers to compile those with. */
function release(family: string, suite: string): RootRow {
  return {
    name: `python${family}-${suite}`,
    family,
    suite,
    program: `/usr/bin/python${family}`,
    origin: `debian ${suite}`,
    packages: [`python${family}`, `libpython${family}`],
    alone: [`libpython${family}-dev`],
    isWanted: (found) => !found.some((interpreter) => interpreter.family === family),
  };
}

/** The same, built with `--with-pydebug`. */
function debugBuild(family: string, suite: string): RootRow {
  return {
    ...release(family, suite),
    name: `python${family}-dbg-${suite}`,
    program: `/usr/bin/python${family}d`,
    origin: `debian ${suite} debug`,
    packages: [`python${family}-dbg`],
    alone: [],
    isWanted: (found) => !found.some((each) => each.family === family && each.isDebugBuild),
  };
}

// Debian builds no free-threaded interpreter (looked up in trixie, forky and sid, 2026-11), and its archive
// holds no 3.6, 3.7, 3.8, 3.10 or 3.12 any more.
const ROOTS: readonly RootRow[] = [
  release('2.7', 'bullseye'),
  release('3.9', 'bullseye'),
  release('3.11', 'bookworm'),
  release('3.13', 'trixie'),
  release('3.14', 'sid'),
  release('3.15', 'sid'),
  debugBuild('3.11', 'bookworm'),
  debugBuild('3.14', 'sid'),
];

/** Fetches what is wanted, says each thing that it did, and returns what could not be had. */
export async function fetchPythons(say: (line: string) => void): Promise<readonly MissingRoot[]> {
  const found = discoverInterpreters();
  const isHeld = (row: RootRow) => existsSync(directoryOf(row));
  for (const row of ROOTS.filter(isHeld)) {
    makeSharedMemoryPlace(directoryOf(row));
    say(`${row.name} is in the cache`);
  }
  const wanted = ROOTS.filter((row) => !isHeld(row) && row.isWanted(found));
  if (wanted.length === 0) return [];
  const missing = await fetchAll(wanted, say);
  const [first] = missing;
  if (first !== undefined && missing.length === wanted.length) {
    say(`no CPython could be fetched (${missing.map(({ name }) => name).join(', ')}): ${first.reason}`);
  } else {
    for (const { name, reason } of missing) say(`${name} could not be fetched: ${reason}`);
  }
  return missing;
}

async function fetchAll(
  rows: readonly RootRow[],
  say: (line: string) => void,
): Promise<readonly MissingRoot[]> {
  const all = (reason: string) => rows.map(({ name }) => ({ name, reason }));
  if (process.getuid?.() !== 0) return all('only the superuser can enter another root with chroot');
  try {
    const mirrors = await debianMirrors();
    if (mirrors.length === 0) return all("this machine's package sources name no Debian mirror");
    const missing: MissingRoot[] = [];
    for (const suite of new Set(rows.map((row) => row.suite))) {
      const members = rows.filter((row) => row.suite === suite);
      missing.push(...(await fetchSuite(mirrors, members, say)));
    }
    return missing;
  } catch (error) {
    if (error instanceof ArchiveError) return all(error.message);
    throw error;
  }
}

/** Fetches the roots of one suite from the first mirror that has it. */
async function fetchSuite(
  mirrors: readonly string[],
  rows: readonly RootRow[],
  say: (line: string) => void,
): Promise<readonly MissingRoot[]> {
  const opened = await openFromAny(mirrors, rows[0]?.suite ?? '');
  if (!(opened instanceof DebianSuite)) return rows.map(({ name }) => ({ name, reason: opened.message }));
  const missing: MissingRoot[] = [];
  try {
    for (const row of rows) {
      const reason = await fetchRoot(opened, row);
      if (reason === undefined) say(`fetched ${row.name} into ${directoryOf(row)}`);
      else missing.push({ name: row.name, reason });
    }
  } finally {
    opened.close();
  }
  return missing;
}

/** Tries one mirror after the other; returns the last error when none has the suite. */
async function openFromAny(mirrors: readonly string[], suite: string): Promise<DebianSuite | ArchiveError> {
  let last = new ArchiveError('no mirror');
  for (const mirror of mirrors) {
    try {
      return await DebianSuite.open(mirror, suite);
    } catch (error) {
      if (!(error instanceof ArchiveError)) throw error;
      last = error;
    }
  }
  return last;
}

/**
 * Unpacks beside the final place and then renames, so that a root is there as a whole or not at all. Returns the
 * reason when it could not be had.
 */
async function fetchRoot(suite: DebianSuite, row: RootRow): Promise<string | undefined> {
  const roots = join(cacheDirectory(), 'roots');
  mkdirSync(roots, { recursive: true });
  const fresh = mkdtempSync(join(roots, '.fresh-'));
  try {
    await suite.unpack(row, fresh);
    await proveAndWarm(fresh, row.program);
    const { family, program, origin } = row;
    mkdirSync(join(fresh, 'opt', 'pyflight-programs'), { recursive: true });
    writeFileSync(join(fresh, 'pyflight-root.json'), JSON.stringify({ family, program, origin }));
    chmodSync(fresh, 0o755);
    chmodSync(join(fresh, 'tmp'), 0o1777);
    makeSharedMemoryPlace(fresh);
    if (!existsSync(directoryOf(row))) renameSync(fresh, directoryOf(row));
    return undefined;
  } catch (error) {
    if (error instanceof ArchiveError) return error.message;
    throw error;
  } finally {
    rmSync(fresh, { recursive: true, force: true });
  }
}

/**
 * Runs the new interpreter once: a root that does not work is not kept, and the modules that target programs
 * import are left compiled, as Debian's own scripts, which are not run, would have done.
 */
async function proveAndWarm(root: string, program: string): Promise<void> {
  const { PYTHONDONTWRITEBYTECODE: _, ...env } = process.env;
  const imports = 'import collections, ctypes, functools, json, sysconfig, threading';
  const imports3 = 'import asyncio, dataclasses, enum, inspect, socket, traceback';
  const code = `${imports}\nif hasattr(threading, 'get_native_id'):\n    ${imports3}`;
  await step('run the interpreter', 'chroot', [root, program, '-c', code], { env });
}

/** The semaphores of multiprocessing are files in a directory that no package brings. */
function makeSharedMemoryPlace(root: string): void {
  const place = join(root, 'dev', 'shm');
  mkdirSync(place, { recursive: true });
  chmodSync(place, 0o1777);
}

function directoryOf({ name }: RootRow): string {
  return join(cacheDirectory(), 'roots', name);
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const missing = await fetchPythons(console.log);
  const roots = join(cacheDirectory(), 'roots');
  const held = existsSync(roots) ? readdirSync(roots).filter((name) => !name.startsWith('.')) : [];
  console.log(`${held.length} roots in ${roots}, ${missing.length} missing`);
}
