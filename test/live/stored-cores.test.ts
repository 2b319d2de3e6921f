import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { listStoredCores } from '../../src/api/index.ts';
import { loadLibc } from '../../src/platform/libc.ts';
import { findInterpreters } from '../support/interpreters.ts';

const directory = mkdtempSync(join(tmpdir(), 'pyflight-stored-cores-'));
afterAll(() => rmSync(directory, { recursive: true }));

const path = join(directory, `core.gunicorn.0.${'0'.repeat(32)}.4242.1700000000000000`);
const python = findInterpreters().find(({ root, family }) => root === undefined && family !== '2.7');

/** Python can set extended attributes, and Node.js cannot; not every file system keeps them. */
function setAttributes(): boolean {
  writeFileSync(path, '');
  const program = [
    'import os, sys',
    "os.setxattr(sys.argv[1], 'user.coredump.exe', b'/usr/bin/python3.12')",
    "os.setxattr(sys.argv[1], 'user.coredump.signal', b'11')",
  ];
  return python !== undefined && spawnSync(python.path, ['-c', program.join('\n'), path]).status === 0;
}

test.skipIf(!setAttributes() || loadLibc() === undefined)(
  'listStoredCores() reads the extended attributes of systemd (a file system with them and the FFI are needed)',
  async () => {
    expect(await listStoredCores(directory)).toMatchObject([
      { name: 'gunicorn', executable: '/usr/bin/python3.12', signal: 11, isPython: true },
    ]);
  },
);
