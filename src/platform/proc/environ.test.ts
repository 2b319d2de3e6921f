import { expect, test } from 'vitest';
import { parseEnvironment } from './environ.ts';

test.each([
  ['nothing', '', []],
  [
    'variables',
    'HOME=/root\0QUERY=a=b\0',
    [
      ['HOME', '/root'],
      ['QUERY', 'a=b'],
    ],
  ],
  ['one that is there twice', 'A=1\0A=2\0', [['A', '1']]],
  ['what is no variable', 'A\0=B\0C=\0', [['C', '']]],
])('parseEnvironment() reads %s', (_what, text, variables) => {
  expect([...parseEnvironment(text)]).toEqual(variables);
});
