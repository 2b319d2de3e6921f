import { type Address, isAddress } from '../../base/address.ts';
import { ByteCursor } from '../../base/byte-cursor.ts';
import { decodeOsString } from '../../base/os-string.ts';

/** A part of a file that was mapped, as NT_FILE lists it. */
export interface CoreFileMapping {
  readonly start: Address;
  /** The first address behind it. */
  readonly end: Address;
  /** Where in the file `start` lies, in bytes. */
  readonly fileOffset: number;
  /** As the process had it. */
  readonly path: string;
  /** The file had no name any more: it was removed or replaced, or never had one (memfd, shared anonymous memory). */
  readonly isDeleted: boolean;
}

/** Two counts, then three words for each mapping, then the paths (`fill_files_note()` of fs/binfmt_elf.c). */
const HEADER_BYTES = 16;
const ENTRY_BYTES = 24;

/** The kernel stops at 4 MiB, gdb does not. */
export const MAX_FILE_MAPPINGS_BYTES = 64 << 20;

const DELETED_SUFFIX = ' (deleted)';

/**
 * Parses an NT_FILE, in the order of its entries, which is that of the addresses. Offsets are in units of the page size
 * that it names: the kernel's own, or 1 where gdb wrote it.
 * @throws {MalformedInputError} when it is cut off, or a number in it is impossible
 */
export function parseFileMappings(bytes: Uint8Array): readonly CoreFileMapping[] {
  const cursor = new ByteCursor(bytes, 'NT_FILE');
  const count = cursor.size();
  const unitBytes = cursor.size();
  if (count * ENTRY_BYTES > bytes.length - HEADER_BYTES) {
    throw cursor.fail(`${count} mappings do not fit into ${bytes.length} bytes`);
  }
  const names = namesFrom(bytes, HEADER_BYTES + count * ENTRY_BYTES);
  const mappings: CoreFileMapping[] = [];
  for (let index = 0; index < count; index += 1) {
    const [start, end, fileOffset] = [cursor.address(), cursor.address(), cursor.size() * unitBytes];
    const name = names.next().value;
    if (name === undefined) throw cursor.fail(`mapping ${index} of ${count} has no path`);
    if (end <= start || !isAddress(fileOffset))
      throw cursor.fail(`mapping ${index} of ${count} is impossible`);
    const isDeleted = name.endsWith(DELETED_SUFFIX);
    const path = isDeleted ? name.slice(0, -DELETED_SUFFIX.length) : name;
    mappings.push({ start, end, fileOffset, path, isDeleted });
  }
  return mappings;
}

/** Texts that end with a NUL each; the same path, which comes several times in a row, is one string. */
function* namesFrom(bytes: Uint8Array, from: number): Generator<string, undefined> {
  let last: { readonly bytes: Uint8Array; readonly text: string } = { bytes: new Uint8Array(), text: '' };
  for (let at = from; at < bytes.length; ) {
    const end = bytes.indexOf(0, at);
    if (end === -1) return undefined;
    const name = bytes.subarray(at, end);
    if (Buffer.compare(name, last.bytes) !== 0) last = { bytes: name, text: decodeOsString(name) };
    yield last.text;
    at = end + 1;
  }
  return undefined;
}
