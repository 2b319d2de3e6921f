import { type Address, isAddress } from '../../base/address.ts';
import { MalformedInputError } from '../../base/errors.ts';

/** One line of /proc/PID/maps: a stretch of the address space and the file behind it. */
export interface MemoryMapping {
  readonly start: Address;
  /** The first address behind it. */
  readonly end: Address;
  readonly isReadable: boolean;
  readonly isWritable: boolean;
  readonly isExecutable: boolean;
  readonly isShared: boolean;
  /** Where in the file `start` lies, in bytes. */
  readonly fileOffset: number;
  /** Device of the file as the kernel prints it, `major:minor` in hexadecimal: `fe:00`. */
  readonly device: string;
  /** Inode of the file; `undefined` for memory without one. A bigint, as overlayfs uses all 64 bits. */
  readonly inode: bigint | undefined;
  /** The file, or the kernel's name for the memory (`[heap]`, `[stack]`, `[anon:…]`); `undefined` without any. */
  readonly path: string | undefined;
  /** The file has no name any more: it was removed or replaced, or never had one (memfd). */
  readonly isDeleted: boolean;
}

// start       -end          perms offset dev  inode                    path
// 55d0a3e4c000-55d0a3e4e000 r--p 00000000 fe:00 247278                     /usr/bin/head
// 7f1c2a000000-7f1c2a021000 rw-p 00000000 00:00 0
// 7f1c2b3f1000-7f1c2b3f5000 r-xp 00001000 00:2f 9437190                    /srv/my app/lib.so (deleted)
// 7ffd1b5c2000-7ffd1b5e3000 rw-p 00000000 00:00 0                          [stack]
// ffffffffff600000-ffffffffff601000 --xp 00000000 00:00 0                  [vsyscall]
const LINE =
  /^([0-9a-f]+)-([0-9a-f]+) ([r-])([w-])([x-])([ps]) ([0-9a-f]+) ([0-9a-f]+:[0-9a-f]+) (\d+)(?: +(.*))?$/u;

const DELETED_SUFFIX = ' (deleted)';

/**
 * The mappings of /proc/PID/maps in address order, without those above 2^53, which the kernel keeps for itself.
 * A newline in a path is `\012` there and a backslash is itself (fs/seq_file.c, `seq_path`): a path that really
 * holds the four characters `\012` comes out wrong.
 * @throws {MalformedInputError} for a line of another form
 */
export function parseMaps(text: string): readonly MemoryMapping[] {
  const mappings: MemoryMapping[] = [];
  let offset = 0;
  for (const line of text.split('\n')) {
    if (line !== '') {
      const mapping = parseMapping(line, offset);
      if (mapping !== undefined) mappings.push(mapping);
    }
    offset += line.length + 1;
  }
  return mappings;
}

/**
 * One line of it; `undefined` for what lies above 2^53.
 * @throws {MalformedInputError} for a line of another form
 */
export function parseMapping(line: string, offset: number): MemoryMapping | undefined {
  const fields = LINE.exec(line);
  if (fields === null) throw new MalformedInputError('/proc/PID/maps', offset, 'line is not a mapping');
  const [, from = '', to = '', r, w, x, p, fileOffset = '', device = '', inodeText = '', rawPath = ''] =
    fields;
  const start = Number.parseInt(from, 16);
  const end = Number.parseInt(to, 16);
  if (!isAddress(start) || !isAddress(end)) return undefined;
  const inode = inodeText === '0' ? undefined : BigInt(inodeText);
  const isDeleted = inode !== undefined && rawPath.endsWith(DELETED_SUFFIX);
  const path = (isDeleted ? rawPath.slice(0, -DELETED_SUFFIX.length) : rawPath).replaceAll('\\012', '\n');
  return {
    start,
    end,
    isReadable: r === 'r',
    isWritable: w === 'w',
    isExecutable: x === 'x',
    isShared: p === 's',
    fileOffset: Number.parseInt(fileOffset, 16),
    device,
    inode,
    path: path === '' ? undefined : path,
    isDeleted,
  };
}
