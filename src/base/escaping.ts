// V8 takes a millisecond to make these two out of Unicode's tables, which is not to be spent by who escapes nothing.

/** Controls (C0, DEL, C1), lone surrogates, separators of lines and paragraphs, and what sets the direction of text. */
const unsafeInTerminal = (): RegExp => /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}]/gu;
/** What Python's str.isprintable() says no to, but for the space; `_PyUnicode_IsPrintable`, cpython/Objects/unicodectype.c. */
const notPrintable = (): RegExp => /(?! )[\p{Cc}\p{Cf}\p{Cs}\p{Co}\p{Cn}\p{Zl}\p{Zp}\p{Zs}]/gu;

/** Nearly all there is to escape; to see that nothing is costs a tenth of looking at each character's properties. */
const SAFE_ASCII = /^[ -~]*$/;

const SHORT_ESCAPES = new Map([
  ['\n', '\\n'],
  ['\r', '\\r'],
  ['\t', '\\t'],
]);

/**
 * Makes a string of the target safe to print: what could move the cursor, change colours or turn text around becomes a
 * backslash escape as in Python's repr. Printable text of any script stays. So does a backslash, so that paths and source
 * lines can be copied: what is shown as `\n` may then have been a newline or these two characters, and a terminal takes
 * harm from neither.
 */
export function escapeForTerminal(text: string): string {
  return SAFE_ASCII.test(text) ? text : text.replaceAll(unsafeInTerminal(), escapeCharacter);
}

/** The same for a text of several lines, of which the ends of lines and the tabs stay. */
export function escapeLines(text: string): string {
  return text
    .split(/([\n\t])/u)
    .map((part) => (part === '\n' || part === '\t' ? part : escapeForTerminal(part)))
    .join('');
}

/** Writes a string as Python's repr() does: `'it'`, `"it's"`, `'\x1b[0m'`. */
export function quotePythonString(text: string): string {
  const quote = text.includes("'") && !text.includes('"') ? '"' : "'";
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll(quote, `\\${quote}`)
    .replaceAll(notPrintable(), escapeCharacter);
  return `${quote}${escaped}${quote}`;
}

/** The same always in double quotes, as JSON has them. */
export function quoteDoubly(text: string): string {
  const escaped = text
    .replaceAll('\\', '\\\\')
    .replaceAll('"', '\\"')
    .replaceAll(notPrintable(), escapeCharacter);
  return `"${escaped}"`;
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
