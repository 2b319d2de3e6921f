import {
  appendFileSync,
  chmodSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { openHistoryFile } from './history-file.ts';

let home: string;
let path: string;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'pyflight-history-'));
  path = join(home, '.local/state/pyflight/history');
});

afterEach(() => rmSync(home, { recursive: true }));

const open = () => openHistoryFile({ xdgStateHome: undefined, home });

test('HistoryFile keeps lines for the next prompt, in a file of its user alone', () => {
  open().append('stack');
  open().append('数据 é');
  expect(open().read()).toEqual(['stack', '数据 é']);
  expect(statSync(path).mode & 0o777).toBe(0o600);
});

test('HistoryFile lies in XDG_STATE_HOME where that is set', () => {
  openHistoryFile({ xdgStateHome: join(home, 'state'), home: undefined }).append('stack');
  expect(statSync(join(home, 'state/pyflight/history')).size).toBe(6);
});

test('HistoryFile forgets, keeps no control characters, and cuts off what is old', () => {
  const file = open();
  file.append('a\u001b[2Jb');
  file.append('kept');
  appendFileSync(path, '\u001b[2J\n');
  expect(file.read()).toEqual(['kept']);
  writeFileSync(path, Array.from({ length: 2500 }, (_, index) => `line ${index}\n`).join(''));
  expect([file.read().length, file.read()[0], statSync(path).size <= 10_000]).toEqual([
    1000,
    'line 1500',
    true,
  ]);
  file.clear();
  expect(file.read()).toEqual([]);
});

test('HistoryFile is empty where there is no home, and where others may write', () => {
  const homeless = openHistoryFile({ xdgStateHome: undefined, home: undefined });
  homeless.append('x');
  expect(homeless.read()).toEqual([]);
  open().append('x');
  chmodSync(path, 0o666);
  expect(open().read()).toEqual([]);
  rmSync(path);
  symlinkSync('/etc/passwd', path);
  expect(open().read()).toEqual([]);
});
