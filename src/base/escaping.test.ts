import fc from 'fast-check';
import { expect, test } from 'vitest';
import { escapeForTerminal, quotePythonBytes, quotePythonString } from './escaping.ts';

test.each([
  ['colours', '\x1b[31mred\x1b[0m', '\\x1b[31mred\\x1b[0m'],
  ['a title of the window', '\x1b]0;owned\x07', '\\x1b]0;owned\\x07'],
  ['lines, tabs and returns', 'a\tb\r\nc', 'a\\tb\\r\\nc'],
  ['NUL, backspace and DEL', '\0\b\x7f', '\\x00\\x08\\x7f'],
  ['C1 controls, CSI among them', '\x80\x9b31m\x9f', '\\x80\\x9b31m\\x9f'],
  ['overriding of direction', 'user\u202egpj.exe\u202c', 'user\\u202egpj.exe\\u202c'],
  ['isolating of direction', '\u2066a\u2067b\u2068c\u2069', '\\u2066a\\u2067b\\u2068c\\u2069'],
  ['marks of direction', '\u061c\u200e\u200f', '\\u061c\\u200e\\u200f'],
  ['separators of lines and paragraphs', 'a\u2028b\u2029c', 'a\\u2028b\\u2029c'],
  ['lone surrogates', 'caf\udce9 \ud83d', 'caf\\udce9 \\ud83d'],
])('escapeForTerminal() escapes %s', (_, text, escaped) => {
  expect(escapeForTerminal(text)).toBe(escaped);
});

test.each([
  '',
  'plain text, "quotes" and \'apostrophes\'',
  'C:\\temp\\new',
  'naïve Größe',
  'שלום עולם',
  'مرحبا',
  '日本語',
  'नमस्ते',
  '👩‍👩‍👧 🐍',
  'e\u0301',
  'non\u00a0breaking\u3000space',
])('escapeForTerminal() leaves %j as it is', (text) => {
  expect(escapeForTerminal(text)).toBe(text);
});

/** What moves the cursor, ends a line, turns text around, or is half of a character: first and last code point. */
const OBEYED = [
  [0, 0x1f],
  [0x7f, 0x9f],
  [0x2028, 0x202e],
  [0x2066, 0x2069],
  [0xd800, 0xdfff],
] as const;

test('escapeForTerminal() leaves nothing that a terminal obeys, and escapes no more the second time', () => {
  fc.assert(
    fc.property(fc.uint16Array({ maxLength: 60 }), (units) => {
      const text = String.fromCharCode(...units, 0x1b, ...units.map((unit) => unit & 0xff));
      const escaped = escapeForTerminal(text);
      const codes = Array.from(escaped, (character) => character.codePointAt(0) ?? 0);
      const obeyed = codes.filter((code) => OBEYED.some(([first, last]) => code >= first && code <= last));
      expect(obeyed).toEqual([]);
      expect(escapeForTerminal(escaped)).toBe(escaped);
    }),
  );
});

// What `python3 -c 'print(ascii(…), repr(…))'` prints.
test.each([
  ['', "''"],
  ['it', "'it'"],
  ["it's", '"it\'s"'],
  ['say "it"', '\'say "it"\''],
  ['it\'s "it"', "'it\\'s \"it\"'"],
  ['C:\\temp', "'C:\\\\temp'"],
  ["\\'", '"\\\\\'"'],
  ['\t\n\r', "'\\t\\n\\r'"],
  ['\x00\x1f\x7f', "'\\x00\\x1f\\x7f'"],
  ['\x80\xa0\xad', "'\\x80\\xa0\\xad'"],
  ['a b', "'a b'"],
  ['é日本🐍', "'é日本🐍'"],
  ['\u200b\u202e\u3000\ufeff', "'\\u200b\\u202e\\u3000\\ufeff'"],
  ['\ue000\ufffe', "'\\ue000\\ufffe'"],
  ['\u{e0001}\u{10ffff}', "'\\U000e0001\\U0010ffff'"],
  ['\udc80', "'\\udc80'"],
])('quotePythonString(%j) is %s', (text, quoted) => {
  expect(quotePythonString(text)).toBe(quoted);
});

test.each([
  ['', 'b', "b''"],
  ['it', 'b', "b'it'"],
  ['it', '', "'it'"],
  ["it's", 'b', 'b"it\'s"'],
  ['it\'s "it"', 'b', "b'it\\'s \"it\"'"],
  ['C:\\', 'b', "b'C:\\\\'"],
  ['\t\n\r\0\x1b~\x7f', 'b', "b'\\t\\n\\r\\x00\\x1b~\\x7f'"],
  ['\x80\xa0\xe9\xff', 'b', "b'\\x80\\xa0\\xe9\\xff'"],
])('quotePythonBytes(%j, %j) is %s', (text, prefix, quoted) => {
  expect(quotePythonBytes(Buffer.from(text, 'latin1'), prefix)).toBe(quoted);
});

test('quotePythonBytes() minds where its bytes begin', () => {
  expect(quotePythonBytes(Uint8Array.from([0x61, 0x62, 0x63, 0x64]).subarray(1, 3), 'b')).toBe("b'bc'");
});
