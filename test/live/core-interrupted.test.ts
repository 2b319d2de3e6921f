import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, watch, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from 'vitest';

const directory = mkdtempSync(join(tmpdir(), 'pyflight-interrupted-'));
const core = join(directory, 'core.zst');

/** A zstd frame of blocks that stand for 128 KiB of zeros each: 40 GB in a megabyte, for a minute of work. */
beforeAll(() => {
  const count = 320_000;
  const blockBytes = 128 << 10;
  const header = blockBytes * 8 + 2;
  const blocks = Buffer.alloc(count * 4);
  for (let at = 0; at < count; at += 1) {
    const isLast = at === count - 1 ? 1 : 0;
    blocks.writeUIntLE(header + isLast, at * 4, 3);
  }
  writeFileSync(core, Buffer.concat([Buffer.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0x50]), blocks]));
});

afterAll(() => rmSync(directory, { recursive: true }));

test.each([
  ['SIGINT', 130, null],
  ['SIGTERM', 143, null],
  ['SIGKILL', null, 'SIGKILL'],
] as const)('%s while a core is decompressed leaves nothing behind', async (signal, status, ending) => {
  const temporary = join(directory, signal);
  mkdirSync(temporary);
  const watcher = watch(temporary);
  let changes = once(watcher, 'change');
  const child = spawn(process.execPath, ['bin/pyflight.cjs', 'core', core], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'], TMPDIR: temporary },
  });
  let notes = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    notes += text;
  });
  const ends = once(child, 'close');
  // The file loses its name at once; until then nobody but its owner can remove it.
  do {
    await changes;
    changes = once(watcher, 'change');
  } while (readdirSync(temporary).length > 0);
  watcher.close();
  child.kill(signal);
  expect(await ends).toEqual([status, ending]);
  expect(readdirSync(temporary)).toEqual([]);
  if (ending === null) expect(notes).toContain(`Cannot decompress ${core}: it was called off`);
});
