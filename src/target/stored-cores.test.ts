import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { listStoredCores } from './stored-cores.ts';

const BOOT = '1827be70bda44e3b9598c4aaf5ac32bc';
const FILES = [
  `core.sleep.0.${BOOT}.11.1700000300000000.zst`,
  `core.python3\\x2e12.1000.${BOOT}.12.1700000100000000.zst`,
  `core.python3.1000.${BOOT}.13.1700000200000000`,
  'core.4242',
];

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'pyflight-stored-cores-'));
  for (const name of FILES) writeFileSync(join(directory, name), 'x'.repeat(10));
  mkdirSync(join(directory, `core.python3.1000.${BOOT}.14.1`));
  chmodSync(join(directory, FILES[0] ?? ''), 0);
});
afterAll(() => rmSync(directory, { recursive: true }));

test('listStoredCores() lists those of Python first, the newest of them first', () => {
  expect(listStoredCores(directory)?.map(({ pid, name, isPython }) => [pid, name, isPython])).toEqual([
    [13, 'python3', true],
    [12, 'python3.12', true],
    [11, 'sleep', false],
  ]);
});

test('listStoredCores() knows what the name of the file tells, without extended attributes', () => {
  expect(listStoredCores(directory)?.[0]).toEqual({
    path: join(directory, FILES[2] ?? ''),
    name: 'python3',
    uid: 1000,
    pid: 13,
    diedAt: new Date(1_700_000_200_000),
    sizeBytes: 10,
    isReadable: true,
    isPython: true,
    executable: undefined,
    signal: undefined,
  });
});

test('listStoredCores() tells which it may not read', () => {
  const isRoot = process.getuid?.() === 0;
  expect(listStoredCores(directory)?.[2]?.isReadable).toBe(isRoot);
});

test('listStoredCores() tells a directory that is not there from an empty one', () => {
  expect(listStoredCores(join(directory, 'none'))).toBeUndefined();
  mkdirSync(join(directory, 'empty'));
  expect(listStoredCores(join(directory, 'empty'))).toEqual([]);
});
