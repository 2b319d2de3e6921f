import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { writeTextFile } from './output-file.ts';

const directory = mkdtempSync(join(tmpdir(), 'pyflight-output-'));
afterAll(() => rmSync(directory, { recursive: true }));

test('writeTextFile() writes a text in UTF-8 over what was there', () => {
  const path = join(directory, 'out.txt');
  writeTextFile(path, 'a longer text');
  writeTextFile(path, 'é\n');
  expect(readFileSync(path, 'utf8')).toBe('é\n');
});

test.each([
  ['a directory', directory, 'it is a directory'],
  ['a directory that is not there', join(directory, 'no', 'out'), 'its directory does not exist'],
  ['a NUL', 'a\0b', 'a path cannot hold a NUL character'],
  ['an endless name', `/tmp/${'n'.repeat(300)}`, 'the name is too long'],
])('writeTextFile() says why it cannot write: %s', (_what, path, state) => {
  expect(() => writeTextFile(path, '')).toThrow(`Cannot write ${path}: ${state}`);
});
