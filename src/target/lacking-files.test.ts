import { expect, test } from 'vitest';
import type { LackingFile } from '../model/lacking-file.ts';
import { lackingFileSentences } from './lacking-files.ts';

function lacking(state: LackingFile['state'], ...paths: readonly string[]): readonly LackingFile[] {
  return paths.map((path) => ({ state, path, expectedBuildId: undefined, foundBuildId: undefined }));
}

const LIBRARIES = ['/a/x.so', '/a/y.so', '/a/z.so', '/a/libpython3.12.so.1.0'];

test.each([
  [[], []],
  [lacking('missing', '/a/x.so'), ['The file /a/x.so is not here, so what was not dumped of it is missing']],
  [
    lacking('missing', '/a/x.so', '/a/y.so'),
    ['2 files are not here, so what was not dumped of them is missing: /a/x.so, /a/y.so'],
  ],
  [
    lacking('missing', ...LIBRARIES),
    [
      '4 files are not here, so what was not dumped of them is missing: /a/libpython3.12.so.1.0, /a/x.so, /a/y.so and 1 more',
    ],
  ],
  [
    [...lacking('mismatching', '/a/x.so'), ...lacking('missing', '/a/y.so')],
    [
      'The file /a/y.so is not here, so what was not dumped of it is missing',
      'The file /a/x.so is another one than the process had, and is not used',
    ],
  ],
  [
    lacking('mismatching', '/a/x.so', '/a/y.so'),
    ['2 files are other ones than the process had, and are not used: /a/x.so, /a/y.so'],
  ],
])('lackingFileSentences() says each thing once: %j', (files, sentences) => {
  expect([...lackingFileSentences(files)]).toEqual(sentences);
});
