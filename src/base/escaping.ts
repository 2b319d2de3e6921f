/** Controls, lone surrogates, separators of lines and paragraphs, and marks that turn the direction of text around. */
const UNSAFE_IN_TERMINAL = /[\p{Cc}\p{Cs}\u2028\u2029\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;
/** What Python's str.isprintable() says no to, but for the space. */
const NOT_PRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Zs}]/gu;

const SHORT_ESCAPES = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

/**
 * Makes a string of the target safe to print: what could move the cursor, change colours or turn text around becomes a
 * backslash escape as in Python's repr. A backslash stays one, so that paths and source lines can be copied.
 */
export function escapeForTerminal(text: string): string {
  return text.replaceAll(UNSAFE_IN_TERMINAL, escapeCharacter);
}

/** Writes a string as Python's repr() does: `'it'`, `"it's"`, `'\x1b[0m'`. */
export function quotePythonString(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll(quote, `\\${quote}`)
    .replaceAll(NOT_PRINTABLE, (character) => (character === ' ' ? ' ' : escapeCharacter(character)));
  return `${quote}${escaped}${quote}`;
}

/** Writes bytes as Python's repr() does, with its prefix, none for Python 2's `str`: `b'\x00ab'`. */
export function quotePythonBytes(bytes: Uint8Array, prefix = 'b'): string {
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1');
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll(quote, `\\${quote}`)
    .replaceAll(/[^ -~]/gu, escapeCharacter);
  return `${prefix}${quote}${escaped}${quote}`;
}

function escapeCharacter(character: string): string {
  const short = SHORT_ESCAPES.get(character);
  if (short !== undefined) return short;
  const code = character.codePointAt(0) ?? 0;
  if (code <= 0xff) return `\\x${code.toString(16).padStart(2, '0')}`;
  if (code <= 0xffff) return `\\u${code.toString(16).padStart(4, '0')}`;
  return `\\U${code.toString(16).padStart(8, '0')}`;
}
