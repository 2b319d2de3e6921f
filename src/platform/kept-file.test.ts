import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { KeptFile } from './kept-file.ts';

let directory: string;
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'pyflight-kept-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

describe('KeptFile', () => {
  test('is read from its beginning each time, as it is by then', () => {
    const path = join(directory, 'changing');
    writeFileSync(path, 'first\n');
    using file = new KeptFile(path);
    expect([file.readLine(), file.readLine()]).toEqual(['first\n', 'first\n']);
    writeFileSync(path, 'second\n');
    expect(file.readLine()).toBe('second\n');
    const bytes = new Uint8Array(3);
    expect([file.read(bytes), Buffer.from(bytes).toString()]).toEqual([3, 'sec']);
  });

  test('says nothing when it is empty, was not there, or is closed', () => {
    const path = join(directory, 'empty');
    writeFileSync(path, '');
    const file = new KeptFile(path);
    expect([file.read(new Uint8Array(8)), file.readLine()]).toEqual([0, undefined]);
    file[Symbol.dispose]();
    file[Symbol.dispose]();
    expect([file.read(new Uint8Array(8)), file.readLine()]).toEqual(['refused', undefined]);
    using absent = new KeptFile(join(directory, 'absent'));
    expect([absent.read(new Uint8Array(8)), absent.readLine()]).toEqual(['refused', undefined]);
  });

  test('tells that the thread has gone', async () => {
    const child = spawn('cat', { stdio: ['pipe', 'ignore', 'inherit'] });
    using file = new KeptFile(`/proc/${child.pid}/task/${child.pid}/stat`);
    expect(file.readLine()).toContain(`${child.pid} (`);
    child.stdin.end();
    await once(child, 'exit');
    expect([file.read(new Uint8Array(8)), file.readLine()]).toEqual(['gone', undefined]);
  });
});
