import { expect, test } from 'vitest';
import { parseCommandLine } from './cmdline.ts';

test.each([
  ['nothing', '', []],
  ['arguments', 'python3\0-m\0my app\0', ['python3', '-m', 'my app']],
  ['an empty argument in the middle', 'a\0\0b\0', ['a', '', 'b']],
  ['one empty last argument', 'python3\0-c\0\0', ['python3', '-c', '']],
  ['a rewritten title with its padding', 'nginx: worker process\0\0\0\0\0', ['nginx: worker process']],
  ['a rewritten title without an end', 'postgres: writer', ['postgres: writer']],
])('parseCommandLine() reads %s', (_what, text, args) => {
  expect(parseCommandLine(text)).toEqual(args);
});
