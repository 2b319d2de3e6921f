import { mkdirSync, mkdtempSync, readdirSync, readlinkSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { writeXz } from '../../test/support/xz-writer.ts';
import { openCoreSource } from './core-source.ts';

let directory = '';
beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'pyflight-core-source-'));
});
afterAll(() => rmSync(directory, { recursive: true }));

const CORE = Buffer.concat([Buffer.from('a core '), Buffer.alloc(100_000), Buffer.from('of a process')]);

/** Frames whose blocks are stored as they are: header, then each block with its size, then the end. */
function lz4Of(bytes: Uint8Array): Uint8Array {
  const blocks: Uint8Array[] = [Uint8Array.from([0x04, 0x22, 0x4d, 0x18, 0x60, 0x40, 0])];
  for (let at = 0; at < bytes.length; at += 65536) {
    const block = bytes.subarray(at, at + 65536);
    blocks.push(Uint8Array.from([block.length, block.length >> 8, block.length >> 16, 0x80]), block);
  }
  return Buffer.concat([...blocks, new Uint8Array(4)]);
}

function zstdOf(bytes: Uint8Array): Uint8Array {
  const blocks: Uint8Array[] = [Uint8Array.from([0x28, 0xb5, 0x2f, 0xfd, 0, 0x50])];
  for (let at = 0; at < bytes.length; at += 65536) {
    const block = bytes.subarray(at, at + 65536);
    const header = block.length * 8 + (at + 65536 >= bytes.length ? 1 : 0);
    blocks.push(Uint8Array.from([header, header >> 8, header >> 16]), block);
  }
  return Buffer.concat(blocks);
}

const COMPRESSED = {
  gzip: gzipSync(CORE),
  lz4: lz4Of(CORE),
  xz: writeXz({ blocks: [CORE] }),
  zstd: zstdOf(CORE),
};

function fileOf(name: string, bytes: Uint8Array): string {
  const path = join(directory, name);
  writeFileSync(path, bytes);
  return path;
}

for (const [compression, bytes] of Object.entries(COMPRESSED)) {
  // What xz-writer leaves out behind the last block is missing from a whole stream too.
  const isWhole = compression !== 'xz';

  test(`openCoreSource() decompresses ${compression} to a file that has no name and as few blocks as it can`, async () => {
    const temporary = join(directory, `temporary-${compression}`);
    mkdirSync(temporary);
    using core = await openCoreSource(fileOf(compression, bytes), { directory: temporary });
    expect(core.compression).toBe(compression);
    expect(core.problem === undefined).toBe(isWhole);
    expect(core.source.sizeBytes).toBe(CORE.length);
    expect(Buffer.from(core.source.read(0, CORE.length)).equals(CORE)).toBe(true);
    expect(readdirSync(temporary)).toEqual([]);
  });

  test(`openCoreSource() gives what is there of ${compression} that is cut off, and says so`, async () => {
    const path = fileOf(`cut-${compression}`, bytes.subarray(0, compression === 'gzip' ? 100 : 80_000));
    using core = await openCoreSource(path);
    expect(core.source.sizeBytes).toBeGreaterThan(0);
    expect(core.source.sizeBytes).toBeLessThan(CORE.length);
    expect(Buffer.from(core.source.read(0, 20))).toEqual(CORE.subarray(0, 20));
    // zlib takes what is cut off for whole; the headers of the core tell that bytes are missing.
    expect(core.problem === undefined).toBe(compression === 'gzip');
  });

  test(`openCoreSource() refuses ${compression} that becomes larger than it may`, async () => {
    const path = fileOf(compression, bytes);
    await expect(openCoreSource(path, { directory, maxBytes: 1000 })).rejects.toThrow(
      `Cannot write ${directory}: ${path} has more than the 1000 bytes that it may take`,
    );
  });
}

test('openCoreSource() opens a core that is not compressed as it is', async () => {
  using core = await openCoreSource(fileOf('plain', CORE));
  expect(core.compression).toBeUndefined();
  expect(core.source.sizeBytes).toBe(CORE.length);
});

test('openCoreSource() tells how far it has come, and can be stopped', async () => {
  const path = fileOf('large', gzipSync(Buffer.alloc(40 << 20)));
  const written: number[] = [];
  using _core = await openCoreSource(path, { onProgress: ({ writtenBytes }) => written.push(writtenBytes) });
  expect(written.length).toBeGreaterThanOrEqual(4);
  const stop = new AbortController();
  const opening = openCoreSource(path, { onProgress: () => stop.abort(), signal: stop.signal });
  await expect(opening).rejects.toThrow(`Cannot decompress ${path}: it was called off`);
});

test('openCoreSource() makes holes of zeros', async () => {
  const temporary = join(directory, 'holes');
  mkdirSync(temporary);
  const path = fileOf('zeros', gzipSync(Buffer.concat([CORE, Buffer.alloc(40 << 20)])));
  using core = await openCoreSource(path, { directory: temporary });
  expect(core.source.sizeBytes).toBe(CORE.length + (40 << 20));
  const blocks = readdirSync('/proc/self/fd').flatMap((fd) => {
    const link = `/proc/self/fd/${fd}`;
    return isBelow(link, temporary) ? [statSync(link).blocks] : [];
  });
  expect(blocks).toHaveLength(1);
  expect((blocks[0] ?? 0) * 512).toBeLessThan(1 << 20);
});

/** Whether an open file lies in a directory, which it may have left; others are closed while we look. */
function isBelow(link: string, place: string): boolean {
  try {
    return readlinkSync(link).startsWith(place);
  } catch {
    return false;
  }
}

test.each([
  ['of which nothing can be decompressed', Buffer.from('1f8b0900ffffffffffff', 'hex'), 'gzip is damaged'],
  ['that is damaged', Buffer.from('04224d180000', 'hex'), 'lz4 is damaged'],
])('openCoreSource() refuses a file %s', async (_, bytes, message) => {
  await expect(openCoreSource(fileOf('damaged', bytes))).rejects.toThrow(message);
});

test.each([
  ['none', 'there is no such file'],
  ['', 'it is a directory'],
])('openCoreSource() refuses %j', async (name, state) => {
  const path = join(directory, name);
  await expect(openCoreSource(path)).rejects.toThrow(`Cannot read ${path}: ${state}`);
});
