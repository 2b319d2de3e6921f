import { expect, test } from 'vitest';
import { loadLibc } from './libc.ts';
import { VmReadvRanges } from './vm-readv-ranges.ts';

const PAGE_BYTES = 4096;

test('VmReadvRanges answers where each range is, also of those that it reads as one', () => {
  const libc = loadLibc();
  if (libc === undefined) throw new RangeError('Cannot test: there is no FFI');
  const own = libc.allocate(4 * PAGE_BYTES);
  for (let at = 0; at < own.bytes.length; at += 1) own.bytes[at] = (at * 7 + (at >> 8)) & 0xff;
  const start = Number(own.address);
  const page = Math.ceil(start / PAGE_BYTES) * PAGE_BYTES - start;
  const ranges = [
    // Close by, behind one another, on one page; the last one again, as who reads it twice needs two copies.
    [page, 24],
    [page + 24, 8],
    [page + 208, 16],
    [page + 208, 16],
    // Before the last one, too far from it, and over the end of the page.
    [page + 64, 8],
    [page + 3000, 8],
    [page + 4080, 32],
    // On the next page, whole, and the word behind it.
    [page + PAGE_BYTES, PAGE_BYTES],
    [page + 2 * PAGE_BYTES, 8],
  ] as const;
  const reader = new VmReadvRanges(process.pid, libc);
  for (let round = 0; round < 2; round += 1) {
    reader.clear();
    const places = ranges.map(([at, size]) => reader.plan(start + at, size));
    expect(new Set(places).size).toBe(ranges.length);
    expect(reader.fill()).toBe(reader.plannedBytes);
    for (const [index, [at, size]] of ranges.entries()) {
      const place = places[index] ?? 0;
      expect(reader.bytes.slice(place, place + size)).toEqual(own.bytes.slice(at, at + size));
    }
  }
});
