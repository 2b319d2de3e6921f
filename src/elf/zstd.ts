import { decompress } from 'fzstd';
import { ByteCursor } from '../base/byte-cursor.ts';

const MAGIC = 0xfd2f_b528;

/** Sizes of `Frame_Content_Size` and `Dictionary_ID` by the bits that say so (RFC 8878, 3.1.1.1). */
const CONTENT_SIZE_BYTES = [0, 2, 4, 8] as const;
const DICTIONARY_BYTES = [0, 1, 2, 4] as const;
const SINGLE_SEGMENT = 0x20;

/** What the two bytes of a content size leave out. */
const TWO_BYTE_OFFSET = 256;

/**
 * Decompresses one zstd frame without the help of Node.js, which has it since 22.15 and 23.8 only. What a frame that
 * does not tell its size lacks of `sizeBytes` is 0.
 * @throws for anything that is no zstd, or of another size
 */
export function decompressZstd(bytes: Uint8Array, sizeBytes: number): Uint8Array {
  const cursor = new ByteCursor(bytes, 'zstd frame');
  if (cursor.u32() !== MAGIC) throw cursor.fail('not compressed with zstd');
  const contentBytes = readContentSize(cursor);
  if (contentBytes !== undefined && contentBytes !== sizeBytes) {
    throw cursor.fail(`decompresses to ${contentBytes} bytes instead of ${sizeBytes}`);
  }
  return decompress(bytes, new Uint8Array(sizeBytes));
}

function readContentSize(cursor: ByteCursor): number | undefined {
  const flags = cursor.u8();
  const isSingleSegment = (flags & SINGLE_SEGMENT) !== 0;
  const contentSizeBytes = CONTENT_SIZE_BYTES[flags >> 6] || Number(isSingleSegment);
  cursor.skip((isSingleSegment ? 0 : 1) + (DICTIONARY_BYTES[flags & 3] ?? 0));
  switch (contentSizeBytes) {
    case 0:
      return undefined;
    case 1:
      return cursor.u8();
    case 2:
      return cursor.u16() + TWO_BYTE_OFFSET;
    case 4:
      return cursor.u32();
    default:
      return cursor.size();
  }
}
