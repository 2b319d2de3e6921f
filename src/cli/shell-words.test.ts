import { expect, test } from 'vitest';
import { joinShellWords, parseTypedLine } from './shell-words.ts';

test.each([
  ['', []],
  ['  \t\n', []],
  ['stack', ['stack']],
  ['  stack   --locals\t-v ', ['stack', '--locals', '-v']],
  [`stack --thread 'pool 1'`, ['stack', '--thread', 'pool 1']],
  [`--thread="pool 1"`, ['--thread=pool 1']],
  [`a'b c'"d e"f`, ['ab cd ef']],
  [`'' ""`, ['', '']],
  [`a\\ b \\' \\"`, ['a b', "'", '"']],
  [`'a\\b' "a\\b" "a\\"b" "\\\\" "\\$x"`, ['a\\b', 'a\\b', 'a"b', '\\', '$x']],
  ['数据 é', ['数据', 'é']],
])('parseTypedLine() splits %j as a POSIX shell does', (line, words) => {
  expect(parseTypedLine(line)).toEqual({ words, tail: undefined });
});

test.each([
  ['stack | grep x', ['stack'], '|', 'grep x'],
  ['stack |grep "a b" | wc -l > n', ['stack'], '|', 'grep "a b" | wc -l > n'],
  ['stack --locals > out.txt', ['stack', '--locals'], '>', 'out.txt'],
  ['stack >>~/out.txt', ['stack'], '>>', '~/out.txt'],
  ['| less', [], '|', 'less'],
  ['stack |', ['stack'], '|', ''],
] as const)('parseTypedLine() leaves what stands behind the command in %j', (line, words, operator, text) => {
  expect(parseTypedLine(line)).toEqual({ words, tail: { operator, text } });
});

test.each([
  ['watch m f -f cost>10', ['watch', 'm', 'f', '-f', 'cost>10']],
  [`stack --thread 'a | b'`, ['stack', '--thread', 'a | b']],
  ['stack \\| x', ['stack', '|', 'x']],
  ['stack "# no" a#b # yes > x', ['stack', '# no', 'a#b']],
  ['# all of it', []],
])('parseTypedLine() finds no program and no file in %j', (line, words) => {
  expect(parseTypedLine(line)).toEqual({ words, tail: undefined });
});

test.each([
  [`stack 'a b`, `Cannot read stack 'a b: a ' is not closed`],
  [`stack "a b`, `Cannot read stack "a b: a " is not closed`],
  [`stack "a\\"`, `Cannot read stack "a\\": a " is not closed`],
  ['stack \\', 'Cannot read stack \\: nothing follows the last backslash'],
])('parseTypedLine() refuses %j', (line, message) => {
  expect(() => parseTypedLine(line)).toThrow(message);
});

test.each([
  [['stack', '4242', '--watch=0.5', '-f', '/tmp/x.txt'], 'stack 4242 --watch=0.5 -f /tmp/x.txt'],
  [['--thread', 'pool 1', '', "it's", '$x'], `--thread 'pool 1' '' 'it'\\''s' '$x'`],
])('joinShellWords() writes %j so that parseTypedLine() reads it back', (words, line) => {
  expect(joinShellWords(words)).toBe(line);
  expect(parseTypedLine(line)).toEqual({ words, tail: undefined });
});
