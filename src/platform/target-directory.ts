import {
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fstatSync,
  futimesSync,
  mkdirSync,
  opendirSync,
  openSync,
  readSync,
  rmdirSync,
  statSync,
  unlinkSync,
  writeSync,
} from 'node:fs';
import { errnoNameOf, silently } from './errno.ts';
import { O_PATH, tryOpen } from './file-source.ts';
import { LastWill, type WilledDirectory } from './last-will.ts';
import { openInTargetRoot } from './rooted-path.ts';
import { type ByteChannel, connectUnix, isUnserved } from './unix-connection.ts';

/** Names in a directory that are looked at: somebody may have filled it. */
const MOST_NAMES = 100_000;
/** So many are asked for in one go. */
const NAMES_AT_ONCE = 1024;
/** A file that is read back is a message of a few lines. */
const MOST_BYTES = 16_384;

const DIRECTORY_FLAGS = constants.O_RDONLY | constants.O_DIRECTORY | constants.O_NOFOLLOW;
const KEEP_GROUP = -1;

/** What {@link TargetDirectory.writeWill} is told of the directory. */
export type WilledNames = Pick<WilledDirectory, 'files' | 'socket'>;

/** Where a directory of ours shall be, or is looked for. */
export interface DirectoryPlace {
  /** The process in whose file system it is. */
  readonly pid: number;
  /** The directory above it, as the process sees it: `/tmp`. */
  readonly base: string;
  /** The user who owns it. */
  readonly uid: number;
}

/**
 * A directory of mode 0700 in the file system of a process, owned by that process's user. It is held open from the time
 * it was made or found, so that nobody can put another in its place; paths go through open directories only.
 */
export class TargetDirectory implements Disposable {
  /** As the process sees it. */
  readonly path: string;
  /** The last part of its path. */
  readonly name: string;
  readonly #parent: number;
  readonly #own: number;
  readonly #uid: number;

  private constructor(place: DirectoryPlace, name: string, handles: { parent: number; own: number }) {
    this.path = `${place.base}/${name}`;
    this.name = name;
    this.#parent = handles.parent;
    this.#own = handles.own;
    this.#uid = place.uid;
  }

  /** Makes one. Throws what the system says when that does not go there. */
  static make(place: DirectoryPlace, name: string): TargetDirectory {
    const parent = openBase(place);
    let own: number | undefined;
    try {
      const path = `/proc/self/fd/${parent}/${name}`;
      mkdirSync(path, { mode: 0o700 });
      try {
        own = openSync(path, DIRECTORY_FLAGS);
        if (!isPrivateTo(own, process.geteuid?.() ?? 0))
          throw new RangeError(`${place.base} gave up ${name}`);
        giveTo(own, place.uid);
      } catch (error) {
        silently(() => rmdirSync(path));
        throw error;
      }
      return new TargetDirectory(place, name, { parent, own });
    } catch (error) {
      closeSync(parent);
      if (own !== undefined) closeSync(own);
      throw error;
    }
  }

  /** Has one that is about to be made removed with these files should we be killed. Throws what the system says when the place is not there. */
  static writeWill(place: DirectoryPlace, name: string, names: WilledNames): LastWill | undefined {
    const parent = openBase(place);
    try {
      return LastWill.write({ parent, name, ...names });
    } finally {
      closeSync(parent);
    }
  }

  /** Finds those that have such a name, and that nobody but the user can have made; only these are opened. */
  static find(place: DirectoryPlace, isNamed: (name: string) => boolean): readonly TargetDirectory[] {
    const parent = silently(() => openBase(place));
    if (parent === undefined) return [];
    const found: TargetDirectory[] = [];
    for (const name of namesIn(parent, isNamed)) {
      const own = tryOpen(`/proc/self/fd/${parent}/${name}`, DIRECTORY_FLAGS);
      if (own === undefined) continue;
      if (isPrivateTo(own, place.uid)) {
        found.push(new TargetDirectory(place, name, { parent: reopened(parent), own }));
      } else closeSync(own);
    }
    closeSync(parent);
    return found;
  }

  /** Writes a file that only the user can read. */
  write(name: string, text: string): void {
    const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
    const fd = openSync(this.#pathOf(name), flags, 0o600);
    try {
      const bytes = Buffer.from(text);
      for (let done = 0; done < bytes.length; ) done += writeSync(fd, bytes, done);
      giveTo(fd, this.#uid);
    } finally {
      closeSync(fd);
    }
  }

  /** Reads the beginning of a file; `undefined` when there is none. */
  read(name: string): string | undefined {
    const fd = tryOpen(this.#pathOf(name), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
    if (fd === undefined) return undefined;
    try {
      const bytes = Buffer.alloc(MOST_BYTES);
      return fstatSync(fd).isFile() ? bytes.toString('utf8', 0, readSync(fd, bytes)) : undefined;
    } finally {
      closeSync(fd);
    }
  }

  /** Whether there is something of that name. */
  has(name: string): boolean {
    return statSync(this.#pathOf(name), { throwIfNoEntry: false }) !== undefined;
  }

  /** Connects to a socket in it; `undefined` when nobody listens. */
  async connect(name: string): Promise<ByteChannel | undefined> {
    return await connectUnix(this.#pathOf(name));
  }

  /** Whether nobody serves a socket in it, for sure. */
  isUnserved(name: string): boolean {
    return isUnserved(this.#pathOf(name));
  }

  /** How long ago something came into it or went, or it was touched. */
  get ageMs(): number {
    return Date.now() - fstatSync(this.#own).mtimeMs;
  }

  /** Makes it young again. */
  touch(): void {
    silently(() => futimesSync(this.#own, new Date(), new Date()));
  }

  /** Whether it is still where it was. */
  get isThere(): boolean {
    const path = `/proc/self/fd/${this.#parent}/${this.name}`;
    return statSync(path, { throwIfNoEntry: false })?.ino === fstatSync(this.#own).ino;
  }

  /** Removes it with these files, as far as they are there. */
  remove(names: readonly string[]): void {
    for (const name of names) silently(() => unlinkSync(this.#pathOf(name)));
    if (this.isThere) silently(() => rmdirSync(`/proc/self/fd/${this.#parent}/${this.name}`));
  }

  #pathOf(name: string): string {
    return `/proc/self/fd/${this.#own}/${name}`;
  }

  /** Lets go of it; it stays where it is. */
  [Symbol.dispose](): void {
    closeSync(this.#own);
    closeSync(this.#parent);
  }
}

/** Throws ENOENT as open(2) does when there is no such directory. */
function openBase({ pid, base }: DirectoryPlace): number {
  const handle = openInTargetRoot(pid, base);
  try {
    // No descriptor has that number.
    return reopened(handle ?? -1);
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

function reopened(directory: number): number {
  return openSync(`/proc/self/fd/${directory}`, O_PATH | constants.O_DIRECTORY);
}

function namesIn(directory: number, isNamed: (name: string) => boolean): readonly string[] {
  const names: string[] = [];
  silently(() => {
    const entries = opendirSync(`/proc/self/fd/${directory}`, { bufferSize: NAMES_AT_ONCE });
    try {
      for (let count = 0; count < MOST_NAMES; count += 1) {
        const entry = entries.readSync();
        if (entry === null) break;
        if (isNamed(entry.name)) names.push(entry.name);
      }
    } finally {
      entries.closeSync();
    }
  });
  return names;
}

function isPrivateTo(fd: number, uid: number): boolean {
  const facts = fstatSync(fd);
  return facts.isDirectory() && facts.uid === uid && (facts.mode & 0o077) === 0;
}

function giveTo(fd: number, uid: number): void {
  // A default ACL or the umask may have changed it.
  fchmodSync(fd, fstatSync(fd).isDirectory() ? 0o700 : 0o600);
  if (fstatSync(fd).uid !== uid) fchownSync(fd, uid, KEEP_GROUP);
}

/** Why a directory could not be used, in words. */
export function directoryObstacle(error: unknown): string {
  const name = errnoNameOf(error);
  if (name === undefined) throw error;
  return OBSTACLES[name] ?? name;
}

const OBSTACLES: Readonly<Record<string, string>> = {
  EACCES: 'permission denied',
  EDQUOT: 'the disk quota is used up',
  ENOENT: 'it does not exist',
  ENOSPC: 'no space is left on the device',
  EPERM: 'permission denied',
  EROFS: 'the file system is read-only',
};
