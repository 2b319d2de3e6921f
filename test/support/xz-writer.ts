import { crc32 } from 'node:zlib';

/** An xz stream to write, with bytes stored as they are; the ends of the numbers are lies that a test wants. */
export interface XzToWrite {
  /** One block each. */
  readonly blocks: readonly Uint8Array[];
  /** LZMA2 that is not made of the blocks but given, one for each. */
  readonly packed?: readonly Uint8Array[];
  /** The number in the flags: 0 none, 1 CRC32. */
  readonly check?: 0 | 1;
  /** 0x21 is LZMA2. */
  readonly filter?: number;
  /** Left out of the file: sizes in the header of a block. */
  readonly hasSizes?: boolean;
}

/** Writes an xz stream without its index, which nobody reads to decompress it. */
export function writeXz({
  blocks,
  packed,
  check = 1,
  filter = 0x21,
  hasSizes = false,
}: XzToWrite): Uint8Array {
  const flags = Uint8Array.from([0, check]);
  const written = blocks.flatMap((bytes, index) => {
    const data = packed?.[index] ?? storedLzma2(bytes);
    const sizes = hasSizes ? [...uleb128(data.length), ...uleb128(bytes.length)] : [];
    const fields = [0, hasSizes ? 0xc0 : 0, ...sizes, filter, 1, 0x10];
    while (fields.length % 4 !== 0) fields.push(0);
    fields[0] = fields.length / 4;
    const header = Uint8Array.from(fields);
    const padding = new Uint8Array((4 - (data.length % 4)) % 4);
    return [header, word(crc32(header)), data, padding, ...(check === 1 ? [word(crc32(bytes))] : [])];
  });
  const magic = Uint8Array.from([0xfd, 0x37, 0x7a, 0x58, 0x5a, 0]);
  return Buffer.concat([magic, flags, word(crc32(flags)), ...written, Uint8Array.from([0])]);
}

/** Stored chunks of up to 64 KB; the first empties the dictionary. */
function storedLzma2(bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += 0x1_0000) {
    const chunk = bytes.subarray(at, at + 0x1_0000);
    const size = chunk.length - 1;
    parts.push(Uint8Array.from([at === 0 ? 1 : 2, size >> 8, size & 0xff]), chunk);
  }
  return Buffer.concat([...parts, Uint8Array.from([0])]);
}

function word(value: number): Uint8Array {
  return new Uint8Array(Uint32Array.from([value]).buffer);
}

function uleb128(value: number): readonly number[] {
  return value < 128 ? [value] : [(value % 128) + 128, ...uleb128(Math.floor(value / 128))];
}
