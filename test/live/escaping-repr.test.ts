import { execFileSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { quotePythonBytes, quotePythonString } from '../../src/base/escaping.ts';
import { findInterpreters } from '../support/interpreters.ts';

const interpreters = findInterpreters().filter(({ root }) => root === undefined);
const withUnicode = interpreters.filter(({ family }) => family !== '2.7');

const CODE_POINTS = 0x11_0000;
/** So many are compared at once. No block has both halves of a surrogate pair. */
const BLOCK = 0x400;

interface Character {
  readonly character: string;
  /** What Python writes for it alone. */
  readonly repr: string;
}

/** Runs a program of Python and gives what it writes to stdout, which each program encodes by itself. */
function run(command: readonly string[], program: string, input = ''): string {
  const [file = '', ...rest] = command;
  return execFileSync(file, [...rest, '-c', program], { encoding: 'utf8', input, maxBuffer: 2 ** 28 });
}

// For each code point its repr, and whether this Python's Unicode has it.
const ALL_CHARACTERS = `
import sys, unicodedata
marked = [repr(each) + ('-' if unicodedata.category(each) == 'Cn' else '+') for each in map(chr, range(0x110000))]
sys.stdout.buffer.write(('\\0'.join(marked) + '\\0').encode('utf-8'))
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

/** The characters of a block that both know: the Unicode of the two may differ in what is assigned, and in nothing else. */
function knownCharacters(reprs: readonly string[], first: number): readonly Character[] {
  return reprs.slice(first, first + BLOCK).flatMap((marked, index) => {
    const character = String.fromCodePoint(first + index);
    if (marked.endsWith('-') || /^\p{Cn}$/u.test(character)) return [];
    return [{ character, repr: marked.slice(0, -1) }];
  });
}

/** Each block is a text, and so is each character of the first, whose quotes and backslashes are not written alike alone and in a text. */
function textsOf(reprs: readonly string[]): readonly (readonly Character[])[] {
  const starts = Array.from({ length: CODE_POINTS / BLOCK }, (_, index) => index * BLOCK);
  const [alone = [], ...blocks] = starts.map((first) => knownCharacters(reprs, first));
  return [...alone.map((each) => [each]), ...blocks];
}

/** What Python writes for a text of these. */
function reprOf(characters: readonly Character[]): string {
  const [first] = characters;
  if (first !== undefined && characters.length === 1) return first.repr;
  return `'${characters.map(({ repr }) => repr.slice(1, -1)).join('')}'`;
}

// The oldest and the newest Unicode that there is: all code points take seconds.
describe.each(withUnicode.filter((_, index) => index === 0 || index === withUnicode.length - 1))(
  '$name',
  ({ command }) => {
    test('quotePythonString() is its repr() for every character that both know', () => {
      const reprs = run(command, ALL_CHARACTERS).split('\0');
      expect(reprs).toHaveLength(CODE_POINTS + 1);
      const texts = textsOf(reprs).map((characters) => ({
        ours: quotePythonString(characters.map(({ character }) => character).join('')),
        theirs: reprOf(characters),
      }));
      expect(texts.filter(({ ours, theirs }) => ours !== theirs)).toEqual([]);
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
