import fc from 'fast-check';
import { expect, test } from 'vitest';
import { cases } from '../../test/support/fuzzing.ts';
import { TestMemory } from '../../test/support/test-memory.ts';
import { type Address, type AddressRange, toAddress } from './address.ts';
import { UnreadableMemoryError } from './errors.ts';
import { PageCache } from './page-cache.ts';
import type { Memory } from './ports.ts';

const PAGE = 4096;
const BASE = 0x7f00_0000_0000;

/** Memory that remembers what it was asked for. */
class WatchedMemory implements Memory {
  readonly #memory: Memory;
  readonly asked: (readonly AddressRange[])[] = [];

  constructor(memory: Memory) {
    this.#memory = memory;
  }

  read(address: Address, sizeBytes: number): Uint8Array {
    this.asked.push([{ address, sizeBytes }]);
    return this.#memory.read(address, sizeBytes);
  }

  readMany(ranges: readonly AddressRange[]): readonly (Uint8Array | undefined)[] {
    this.asked.push([...ranges]);
    return this.#memory.readMany(ranges);
  }
}

function at(offset: number, sizeBytes = PAGE): AddressRange {
  return { address: toAddress(BASE + offset), sizeBytes };
}

/** Bytes that differ from page to page and inside a page. */
function content(sizeBytes: number): Uint8Array {
  return Uint8Array.from({ length: sizeBytes }, (_, index) => (index * 31 + (index >> 12) * 7) & 0xff);
}

/** A cache over `pages` mapped pages at BASE, with nothing around them. */
function cacheOver(
  pages: number,
  maxBytes?: number,
): { cache: PageCache; below: WatchedMemory; bytes: Uint8Array } {
  const bytes = content(pages * PAGE);
  const below = new WatchedMemory(new TestMemory().map(BASE, bytes));
  return { cache: new PageCache(below, maxBytes === undefined ? {} : { maxBytes }), below, bytes };
}

test('read() asks for a page once', () => {
  const { cache, below, bytes } = cacheOver(1);
  expect(cache.read(at(8).address, 8)).toEqual(bytes.subarray(8, 16));
  expect(cache.read(at(100).address, 50)).toEqual(bytes.subarray(100, 150));
  expect(cache.read(at(0).address, PAGE)).toEqual(bytes);
  expect(below.asked).toEqual([[at(0)]]);
  expect(cache.readsBelow).toBe(1);
});

test('read() inside a page gives a view of it', () => {
  const { cache } = cacheOver(1);
  expect(cache.read(at(8).address, 8).buffer).toBe(cache.read(at(512).address, 16).buffer);
});

test('read() across pages asks for all that are missing at once', () => {
  const { cache, below, bytes } = cacheOver(4);
  cache.read(at(PAGE).address, 1);
  expect(cache.read(at(10).address, 3 * PAGE)).toEqual(bytes.subarray(10, 10 + 3 * PAGE));
  expect(below.asked).toEqual([[at(PAGE)], [at(0), at(2 * PAGE), at(3 * PAGE)]]);
});

test('read() of more than 64 KiB goes past the cache', () => {
  const { cache, below, bytes } = cacheOver(20);
  const { address, sizeBytes } = at(1, 65_537);
  expect(textOf(cache.read(address, sizeBytes))).toBe(textOf(bytes.subarray(1, 65_538)));
  expect(textOf(cache.read(address, sizeBytes))).toBe(textOf(bytes.subarray(1, 65_538)));
  expect(below.asked).toEqual([[at(1, 65_537)], [at(1, 65_537)]]);
  expect(cache.keptPages).toBe(0);
});

test('read() of 64 KiB goes through the cache', () => {
  const { cache, bytes } = cacheOver(20);
  expect(textOf(cache.read(at(1).address, 65_536))).toBe(textOf(bytes.subarray(1, 65_537)));
  expect(cache.keptPages).toBe(17);
});

test.each([
  [8, 8],
  [PAGE - 4, 8],
  [0, 65_537],
])('read() names the address that it could not read (offset %i, %i bytes)', (offset, sizeBytes) => {
  const { cache } = cacheOver(1);
  const address = toAddress(BASE + (offset === 8 ? PAGE : 0) + offset);
  expect(() => cache.read(address, sizeBytes)).toThrow(new UnreadableMemoryError(address, sizeBytes));
});

test('read() does not ask again for a page that could not be read', () => {
  const { cache, below } = cacheOver(1);
  for (let round = 0; round < 3; round += 1) {
    expect(() => cache.read(at(PAGE + 8).address, 8)).toThrow(UnreadableMemoryError);
    expect(() => cache.read(at(PAGE - 8).address, 16)).toThrow(UnreadableMemoryError);
    cache.prefetch([at(PAGE)]);
  }
  expect(below.asked).toEqual([[at(PAGE)], [at(0)]]);
});

test('read() of nothing is empty, wherever it is', () => {
  const { cache, below } = cacheOver(1);
  expect(cache.read(at(9 * PAGE).address, 0)).toEqual(new Uint8Array());
  expect(below.asked).toEqual([]);
});

test.each([-1, -5000, Number.NaN])(
  'read() of %d bytes, as torn memory may want them, is unreadable',
  (sizeBytes) => {
    const { cache, below } = cacheOver(2);
    expect(() => cache.read(at(PAGE + 16).address, sizeBytes)).toThrow(UnreadableMemoryError);
    expect(cache.readMany([at(PAGE + 16, sizeBytes)])).toEqual([undefined]);
    expect(below.asked).toEqual([]);
  },
);

test('read() over the end of all addresses is unreadable', () => {
  const { cache } = cacheOver(1);
  const address = toAddress(2 ** 53 - 8);
  expect(() => cache.read(address, 8)).toThrow(new UnreadableMemoryError(address, 8));
  expect(() => cache.read(address, 16)).toThrow(new UnreadableMemoryError(address, 16));
  expect(cache.readMany([{ address, sizeBytes: 16 }])).toEqual([undefined]);
});

test('readMany() asks once for missing pages and large ranges, and answers in order', () => {
  const { cache, below, bytes } = cacheOver(20);
  cache.read(at(0).address, 1);
  const ranges = [
    at(0, 70_000),
    at(16, 16),
    at(99 * PAGE, 8),
    at(PAGE - 8, 16),
    at(5, 70_000),
    at(30 * PAGE, 70_000),
  ];
  expect(cache.readMany(ranges).map(textOf)).toEqual([
    textOf(bytes.subarray(0, 70_000)),
    textOf(bytes.subarray(16, 32)),
    undefined,
    textOf(bytes.subarray(PAGE - 8, PAGE + 8)),
    textOf(bytes.subarray(5, 70_005)),
    undefined,
  ]);
  expect(below.asked.slice(1)).toEqual([
    [at(99 * PAGE), at(PAGE), at(0, 70_000), at(5, 70_000), at(30 * PAGE, 70_000)],
  ]);
});

test('readMany() of what is there asks for nothing', () => {
  const { cache } = cacheOver(2);
  cache.readMany([at(0, 8), at(PAGE, 8)]);
  cache.readMany([at(8, 8), at(PAGE - 4, 8)]);
  cache.readMany([]);
  expect(cache.readsBelow).toBe(1);
});

test('prefetch() reads the missing pages of all ranges at once', () => {
  const { cache, below } = cacheOver(6);
  cache.read(at(PAGE).address, 1);
  cache.prefetch([at(10, PAGE), at(3 * PAGE + 5, 1), at(20, 30), at(3 * PAGE, 2 * PAGE)]);
  expect(below.asked.slice(1)).toEqual([[at(0), at(3 * PAGE), at(4 * PAGE)]]);
  cache.read(at(0).address, 8);
  cache.read(at(4 * PAGE).address, 8);
  expect(cache.readsBelow).toBe(2);
});

test('prefetch() of an endless range reads half of what the cache may hold', () => {
  const { cache } = cacheOver(100, 20 * PAGE);
  cache.prefetch([{ address: toAddress(BASE), sizeBytes: 2 ** 52 }]);
  expect([cache.keptPages, cache.readsBelow]).toEqual([10, 1]);
});

test('touchedPages() are the readable pages that were read from, not those only prefetched', () => {
  const { cache } = cacheOver(6);
  cache.prefetch([at(0, 6 * PAGE)]);
  cache.read(at(2 * PAGE - 4).address, 8);
  cache.readMany([at(5 * PAGE, 8), at(7 * PAGE, 8)]);
  expect(cache.touchedPages()).toEqual([at(PAGE), at(2 * PAGE), at(5 * PAGE)]);
});

test('holdsSame() tells whether pages that were read from have changed since', () => {
  const memory = new TestMemory().map(BASE, content(4 * PAGE));
  const cache = new PageCache(memory);
  cache.read(at(PAGE + 8).address, 8);
  const before = cache.touchedBytes() ?? new Map();
  const look = (): boolean => {
    cache.clear();
    cache.prefetch([at(0, 4 * PAGE)]);
    return cache.holdsSame(before);
  };
  expect(cache.holdsSame(before)).toBe(true);
  memory.map(BASE + 3 * PAGE, new Uint8Array(PAGE));
  expect(look()).toBe(true);
  memory.map(BASE + PAGE, content(PAGE).fill(7, 500, 501));
  expect(look()).toBe(false);
  cache.clear();
  expect(cache.holdsSame(before)).toBe(false);
});

test('touchedBytes() has no answer when something that was read is not kept', () => {
  const { cache } = cacheOver(40, 4 * PAGE);
  cache.read(at(0).address, 32 * PAGE);
  expect(cache.touchedBytes()).toBeUndefined();
  cache.clear();
  for (let page = 0; page < 3; page += 1) cache.read(at(page * PAGE).address, 8);
  expect(cache.touchedBytes()?.size).toBe(3);
  for (let page = 3; page < 12; page += 1) cache.read(at(page * PAGE).address, 8);
  expect(cache.touchedBytes()).toBeUndefined();
});

test('touchedPages() of one look let the next one do with one read below', () => {
  const { cache } = cacheOver(50);
  const look = () => {
    for (let offset = 0; offset < 50 * PAGE; offset += 3 * PAGE + 8) cache.read(at(offset).address, 8);
  };
  look();
  const pages = cache.touchedPages();
  expect(pages).toHaveLength(cache.readsBelow);
  cache.clear();
  const before = cache.readsBelow;
  cache.prefetch(pages);
  look();
  expect(cache.readsBelow).toBe(before + 1);
});

test('askKept() answers from what is kept, and reads nothing', () => {
  const watched = new WatchedMemory(new TestMemory().map(BASE, content(4 * PAGE)));
  const cache = new PageCache(watched);
  cache.prefetch([at(0, 2 * PAGE)]);
  const before = watched.asked.length;
  expect(cache.askKept(() => cache.read(at(PAGE - 2, 4).address, 4))).toEqual(
    content(4 * PAGE).subarray(PAGE - 2, PAGE + 2),
  );
  expect(cache.askKept(() => cache.readMany([at(5, 1)]))).toHaveLength(1);
  expect(watched.asked.length).toBe(before);
});

test('missedPages() tells what the last question lacked', () => {
  const cache = new PageCache(new WatchedMemory(new TestMemory().map(BASE, content(8 * PAGE))));
  cache.prefetch([at(0)]);
  cache.askKept(() => cache.readMany([at(5), at(3 * PAGE, 1), at(PAGE - 1, 2)]));
  expect(cache.missedPages()).toEqual([at(PAGE), at(3 * PAGE)]);
  cache.askKept(() => cache.read(at(0).address, 1));
  expect(cache.missedPages()).toEqual([]);
});

test('askKept() answers undefined when a page or a large range is missing, whether or not the question noticed', () => {
  const watched = new WatchedMemory(new TestMemory().map(BASE, content(64 * PAGE)));
  const cache = new PageCache(watched);
  cache.prefetch([at(0)]);
  const before = watched.asked.length;
  expect(cache.askKept(() => cache.read(at(PAGE).address, 1))).toBeUndefined();
  expect(cache.askKept(() => cache.readMany([at(PAGE, 1)]).length)).toBeUndefined();
  expect(cache.askKept(() => cache.readMany([at(0, 17 * PAGE)]).length)).toBeUndefined();
  expect(watched.asked.length).toBe(before);
  expect(cache.read(at(PAGE).address, 2)).toEqual(content(2 * PAGE).subarray(PAGE, PAGE + 2));
});

test('askKept() takes a page that is known to be unreadable as read', () => {
  const cache = new PageCache(new TestMemory().map(BASE, content(PAGE)));
  cache.prefetch([at(0, 2 * PAGE)]);
  expect(cache.askKept(() => cache.readMany([at(PAGE, 1)]))).toEqual([undefined]);
  expect(() => cache.askKept(() => cache.read(at(PAGE).address, 1))).toThrow(UnreadableMemoryError);
});

test('clear() lets the next read see the memory as it is then', () => {
  const memory = new TestMemory().map(BASE, new Uint8Array(PAGE));
  const cache = new PageCache(memory);
  expect(cache.read(at(0).address, 1)).toEqual(Uint8Array.of(0));
  expect(() => cache.read(at(PAGE).address, 1)).toThrow(UnreadableMemoryError);
  memory.map(BASE, new Uint8Array(2 * PAGE).fill(7));
  expect(cache.read(at(0).address, 1)).toEqual(Uint8Array.of(0));
  cache.clear();
  expect(cache.touchedPages()).toEqual([]);
  expect([cache.read(at(0).address, 1), cache.read(at(PAGE).address, 1)]).toEqual([
    Uint8Array.of(7),
    Uint8Array.of(7),
  ]);
});

test('the cache stays within its size and keeps the pages that are used again and again', () => {
  const { cache } = cacheOver(200, 20 * PAGE);
  let unusual = 0;
  for (let page = 1; page < 200; page += 1) {
    const before = cache.readsBelow;
    cache.read(at(0).address, 8);
    if (page > 1) unusual += cache.readsBelow - before;
    cache.read(at(page * PAGE).address, 8);
    expect(cache.keptPages).toBeLessThanOrEqual(20);
  }
  expect(unusual).toBe(0);
});

test('pages that were prefetched survive reads of other pages', () => {
  const { cache } = cacheOver(200, 20 * PAGE);
  cache.prefetch([at(0, 8 * PAGE)]);
  for (let page = 100; page < 108; page += 1) cache.read(at(page * PAGE).address, 8);
  const before = cache.readsBelow;
  for (let page = 0; page < 8; page += 1) cache.read(at(page * PAGE).address, 8);
  expect(cache.readsBelow).toBe(before);
});

test('the cache remembers a bounded number of unreadable pages', () => {
  const { cache } = cacheOver(1, 4 * PAGE);
  for (let page = 1; page < 100; page += 1) expect(() => cache.read(at(page * PAGE).address, 8)).toThrow();
  expect(() => cache.read(at(PAGE).address, 8)).toThrow(UnreadableMemoryError);
  expect(cache.readsBelow).toBe(100);
});

/** Mapped and unmapped pages side by side, and what is asked of them: single reads, many at once, forgetting. */
const layout = fc.array(fc.boolean(), { minLength: 1, maxLength: 40 });
const range = fc
  .tuple(
    fc.integer({ min: 0, max: 42 * PAGE }),
    fc.oneof(
      fc.nat(16),
      fc.nat(3 * PAGE),
      fc.integer({ min: 65_000, max: 66_000 }),
      fc.constantFrom(0, PAGE, 2 * PAGE),
    ),
  )
  .map(([offset, sizeBytes]) => at(offset, sizeBytes));
const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 6, arbitrary: fc.record({ do: fc.constant('read' as const), ranges: fc.tuple(range) }) },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant('readMany' as const), ranges: fc.array(range, { maxLength: 8 }) }),
  },
  {
    weight: 2,
    arbitrary: fc.record({ do: fc.constant('prefetch' as const), ranges: fc.array(range, { maxLength: 4 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant('clear' as const), ranges: fc.constant([]) }) },
);

test('the cache answers what the memory below answers', () => {
  fc.assert(
    fc.property(
      layout,
      fc.array(step, { maxLength: 60 }),
      fc.constantFrom(1, 2, 5, 18, 1000),
      (mapped, steps, maxPages) => {
        const direct = directMemory(mapped);
        const cache = new PageCache(direct, { maxBytes: maxPages * PAGE });
        for (const one of steps) {
          take(one, cache, direct);
          expect(cache.keptPages).toBeLessThanOrEqual(Math.max(2, maxPages));
        }
      },
    ),
    cases(150),
  );
});

interface Step {
  readonly do: 'read' | 'readMany' | 'prefetch' | 'clear';
  readonly ranges: readonly AddressRange[];
}

function take({ do: what, ranges }: Step, cache: PageCache, direct: Memory): void {
  switch (what) {
    case 'clear':
      cache.clear();
      break;
    case 'prefetch':
      cache.prefetch(ranges);
      break;
    case 'readMany':
      expect(cache.readMany(ranges).map(textOf)).toEqual(direct.readMany(ranges).map(textOf));
      break;
    case 'read':
      for (const one of ranges) sameRead(cache, direct, one);
  }
}

/** Bytes as text, which vitest compares a hundred times faster. */
function textOf(bytes: Uint8Array | undefined): string | undefined {
  return bytes && Buffer.from(bytes).toString('latin1');
}

/** Reads as the kernel does: any range all of whose pages are mapped, and one of no bytes anywhere. */
function directMemory(mapped: readonly boolean[]): Memory {
  const bytes = content(mapped.length * PAGE);
  const readOne = ({ address, sizeBytes }: AddressRange): Uint8Array | undefined => {
    const start = address - BASE;
    if (sizeBytes === 0) return new Uint8Array();
    for (let page = Math.floor(start / PAGE); page * PAGE < start + sizeBytes; page += 1) {
      if (mapped[page] !== true) return undefined;
    }
    return bytes.subarray(start, start + sizeBytes);
  };
  return {
    read(address, sizeBytes) {
      const found = readOne({ address, sizeBytes });
      if (found === undefined) throw new UnreadableMemoryError(address, sizeBytes);
      return found;
    },
    readMany: (ranges) => ranges.map(readOne),
  };
}

function sameRead(cache: Memory, direct: Memory, { address, sizeBytes }: AddressRange): void {
  const attempt = (memory: Memory): string | undefined => {
    try {
      return textOf(memory.read(address, sizeBytes));
    } catch (error) {
      expect(error).toBeInstanceOf(UnreadableMemoryError);
      return String(error);
    }
  };
  expect(attempt(cache)).toEqual(attempt(direct));
}
