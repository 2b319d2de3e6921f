import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { quotePythonBytes, quotePythonString } from '../../src/base/escaping.ts';
import { findInterpreters } from '../support/interpreters.ts';

const interpreters = findInterpreters().filter(({ root }) => root === undefined);
const withUnicode = interpreters.filter(({ family }) => family !== '2.7');

const CODE_POINTS = 0x11_0000;

/** Runs a program of Python and gives what it writes to stdout, which each program encodes by itself. */
function run(command: readonly string[], program: string, input = ''): string {
  const [file = '', ...rest] = command;
  return execFileSync(file, [...rest, '-c', program], { encoding: 'utf8', input, maxBuffer: 2 ** 28 });
}

// For each code point its repr, and whether this Python's Unicode has it.
const ALL_CHARACTERS = `
import sys, unicodedata
for code in range(0x110000):
    assigned = unicodedata.category(chr(code)) != 'Cn'
    sys.stdout.buffer.write((repr(chr(code)) + ('+' if assigned else '-') + '\\0').encode('utf-8'))
`;

// Strings come as JSON, whose escapes keep lone surrogates apart.
const STRINGS = `
import json, sys
reprs = [repr(text) for text in json.loads(sys.stdin.read())]
sys.stdout.write(json.dumps(reprs))
`;

// Bytes come as lists of numbers; Python 2 calls them str.
const BYTES = `
import json, sys
reprs = [repr(bytes(bytearray(values))) for values in json.loads(sys.stdin.read())]
sys.stdout.write(json.dumps(reprs))
`;

const PIECES = ["'", '"', '\\', '\n', 'a', 'é', '\udc80', '\u{1f40d}', '\0'];
const TEXTS = PIECES.flatMap((one) => PIECES.flatMap((two) => PIECES.map((three) => one + two + three)));

const BYTE_PIECES = [0x27, 0x22, 0x5c, 0x0a, 0x61, 0xe9, 0x00];
const BYTE_LISTS = [
  Array.from({ length: 256 }, (_, byte) => byte),
  ...BYTE_PIECES.flatMap((one) =>
    BYTE_PIECES.flatMap((two) => BYTE_PIECES.map((three) => [one, two, three])),
  ),
];

function parseReprs(json: string): readonly string[] {
  const reprs: unknown = JSON.parse(json);
  if (!Array.isArray(reprs)) throw new TypeError('Cannot use what Python wrote: no list');
  return reprs.map(String);
}

// The oldest and the newest Unicode that there is: all code points take seconds.
describe.each(withUnicode.filter((_, index) => index === 0 || index === withUnicode.length - 1))(
  '$name',
  ({ command }) => {
    test('quotePythonString() is its repr() for every character that both know', () => {
      const reprs = run(command, ALL_CHARACTERS).split('\0');
      expect(reprs).toHaveLength(CODE_POINTS + 1);
      const differences: unknown[] = [];
      for (let code = 0; code < CODE_POINTS; code += 1) {
        const character = String.fromCodePoint(code);
        const theirs = reprs[code] ?? '';
        // The Unicode of the two may differ in what is assigned, and in nothing else.
        if (theirs.endsWith('-') || /^\p{Cn}$/u.test(character)) continue;
        const ours = quotePythonString(character);
        if (`${ours}+` !== theirs) differences.push({ code: code.toString(16), ours, theirs });
      }
      expect(differences).toEqual([]);
    });
  },
);

describe.each(withUnicode)('$name', ({ command }) => {
  test('quotePythonString() is its repr() where quotes, backslashes and surrogates meet', () => {
    const theirs = parseReprs(run(command, STRINGS, JSON.stringify(TEXTS)));
    expect(TEXTS.map(quotePythonString)).toEqual(theirs);
  });
});

describe.each(interpreters)('$name', ({ command, family }) => {
  test('quotePythonBytes() is its repr()', () => {
    const prefix = family === '2.7' ? '' : 'b';
    const theirs = parseReprs(run(command, BYTES, JSON.stringify(BYTE_LISTS)));
    expect(BYTE_LISTS.map((values) => quotePythonBytes(Uint8Array.from(values), prefix))).toEqual(theirs);
  });
});
