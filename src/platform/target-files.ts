import { closeSync, fstatSync } from 'node:fs';
import { FileSource, O_PATH, readThrough, tryOpen } from './file-source.ts';
import type { MemoryMapping } from './proc/maps.ts';
import { openInTargetRoot } from './rooted-path.ts';

/**
 * What shows that an opened file is the mapped one. `mapping`: opened through the mapping itself. `identity`: device
 * and inode are the same. `inode`: the inode is, and the mapping lies within the file; the device is not, as on btrfs
 * and overlayfs, whose files have another device in stat(2) than in the maps.
 */
export type FileMatch = 'mapping' | 'identity' | 'inode';

/** A file that is mapped in the target. */
export class MappedFile extends FileSource {
  readonly matchedBy: FileMatch;

  constructor(fd: number, name: string, matchedBy: FileMatch) {
    super(fd, name);
    this.matchedBy = matchedBy;
  }
}

/**
 * Opens the file behind a mapping, also when it was removed or replaced since, or has this name only for the target.
 * `undefined` when the mapping has no file, or when no file that we may open is the mapped one.
 */
export function openMappedFile(pid: number, mapping: MemoryMapping): MappedFile | undefined {
  const { inode, path } = mapping;
  if (inode === undefined || path === undefined) return undefined;
  for (const opener of openers(pid, mapping, path)) {
    const handle = opener.open();
    const matchedBy = handle === undefined ? undefined : opener.match(handle);
    if (handle !== undefined && matchedBy === undefined) closeSync(handle);
    if (handle === undefined || matchedBy === undefined) continue;
    const file = readThrough(handle, (fd) => new MappedFile(fd, path, matchedBy));
    if (file !== undefined) return file;
  }
  return undefined;
}

/** What stat(2) tells of a file, to compare with a mapping. */
export interface FileIdentity {
  /** As the maps print it: `fe:00`. */
  readonly device: string;
  readonly inode: bigint;
  readonly sizeBytes: number;
}

/** How a file shows to be the one behind a mapping; `undefined` when it is another one. */
export function matchFile(mapping: MemoryMapping, file: FileIdentity): FileMatch | undefined {
  if (mapping.inode !== file.inode) return undefined;
  if (mapping.device === file.device) return 'identity';
  const mappedTo = mapping.fileOffset + (mapping.end - mapping.start);
  return mappedTo < file.sizeBytes + PAGE_BYTES ? 'inode' : undefined;
}

/** A mapping ends at a page, its file anywhere in the last one. */
const PAGE_BYTES = 4096;

/** A source file of the target. */
export interface TargetTextFile {
  readonly bytes: Uint8Array;
  readonly modifiedAt: Date;
}

/** No source file is larger; a larger file is another thing. */
const MAX_TEXT_BYTES = 32 * 1024 * 1024;

/**
 * Reads the file that a code object of the target names, as the target itself would find it. `undefined` when there is
 * none that we may read, or it is larger than 32 MiB, and for names like `<string>`, which mean no file.
 */
export function readTargetTextFile(pid: number, filename: string): TargetTextFile | undefined {
  if (filename === '' || (filename.startsWith('<') && filename.endsWith('>'))) return undefined;
  const handle = openInTargetRoot(pid, filename);
  if (handle === undefined) return undefined;
  return readThrough(handle, (fd) => {
    using file = new FileSource(fd, filename);
    if (file.sizeBytes > MAX_TEXT_BYTES) return undefined;
    return { bytes: file.read(0, file.sizeBytes), modifiedAt: file.modifiedAt };
  });
}

/**
 * Opens a file by its path: the target's own, as it would find it, or else ours. `undefined` when there is none that we
 * may read.
 */
export function openTargetFile(pid: number, path: string): FileSource | undefined {
  const handles = [() => openInTargetRoot(pid, path), () => tryOpen(path, O_PATH)];
  for (const open of handles) {
    const handle = open();
    const file = handle === undefined ? undefined : readThrough(handle, (fd) => new FileSource(fd, path));
    if (file !== undefined) return file;
  }
  return undefined;
}

interface Opener {
  /** Opens an O_PATH handle. */
  open(): number | undefined;
  match(handle: number): FileMatch | undefined;
}

/** In the order of their worth: the first asks for more permission than the others, the last is right for the program. */
function openers(pid: number, mapping: MemoryMapping, path: string): readonly Opener[] {
  const range = `${mapping.start.toString(16)}-${mapping.end.toString(16)}`;
  const match = (handle: number) => matchFile(mapping, statIdentity(handle));
  const byPath: readonly Opener[] = [
    { open: () => openInTargetRoot(pid, path), match },
    { open: () => tryOpen(path, O_PATH), match },
  ];
  return [
    { open: () => tryOpen(`/proc/${pid}/map_files/${range}`, O_PATH), match: () => 'mapping' },
    ...(path.startsWith('/') ? byPath : []),
    { open: () => tryOpen(`/proc/${pid}/exe`, O_PATH), match },
  ];
}

function statIdentity(fd: number): FileIdentity {
  const { dev, ino, size } = fstatSync(fd, { bigint: true });
  // The encoding of dev_t in glibc (sys/sysmacros.h).
  const major = ((dev >> 8n) & 0xfffn) | ((dev >> 32n) & ~0xfffn);
  const minor = (dev & 0xffn) | ((dev >> 12n) & ~0xffn);
  return { device: `${hexByte(major)}:${hexByte(minor)}`, inode: ino, sizeBytes: Number(size) };
}

function hexByte(value: bigint): string {
  return value.toString(16).padStart(2, '0');
}
