import { expect, test } from 'vitest';
import { decodeSource } from './source-files.ts';

test.each([
  ['UTF-8 without a declaration', Buffer.from('x = "日本"\n'), 'x = "日本"\n'],
  ['UTF-8 with a byte order mark', Buffer.from('\ufeffx = 1\n'), 'x = 1\n'],
  [
    'the declared encoding',
    Buffer.from('# -*- coding: latin-1 -*-\nx = "\xe9"\n', 'latin1'),
    '# -*- coding: latin-1 -*-\nx = "é"\n',
  ],
  [
    'a declaration in the second line',
    Buffer.from('#!/usr/bin/python\n# vim: set fileencoding=iso8859_15 :\n\xa4', 'latin1'),
    '#!/usr/bin/python\n# vim: set fileencoding=iso8859_15 :\n€',
  ],
  ['UTF-8 for an encoding that nobody knows', Buffer.from('# coding: klingon\né'), '# coding: klingon\né'],
  ['a mark for bytes that do not decode', Buffer.from('x = "\xff"', 'latin1'), 'x = "\ufffd"'],
])('decodeSource() takes %s', (_, bytes, text) => {
  expect(decodeSource(bytes)).toBe(text);
});
