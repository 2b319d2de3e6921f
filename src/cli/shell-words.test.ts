import { expect, test } from 'vitest';
import { joinShellWords, splitShellWords } from './shell-words.ts';

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
])('splitShellWords() splits %j as a POSIX shell does', (line, words) => {
  expect(splitShellWords(line)).toEqual(words);
});

test.each([
  [`stack 'a b`, `Cannot read stack 'a b: a ' is not closed`],
  [`stack "a b`, `Cannot read stack "a b: a " is not closed`],
  [`stack "a\\"`, `Cannot read stack "a\\": a " is not closed`],
  ['stack \\', 'Cannot read stack \\: nothing follows the last backslash'],
])('splitShellWords() refuses %j', (line, message) => {
  expect(() => splitShellWords(line)).toThrow(message);
});

test.each([
  [['stack', '4242', '--watch=0.5', '-f', '/tmp/x.txt'], 'stack 4242 --watch=0.5 -f /tmp/x.txt'],
  [['--thread', 'pool 1', '', "it's", '$x'], `--thread 'pool 1' '' 'it'\\''s' '$x'`],
])('joinShellWords() writes %j so that splitShellWords() reads it back', (words, line) => {
  expect(joinShellWords(words)).toBe(line);
  expect(splitShellWords(line)).toEqual(words);
});
