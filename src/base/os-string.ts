/**
 * The text of bytes that the operating system means as text but does not promise to be UTF-8: paths, arguments,
 * thread names. A byte that is not UTF-8 becomes a lone surrogate, U+DC00 + byte, as PEP 383 does it, so that
 * {@link encodeOsString} gives back the same bytes and the file can still be opened.
 */
export function decodeOsString(bytes: Uint8Array): string {
  try {
    return STRICT_UTF8.decode(bytes);
  } catch {
    return decodeWithEscapes(bytes);
  }
}

/** The bytes of a text that {@link decodeOsString} made, those that are not UTF-8 included. */
export function encodeOsString(text: string): Buffer {
  if (!ESCAPED_BYTE.test(text)) return Buffer.from(text, 'utf8');
  const parts = text.split(ESCAPED_BYTES).map((part) => {
    const first = part.charCodeAt(0);
    return first >= 0xdc80 && first <= 0xdcff
      ? Buffer.from(Array.from(part, (escaped) => escaped.charCodeAt(0) - 0xdc00))
      : Buffer.from(part, 'utf8');
  });
  return Buffer.concat(parts);
}

const STRICT_UTF8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const ESCAPED_BYTE = /[\udc80-\udcff]/u;
const ESCAPED_BYTES = /([\udc80-\udcff]+)/u;

function decodeWithEscapes(bytes: Uint8Array): string {
  let text = '';
  let validFrom = 0;
  let at = 0;
  while (at < bytes.length) {
    const sizeBytes = sequenceSize(bytes, at);
    if (sizeBytes === undefined) {
      text += STRICT_UTF8.decode(bytes.subarray(validFrom, at));
      text += String.fromCharCode(0xdc00 + (bytes[at] ?? 0));
      validFrom = at + 1;
    }
    at += sizeBytes ?? 1;
  }
  return text + STRICT_UTF8.decode(bytes.subarray(validFrom));
}

/** The valid UTF-8 sequences: first lead byte, last lead byte, bounds of the second byte, size (Unicode, table 3-7). */
const SEQUENCES = [
  [0x00, 0x7f, 0x00, 0x00, 1],
  [0xc2, 0xdf, 0x80, 0xbf, 2],
  [0xe0, 0xe0, 0xa0, 0xbf, 3],
  [0xe1, 0xec, 0x80, 0xbf, 3],
  [0xed, 0xed, 0x80, 0x9f, 3],
  [0xee, 0xef, 0x80, 0xbf, 3],
  [0xf0, 0xf0, 0x90, 0xbf, 4],
  [0xf1, 0xf3, 0x80, 0xbf, 4],
  [0xf4, 0xf4, 0x80, 0x8f, 4],
] as const;

/** Size of the valid sequence that begins at `at`; `undefined` when none does. */
function sequenceSize(bytes: Uint8Array, at: number): number | undefined {
  const lead = bytes[at] ?? 0;
  const row = SEQUENCES.find(([first, last]) => lead >= first && lead <= last);
  if (row === undefined) return undefined;
  const [, , low, high, sizeBytes] = row;
  for (let index = 1; index < sizeBytes; index += 1) {
    const byte = bytes[at + index] ?? 0;
    if (byte < (index === 1 ? low : 0x80) || byte > (index === 1 ? high : 0xbf)) return undefined;
  }
  return sizeBytes;
}
