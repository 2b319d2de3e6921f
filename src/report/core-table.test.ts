import { expect, test } from 'vitest';
import { violations } from '../../test/support/schemas.ts';
import { makeStoredCore } from '../../test/support/stored-cores.ts';
import { coreTableLines } from './core-table.ts';
import { storedCoresToJson } from './stored-cores-json.ts';
import { PLAIN } from './style.ts';

const CORES = [
  makeStoredCore({ path: '/c/one' }),
  makeStoredCore({
    path: '/c/two\u001b',
    name: 'sl\u001beep',
    executable: undefined,
    signal: undefined,
    isReadable: false,
    isPython: false,
  }),
];

test('coreTableLines() shows what is known, and escapes what a process called itself', () => {
  expect([...coreTableLines(CORES, { style: PLAIN, columns: undefined })]).toEqual([
    ' PID  DIED                  SIGNAL      SIZE  READABLE  PROGRAM              FILE',
    '5010  2024-06-06 05:38:31Z  SIGSEGV  1.4 MiB  yes       /usr/bin/python3.12  /c/one',
    '5010  2024-06-06 05:38:31Z  ?        1.4 MiB  no        sl\\x1beep            /c/two\\x1b',
  ]);
});

test('coreTableLines() never cuts a path', () => {
  const path = `/c/${'x'.repeat(100)}`;
  const [, line] = coreTableLines([makeStoredCore({ path })], { style: PLAIN, columns: 60 });
  expect(line).toContain(path);
});

test('storedCoresToJson() holds to its schema', () => {
  expect(violations('stored-cores', storedCoresToJson(CORES))).toEqual([]);
});
