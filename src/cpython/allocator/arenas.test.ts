import { expect, test } from 'vitest';
import { type AddressRange, toAddress } from '../../base/address.ts';
import { UnreadableMemoryError } from '../../base/errors.ts';
import type { Memory } from '../../base/ports.ts';
import { HeapWords } from '../collector/heap-words.ts';
import { MEASURED_LAYOUTS } from '../layouts/generated/index.ts';
import { RULES } from '../layouts/rules.ts';
import { ArenaReader } from './arenas.ts';

const BASE = 0x7f00_0000_0000;
const LIST = BASE;
/** Not where a pool can begin: the first 4 KiB of the arena are lost. */
const ARENA = BASE + 0x1_0100;
const FIRST_POOL = BASE + 0x1_1000;
const POOL_BYTES = 4096;
const POOLS = 63;
/** Pools of 32 bytes have 126 blocks behind a head of 48. */
const BLOCK_BYTES = 32;

class Pages implements Memory {
  readonly bytes = Buffer.alloc(1 << 20);

  read(address: number, sizeBytes: number): Uint8Array {
    const at = address - BASE;
    if (at < 0 || at + sizeBytes > this.bytes.length)
      throw new UnreadableMemoryError(toAddress(address), sizeBytes);
    return this.bytes.subarray(at, at + sizeBytes);
  }

  readMany(ranges: readonly AddressRange[]): readonly (Uint8Array | undefined)[] {
    return ranges.map(({ address, sizeBytes }) => {
      const isThere = address >= BASE && address + sizeBytes <= BASE + this.bytes.length;
      return isThere ? this.read(address, sizeBytes) : undefined;
    });
  }

  word(address: number, value: number): void {
    this.bytes.writeBigUInt64LE(BigInt(value), address - BASE);
  }

  half(address: number, value: number): void {
    this.bytes.writeUInt32LE(value, address - BASE);
  }
}

function readerOf(fill: (pages: Pages) => void): ArenaReader {
  const measured = MEASURED_LAYOUTS['3.8']?.();
  const rules = RULES['3.8'];
  if (measured === undefined || rules === undefined) throw new TypeError('no layout');
  const layout = { ...measured, rules };
  const pages = new Pages();
  // The second place of the list is in use; of its pools three were ever used.
  const place = LIST + layout.arenas.sizeBytes;
  pages.word(place + layout.arenas.address, ARENA);
  pages.word(place + layout.arenas.untouched, FIRST_POOL + 3 * POOL_BYTES);
  pages.half(place + layout.arenas.poolCount, POOLS);
  for (const [number, blocks] of [100, 0, 126].entries()) {
    const pool = FIRST_POOL + number * POOL_BYTES;
    pages.half(pool + layout.pool.blockCount, blocks);
    pages.half(pool + layout.pool.arenaIndex, 1);
    pages.half(pool + layout.pool.lastOffset, POOL_BYTES - BLOCK_BYTES);
  }
  fill(pages);
  return new ArenaReader(new HeapWords(pages), layout);
}

test('ArenaReader tells used blocks from free ones, and free pools, used before or never', () => {
  const reader = readerOf(() => undefined);
  expect(reader.measure(LIST, 0, 3)).toEqual({
    sizes: {
      arenaCount: 1,
      sizeBytes: 64 * POOL_BYTES,
      blockCount: 226,
      usedBytes: 226 * BLOCK_BYTES,
      freeBlockBytes: 26 * BLOCK_BYTES,
      freePoolBytes: 61 * POOL_BYTES,
    },
    poolCount: 2,
    tornCount: 0,
  });
});

test.each<readonly [string, (pages: Pages) => void]>([
  ['lies in another arena', (pages) => pages.half(FIRST_POOL + 32, 7)],
  ['has more blocks than there is room for', (pages) => pages.half(FIRST_POOL, 127)],
  ['has blocks of a size that there is not', (pages) => pages.half(FIRST_POOL + 44, 12)],
])('ArenaReader counts a pool as torn that %s', (_, fill) => {
  const { sizes, poolCount, tornCount } = readerOf(fill).measure(LIST, 0, 3);
  expect([poolCount, tornCount, sizes.blockCount]).toEqual([1, 1, 126]);
});

test('ArenaReader believes no arena whose pools would lie outside of it', () => {
  const reader = readerOf((pages) => pages.word(LIST + 48 + 8, ARENA + (1 << 20)));
  expect(reader.measure(LIST, 0, 3)).toMatchObject({ sizes: { arenaCount: 0 }, tornCount: 1 });
});
